// Returns to where it was not called from.
// score: 0
// says: jump to nowhere
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    __asm__ volatile("li ra, 0x5554\nret");
    return 0;
}
