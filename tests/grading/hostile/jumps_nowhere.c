// Executes at an odd address.
// score: 0
// says: jump to nowhere
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    ((void (*)(void))0x12345)();
    return 0;
}
