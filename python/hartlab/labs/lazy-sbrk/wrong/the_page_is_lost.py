# fails: vmfault keeps nothing without memory
# says: 1 frame got lost
# why: when mappages finds no memory for a page-table page, the new page is not given back.


def vmfault(k, pagetable, va, read):
    if va >= k.myproc().sz or va >= k.MAXVA:
        return 0
    va = k.PGROUNDDOWN(va)
    if k.ismapped(pagetable, va):
        return 0
    page = k.kalloc()
    if not page:
        return 0
    k.memset(page, 0, k.PGSIZE)
    if k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_R | k.PTE_W | k.PTE_U) != 0:
        return 0
    return page
