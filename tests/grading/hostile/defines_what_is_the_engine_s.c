// Defines the symbols that the linker puts in.
// score: 0
// says: duplicate symbol
void seam_stubs(void) {}
char end[1], etext[1], trampoline[1];

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
