# fails: the stack lies above a guard page
# says: the guard page is mapped VRW-U and should be VRW--
# why: the page is there, but the user may touch it: what runs over the stack goes on unnoticed.


def uvmstack(k, pagetable, sz, npages):
    guard = k.PGROUNDUP(sz)
    return k.uvmalloc(pagetable, guard, guard + (npages + 1) * k.PGSIZE, k.PTE_W)
