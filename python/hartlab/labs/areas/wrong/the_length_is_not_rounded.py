# fails: an area is made of zeroed pages
# says: which are no whole pages below TRAPFRAME
# why: the slot notes n bytes, where the area has whole pages; the next one begins in the middle of a page.


def mygrowproc(k, n):
    p = k.myproc()
    start, before = k.PGROUNDUP(p.sz), p.vm(0)
    while before.next:
        before = k.struct("vma", before.next)
        start = before.start + before.length
    if n == 0 or k.myallocuvm(p.pagetable, start, k.PGROUNDUP(start + n)) != 0:
        return (1 << 64) - 1
    slot = next(p.vm(i) for i in range(1, k.NVMA) if not p.vm(i).used)
    slot.start, slot.length, slot.used = start, n, 1
    slot.perm = k.PTE_R | k.PTE_W | k.PTE_U
    slot.next, before.next = 0, slot.address
    return start
