// fails: uvmcopy undoes what it did
// says: of the parent has changed
// why: the parent's pages are write-protected on the way, and stay so when fork then fails.

int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    for (uint64 va = 0; va < sz; va += PGSIZE) {
        pte_t *pte = walk(old, va, 0);
        if (pte == 0 || (*pte & PTE_V) == 0)
            continue;
        if (*pte & PTE_W)
            *pte = (*pte & ~PTE_W) | PTE_COW;
        if (mappages(new, va, PGSIZE, PTE2PA(*pte), PTE_FLAGS(*pte)) != 0) {
            uvmunmap(new, 0, va / PGSIZE, 1);
            return -1;
        }
    }
    sfence_vma();
    return 0;
}
