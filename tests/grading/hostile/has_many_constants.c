// Has more constants than the region for C code has room for.
// score: 0
// says: do not fit beside the other C code
const char many[130000] = {1};

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return (pte_t *)&many[va % sizeof(many)]; }
