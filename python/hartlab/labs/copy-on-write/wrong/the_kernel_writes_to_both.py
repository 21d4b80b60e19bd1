# fails: copyout writes to a copy
# says: the parent's page is not the child's to change
# why: copyout finds the frame by walkaddr, which does not ask for PTE_W: the kernel's stores do not fault.


def copyout(k, pagetable, dstva, source, length):
    while length > 0:
        if dstva >= k.MAXVA:
            return -1
        page = k.PGROUNDDOWN(dstva)
        frame = k.walkaddr(pagetable, page) or k.vmfault(pagetable, page, False)
        if not frame:
            return -1
        n = min(length, page + k.PGSIZE - dstva)
        k.memmove(frame + dstva - page, source, n)
        dstva, source, length = dstva + n, source + n, length - n
    return 0
