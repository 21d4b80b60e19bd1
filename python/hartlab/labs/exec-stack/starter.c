// exec's stack: where it is, and what main finds on it.
//
//   size      -> +--------------------+
//                | strings of argv    |
//                | argv[0] ... null   | <- sp, and a1: main's argv
//                | free               |
//   stackbase -> +--------------------+
//                | guard page, no U   |
//                +--------------------+ <- the program's end, rounded up

// Adds a guard page and, above it, npages of stack to user memory that ends at sz. sz may be anything: the guard page begins
// at the next page. uvmalloc(pagetable, oldsz, newsz, PTE_W) adds zeroed pages up to newsz and returns that, or 0 without
// memory; uvmclear(pagetable, va) takes a page away from the user. The new size, or 0 without memory.
uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages) {
    panic("uvmstack: to be written");
}

// Pushes the strings of argv, which ends with a null, and below them the array of their user addresses, which does so too.
// Whatever is pushed begins at a multiple of 16, as close below the last as that allows. copyout(pagetable, va, source,
// length) copies from kernel memory. The address of the array; 0 when there are more than MAXARG strings, when one is PGSIZE
// long or longer, when anything would lie below stackbase, or when copyout fails.
uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) {
    panic("pushargv: to be written");
}
