# fails: shrinkproc's fence spares other address spaces
# says: has lost
# why: one process shrinks, and every process starts with an empty TLB.


def shrinkproc(k, n):
    p = k.myproc()
    if n > p.sz:
        return -1
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    k.sfence_vma()
    return 0
