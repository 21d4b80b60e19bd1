// Changes its own code.
// score: 0
// says: cannot be written
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    *(volatile unsigned *)walk = 0x00008067;
    return 0;
}
