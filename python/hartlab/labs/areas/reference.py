"""Areas with holes, in Python."""

FAILED = (1 << 64) - 1


def areas_of(k, p):
    """The areas in the list, by ascending address."""
    found, following = [], p.vm(0).next
    while following:
        found.append(k.struct("vma", following))
        following = found[-1].next
    return found


def mygrowproc(k, n):
    p = k.myproc()
    areas = areas_of(k, p)
    in_use = {area.address for area in areas}
    free = [p.vm(i) for i in range(1, k.NVMA) if p.vm(i).address not in in_use]
    if not 0 < n <= k.TRAPFRAME or not free:
        return FAILED
    length = k.PGROUNDUP(n)

    start, before = k.PGROUNDUP(p.sz), p.vm(0)
    for area in areas:
        if area.start - start >= length:
            break
        start, before = area.start + area.length, area
    if start + length > k.TRAPFRAME or k.myallocuvm(p.pagetable, start, start + length) != 0:
        return FAILED

    slot = free[0]
    slot.start, slot.length, slot.used = start, length, 1
    slot.perm = k.PTE_R | k.PTE_W | k.PTE_U
    slot.next, before.next = before.next, slot.address
    return start


def myreduceproc(k, start):
    p = k.myproc()
    before = p.vm(0)
    for area in areas_of(k, p):
        if area.start == start:
            k.mydeallocuvm(p.pagetable, start, start + area.length)
            before.next = area.next
            k.memset(area.address, 0, p.vm(2).address - p.vm(1).address)
            if p.asid:
                k.sfence_vma(None, p.asid)
            return 0
        before = area
    return -1
