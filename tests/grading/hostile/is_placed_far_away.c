// Moves its code far away from where it belongs.
// score: 0
// says: invalid .org
__asm__(".section .text\n.org 0x7fffffff");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
