// Has its code among the variables.
// score: 0
// says: walk, which is replaced
__attribute__((section(".data"))) pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
