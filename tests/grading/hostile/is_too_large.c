// Has variables that the linker finds room for, and the region for C code does not.
// score: 0
// says: do not fit beside the other C code
static char large[66000];

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return (pte_t *)&large[va % sizeof(large)]; }
