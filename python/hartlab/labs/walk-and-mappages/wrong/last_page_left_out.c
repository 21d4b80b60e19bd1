// fails: mappages maps every page of a range
// says: the number mapped is 0 and should be 1
// why: the loop ends one page too soon.

int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm) {
    uint64 last = va + size - PGSIZE;
    for (; va < last; va += PGSIZE, pa += PGSIZE) {
        pte_t *pte = walk(pagetable, va, 1);
        if (pte == 0)
            return -1;
        if (*pte & PTE_V)
            panic("mappages: remap");
        *pte = PA2PTE(pa) | perm | PTE_V;
        if (va < TRAPFRAME && pagetable != kernel_pagetable)
            reference_counts[(pa - KERNBASE) / PGSIZE] += 1;
    }
    return 0;
}
