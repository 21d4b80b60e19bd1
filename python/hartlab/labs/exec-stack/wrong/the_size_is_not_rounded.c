// fails: the guard page begins at a page
// says: the size of the process is 0x2005 and should be 0x3000
// why: a program of 5 bytes ends in the middle of a page; uvmclear then takes that page from the user, and not the next.

uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages) {
    uint64 size = uvmalloc(pagetable, sz, sz + (npages + 1) * PGSIZE, PTE_W);
    if (size != 0)
        uvmclear(pagetable, sz);
    return size;
}
