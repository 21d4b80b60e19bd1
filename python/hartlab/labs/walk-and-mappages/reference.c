// walk and mappages, in C.

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    if (va >= MAXVA)
        panic("walk");
    for (int level = 2; level > 0; level--) {
        pte_t *pte = &pagetable[PX(level, va)];
        if (*pte & PTE_V) {
            pagetable = (pagetable_t)PTE2PA(*pte);
            continue;
        }
        pagetable = alloc ? kalloc() : 0;
        if (pagetable == 0)
            return 0;
        memset(pagetable, 0, PGSIZE);
        *pte = PA2PTE(pagetable) | PTE_V;
    }
    return &pagetable[PX(0, va)];
}

static void count(pagetable_t pagetable, uint64 va, uint64 pa, int change) {
    if (va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP && pagetable != kernel_pagetable)
        reference_counts[(pa - KERNBASE) / PGSIZE] += change;
}

int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm) {
    for (uint64 offset = 0; offset < size; offset += PGSIZE) {
        pte_t *pte = walk(pagetable, va + offset, 1);
        if (pte == 0) {
            while (offset > 0) {
                offset -= PGSIZE;
                *walk(pagetable, va + offset, 0) = 0;
                count(pagetable, va + offset, pa + offset, -1);
            }
            return -1;
        }
        if (*pte & PTE_V)
            panic("mappages: remap");
        *pte = PA2PTE(pa + offset) | perm | PTE_V;
        count(pagetable, va + offset, pa + offset, 1);
    }
    return 0;
}
