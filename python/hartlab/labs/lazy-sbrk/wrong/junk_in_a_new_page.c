// fails: a granted page appears when it is touched
// says: a new page is zeroed
// why: the page is handed out with what kalloc, or its last owner, left in it.

uint64 vmfault(pagetable_t pagetable, uint64 va, int read) {
    if (va >= myproc()->sz || va >= MAXVA)
        return 0;
    va = PGROUNDDOWN(va);
    if (ismapped(pagetable, va))
        return 0;
    char *page = kalloc();
    if (page == 0)
        return 0;
    if (mappages(pagetable, va, PGSIZE, (uint64)page, PTE_R | PTE_W | PTE_U) != 0) {
        kfree(page);
        return 0;
    }
    return (uint64)page;
}
