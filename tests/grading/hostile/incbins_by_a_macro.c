// Puts the directive together where no search would find it.
// score: 0
// says: Could not find incbin file
// held from: landlock
__asm__(".macro get name\n.inc\\()bin \"\\name\"\n.endm\nget /etc/passwd");

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
