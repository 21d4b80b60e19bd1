// fails: a fence for one page spares the others
// says: has lost
// why: one page has changed, and all translations are forgotten.

int cowfault(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return -1;
    va = PGROUNDDOWN(va);
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0 || (*pte & PTE_U) == 0 || (*pte & PTE_COW) == 0)
        return -1;
    uint64 page = PTE2PA(*pte), flags = (PTE_FLAGS(*pte) & ~PTE_COW) | PTE_W;
    int *count = &reference_counts[(page - KERNBASE) / PGSIZE];
    if (*count > 1) {
        char *copy = kalloc();
        if (copy == 0)
            return -1;
        memmove(copy, (char *)page, PGSIZE);
        *count -= 1;
        page = (uint64)copy;
        reference_counts[(page - KERNBASE) / PGSIZE] = 1;
    }
    *pte = PA2PTE(page) | flags;
    sfence_vma();
    return 0;
}
