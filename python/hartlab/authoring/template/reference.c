// kalloc and kfree, in C.

void *kalloc(void) {
    struct run *page = kmem.freelist;
    if (page) {
        kmem.freelist = page->next;
        kmem.free_pages -= 1;
        memset(page, 5, PGSIZE);
    }
    return page;
}

void kfree(void *page) {
    struct run *freed = page;
    if ((uint64)page % PGSIZE != 0 || (char *)page < end || (uint64)page >= PHYSTOP)
        panic("kfree");
    memset(page, 1, PGSIZE);
    freed->next = kmem.freelist;
    kmem.freelist = freed;
    kmem.free_pages += 1;
}
