// fails: cowfault refuses what fork did not share
// says: is 0 and should be -1: a read-only page
// why: PTE_COW is not looked at, so that a store to any read-only page succeeds.

int cowfault(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return -1;
    va = PGROUNDDOWN(va);
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0 || (*pte & PTE_U) == 0)
        return -1;
    uint64 shared = PTE2PA(*pte), flags = (PTE_FLAGS(*pte) & ~PTE_COW) | PTE_W;
    int *count = &reference_counts[(shared - KERNBASE) / PGSIZE];
    if (*count > 1) {
        char *page = kalloc();
        if (page == 0)
            return -1;
        memmove(page, (char *)shared, PGSIZE);
        reference_counts[((uint64)page - KERNBASE) / PGSIZE] = 1;
        *count -= 1;
        shared = (uint64)page;
    }
    *pte = PA2PTE(shared) | flags;
    sfence_vma_va(va);
    return 0;
}
