// Executes wfi, for ever.
// score: 0
// says: illegal instruction
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    while (1)
        __asm__ volatile("wfi");
    return 0;
}
