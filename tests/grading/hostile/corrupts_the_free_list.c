// Sets the allocator's list to nowhere.
// score: 0
// says: walk(root
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    kmem.freelist = (struct run *)0x1234;
    return 0;
}
