// Has code that would run before anybody looks.
// score: 0
// says: walk(root
static int done;

__attribute__((constructor)) static void before(void) { done = 20; }

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) { return done ? (pte_t *)1 : 0; }
