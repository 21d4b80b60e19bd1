// fails: kfree panics on what is no page
// says: there is no panic 'kfree'
// why: the address is not looked at.

void kfree(void *page) {
    struct run *freed = page;
    memset(page, 1, PGSIZE);
    freed->next = kmem.freelist;
    kmem.freelist = freed;
    kmem.free_pages += 1;
}
