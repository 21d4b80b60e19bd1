// Executes mret.
// score: 0
// says: illegal instruction
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    __asm__ volatile("mret");
    return 0;
}
