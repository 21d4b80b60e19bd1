// Has the compiler show a file of the computer in its message.
// score: 0
// says: /etc/passwd'
// held from: landlock
#include "/etc/passwd"

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
