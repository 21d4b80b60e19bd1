# fails: memory that growproc has taken back is gone
# says: since growproc changed it without a fence
# why: the fence stands in the branch in which nothing can be stale.


def growproc(k, n):
    p = k.myproc()
    size = p.sz
    if n > 0:
        if size + n > k.TRAPFRAME:
            return -1
        size = k.uvmalloc(p.pagetable, size, size + n, k.PTE_W)
        if not size:
            return -1
        k.sfence_vma(None, p.asid)
    elif n < 0:
        size = k.uvmdealloc(p.pagetable, size, size + n)
    p.sz = size
    return 0
