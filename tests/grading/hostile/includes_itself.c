// Includes itself without end.
// score: 0
// says: In file included from includes_itself.c:4
#include __FILE__

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
