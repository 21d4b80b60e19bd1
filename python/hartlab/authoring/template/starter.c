// kalloc and kfree: pages from a list, and back.
//
// kmem.freelist is the first free page, a struct run *, or 0; its member next is the next one. kmem.free_pages is how many
// there are.

// Takes the first page of the list. Its address, every byte of it 5; or 0 when the list is empty.
void *kalloc(void) {
    panic("kalloc: to be written");
}

// Puts a page in front of the list, after filling it with 1s. panic("kfree") when it is no page that kalloc can have given:
// not a multiple of PGSIZE, below end, or not below PHYSTOP.
void kfree(void *page) {
    panic("kfree: to be written");
}
