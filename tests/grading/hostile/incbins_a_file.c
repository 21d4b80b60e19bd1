// Has the assembler put the file in.
// score: 0
// says: Could not find incbin file
// held from: landlock
__asm__(".incbin \"/etc/passwd\"");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
