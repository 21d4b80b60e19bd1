// fails: what the kernel copies out is seen
// says: since cowfault changed it without a fence
// why: after copyout has made a copy, the process still reads the frame that it shared before.

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
    return 0;
}
