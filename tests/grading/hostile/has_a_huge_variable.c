// Has a variable of a tebibyte.
// score: 0
// says: overlaps with .text
static char huge[1ull << 40];

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return (pte_t *)&huge[va]; }
