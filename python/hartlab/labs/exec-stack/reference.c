// exec's stack, in C.

uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages) {
    uint64 guard = PGROUNDUP(sz);
    uint64 size = uvmalloc(pagetable, guard, guard + (npages + 1) * PGSIZE, PTE_W);
    if (size != 0)
        uvmclear(pagetable, guard);
    return size;
}

// Copies to the stack. Where to; 0 when there is no room.
static uint64 push(pagetable_t pagetable, uint64 sp, uint64 stackbase, void *source, uint64 length) {
    sp = (sp - length) & ~15UL;
    return sp >= stackbase && copyout(pagetable, sp, source, length) == 0 ? sp : 0;
}

uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) {
    uint64 ustack[MAXARG + 1];
    int argc = 0;
    for (; argv[argc]; argc++) {
        uint64 length = strlen(argv[argc]);
        if (argc == MAXARG || length >= PGSIZE)
            return 0;
        if ((sp = push(pagetable, sp, stackbase, argv[argc], length + 1)) == 0)
            return 0;
        ustack[argc] = sp;
    }
    ustack[argc] = 0;
    return push(pagetable, sp, stackbase, ustack, (argc + 1) * sizeof(uint64));
}
