// kalloc.cpp in C.

void kinit(void) { freerange(end, (void *)PHYSTOP); }

void freerange(void *start, void *stop) {
    for (char *page = (char *)PGROUNDUP((uint64)start); page + PGSIZE <= (char *)stop; page += PGSIZE)
        kfree(page);
}

void kfree(void *pa) {
    if ((uint64)pa % PGSIZE != 0 || (char *)pa < end || (uint64)pa >= PHYSTOP)
        panic("kfree");
    memset(pa, 1, PGSIZE);
    struct run *page = pa;
    acquire(&kmem.lock);
    page->next = kmem.freelist;
    kmem.freelist = page;
    kmem.free_pages++;
    release(&kmem.lock);
}

void *kalloc(void) {
    acquire(&kmem.lock);
    struct run *page = kmem.freelist;
    if (page) {
        kmem.freelist = page->next;
        kmem.free_pages--;
    }
    release(&kmem.lock);
    if (page)
        memset(page, 5, PGSIZE);
    return page;
}
