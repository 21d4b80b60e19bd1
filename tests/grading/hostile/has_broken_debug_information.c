// Has line numbers that mislead whoever reads them.
// score: 0
// says: wild store
__asm__(".section .debug_line\n.long 0xfffffff0\n.short 4\n.long 0xffffffff\n.zero 100000\n.section .debug_info\n.long 0xfffffff0\n.short 4\n.zero 1000\n.text");pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    *(volatile int *)0x5000 = 1;
    return 0;
}
