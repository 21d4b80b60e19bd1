// fails: walk makes no table unasked
// says: walk(root, 0x2000000000, 0) is 0x
// why: alloc is not looked at.

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    if (va >= MAXVA)
        panic("walk");
    for (int level = 2; level > 0; level--) {
        pte_t *pte = &pagetable[PX(level, va)];
        if (*pte & PTE_V) {
            pagetable = (pagetable_t)PTE2PA(*pte);
            continue;
        }
        if ((pagetable = kalloc()) == 0)
            return 0;
        memset(pagetable, 0, PGSIZE);
        *pte = PA2PTE(pagetable) | PTE_V;
    }
    return &pagetable[PX(0, va)];
}
