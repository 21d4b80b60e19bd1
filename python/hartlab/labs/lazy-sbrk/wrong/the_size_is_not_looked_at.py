# fails: vmfault refuses what was not granted
# says: succeeds: the first address behind its memory
# why: any address gets a page, below the process's size or not: a wild store is not found out.


def vmfault(k, pagetable, va, read):
    if va >= k.MAXVA or k.ismapped(pagetable, va):
        return 0
    page = k.kalloc()
    if not page:
        return 0
    k.memset(page, 0, k.PGSIZE)
    if k.mappages(pagetable, k.PGROUNDDOWN(va), k.PGSIZE, page, k.PTE_R | k.PTE_W | k.PTE_U) != 0:
        k.kfree(page)
        return 0
    return page
