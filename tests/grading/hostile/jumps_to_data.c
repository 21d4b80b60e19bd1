// Executes what is no code.
// score: 0
// says: walk(root
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    static unsigned code[] = {0x00008067};
    ((void (*)(void))code)();
    return 0;
}
