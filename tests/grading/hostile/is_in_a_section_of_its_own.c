// Is where the linker throws things away.
// score: 0
// says: puts walk into a section
__attribute__((section(".comment"))) pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
