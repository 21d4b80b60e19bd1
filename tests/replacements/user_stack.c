// userstack.cpp in C.

uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages) {
    uint64 guard = PGROUNDUP(sz);
    uint64 size = uvmalloc(pagetable, guard, guard + (npages + 1) * PGSIZE, PTE_W);
    if (size)
        uvmclear(pagetable, guard);
    return size;
}

static int push(pagetable_t pagetable, uint64 *sp, uint64 stackbase, void *source, uint64 length) {
    *sp = (*sp - length) & ~15UL;
    return *sp >= stackbase && copyout(pagetable, *sp, source, length) == 0;
}

uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) {
    uint64 ustack[MAXARG + 1], argc = 0;
    for (; argv[argc]; argc++) {
        uint64 length = strlen(argv[argc]);
        if (argc == MAXARG || length >= PGSIZE || !push(pagetable, &sp, stackbase, argv[argc], length + 1))
            return 0;
        ustack[argc] = sp;
    }
    ustack[argc] = 0;
    // By way of the kernel's buffer, where the engine's own leaves it too.
    char *buffer = kernel_data.bio;
    memmove(buffer, ustack, (argc + 1) * sizeof(uint64));
    return push(pagetable, &sp, stackbase, buffer, (argc + 1) * sizeof(uint64)) ? sp : 0;
}
