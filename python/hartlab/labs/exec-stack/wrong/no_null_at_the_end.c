// fails: main's arguments are on the stack
// says: argv[4] is
// why: the array has no null behind its last string, where a program stops that does not look at argc.

uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) {
    uint64 ustack[MAXARG];
    int argc = 0;
    for (; argv[argc]; argc++) {
        uint64 length = strlen(argv[argc]) + 1;
        sp = (sp - length) & ~15UL;
        if (argc == MAXARG || sp < stackbase || copyout(pagetable, sp, argv[argc], length) != 0)
            return 0;
        ustack[argc] = sp;
    }
    sp = (sp - argc * sizeof(uint64)) & ~15UL;
    if (sp < stackbase || copyout(pagetable, sp, (char *)ustack, argc * sizeof(uint64)) != 0)
        return 0;
    return sp;
}
