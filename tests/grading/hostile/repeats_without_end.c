// Has the assembler repeat a line a thousand million times.
// score: 0
// says: the compiler was ended
__asm__(".rept 1000000000\n.quad 0\n.endr");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
