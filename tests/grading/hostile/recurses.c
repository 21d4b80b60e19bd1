// Calls itself without end.
// score: 0
// says: stack overflow
#pragma clang diagnostic ignored "-Winfinite-recursion"
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    volatile int keep[64];
    keep[0] = alloc;
    pte_t *found = walk(pagetable, va, keep[0]);
    return found + keep[0];
}
