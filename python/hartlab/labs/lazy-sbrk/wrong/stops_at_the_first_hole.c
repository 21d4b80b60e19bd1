// fails: uvmunmap passes over holes
// says: the list of pages that are there still is [1, 4, 512] and should be []
// why: the loop ends at the first page that is absent.

void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    if (va % PGSIZE != 0)
        panic("uvmunmap: not aligned");
    for (uint64 a = va; a < va + npages * PGSIZE; a += PGSIZE) {
        pte_t *pte = walk(pagetable, a, 0);
        if (pte == 0 || (*pte & PTE_V) == 0)
            return;
        uint64 frame = PTE2PA(*pte);
        if (a < TRAPFRAME)
            reference_counts[(frame - KERNBASE) / PGSIZE] -= 1;
        if (do_free)
            kfree((void *)frame);
        *pte = 0;
    }
}
