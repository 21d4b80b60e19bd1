// Frees the page table that it is given.
// score: 0
// says: walk(root
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    kfree(pagetable);
    return 0;
}
