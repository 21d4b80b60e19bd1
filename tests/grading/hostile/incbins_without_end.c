// Puts in a device that has no end.
// score: 0
// says: Could not find incbin file
// held from: landlock
__asm__(".incbin \"/dev/zero\"");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
