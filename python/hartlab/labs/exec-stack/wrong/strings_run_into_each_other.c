// fails: main's arguments are on the stack
// says: argv[1] is 'sixteen letters.program' and should be 'sixteen letters.'
// why: the zero byte at the end of each string is not copied, and no room is left for it.

uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) {
    uint64 ustack[MAXARG + 1];
    int argc = 0;
    for (; argv[argc]; argc++) {
        uint64 length = strlen(argv[argc]);
        sp = (sp - length) & ~15UL;
        if (argc == MAXARG || sp < stackbase || copyout(pagetable, sp, argv[argc], length) != 0)
            return 0;
        ustack[argc] = sp;
    }
    ustack[argc] = 0;
    sp = (sp - (argc + 1) * sizeof(uint64)) & ~15UL;
    if (sp < stackbase || copyout(pagetable, sp, (char *)ustack, (argc + 1) * sizeof(uint64)) != 0)
        return 0;
    return sp;
}
