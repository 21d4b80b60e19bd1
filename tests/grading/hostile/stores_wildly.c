// Writes to where nothing is.
// score: 0
// says: wild store
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    *(volatile int *)0x5000 = 1;
    return 0;
}
