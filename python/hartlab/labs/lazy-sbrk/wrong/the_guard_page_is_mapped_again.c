// fails: vmfault refuses what was not granted
// says: mappages: remap
// why: the guard page lies below the size and is mapped, without U; a store to it ends in a panic of the kernel.

uint64 vmfault(pagetable_t pagetable, uint64 va, int read) {
    if (va >= myproc()->sz || va >= MAXVA)
        return 0;
    char *page = kalloc();
    if (page == 0)
        return 0;
    memset(page, 0, PGSIZE);
    if (mappages(pagetable, PGROUNDDOWN(va), PGSIZE, (uint64)page, PTE_R | PTE_W | PTE_U) != 0) {
        kfree(page);
        return 0;
    }
    return (uint64)page;
}
