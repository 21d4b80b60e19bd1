// Never returns.
// score: 0
// says: instructions
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    while (1)
        ;
    return 0;
}
