// Has the compiler read the hidden checks as C.
// score: 0
// says: file not found
#include "../../python/hartlab/labs/walk-and-mappages/checks.py"

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
