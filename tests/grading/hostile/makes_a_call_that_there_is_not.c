// Asks the engine for function 4095.
// score: 0
// says: no such call
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    __asm__ volatile("li t0, 4095\necall" ::: "t0", "memory");
    return 0;
}
