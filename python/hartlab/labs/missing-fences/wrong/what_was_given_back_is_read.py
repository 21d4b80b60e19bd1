# fails: memory that sbrk has taken back is gone
# says: since shrinkproc changed it without a fence
# why: the TLB still translates the pages: the process goes on reading frames that may be another's by now.


def shrinkproc(k, n):
    p = k.myproc()
    if n > p.sz:
        return -1
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    return 0
