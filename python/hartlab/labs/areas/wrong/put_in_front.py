# fails: the list is in the order of addresses
# says: overlaps what lies below it, or is out of order
# why: a new area goes to the front of the list, wherever it lies.


def mygrowproc(k, n):
    p = k.myproc()
    areas, following = [], p.vm(0).next
    while following:
        areas.append(k.struct("vma", following))
        following = areas[-1].next
    areas.sort(key=lambda area: area.start)
    free = [p.vm(i) for i in range(1, k.NVMA) if not p.vm(i).used]
    length, start = k.PGROUNDUP(n), k.PGROUNDUP(p.sz)
    for area in areas:
        if area.start - start >= length:
            break
        start = area.start + area.length
    too_much = not 0 < n <= k.TRAPFRAME or start + length > k.TRAPFRAME
    if too_much or not free or k.myallocuvm(p.pagetable, start, start + length) != 0:
        return (1 << 64) - 1
    slot = free[0]
    slot.start, slot.length, slot.used = start, length, 1
    slot.perm = k.PTE_R | k.PTE_W | k.PTE_U
    slot.next, p.vm(0).next = p.vm(0).next, slot.address
    return start
