// Lazy sbrk, in C.

// The PTE of a page that is there; 0 for one that is not.
static pte_t *present(pagetable_t pagetable, uint64 va) {
    pte_t *pte = walk(pagetable, va, 0);
    return pte && (*pte & PTE_V) ? pte : 0;
}

static void uncount(uint64 va, uint64 pa) {
    if (va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP)
        reference_counts[(pa - KERNBASE) / PGSIZE] -= 1;
}

uint64 vmfault(pagetable_t pagetable, uint64 va, int read) {
    if (va >= myproc()->sz || va >= MAXVA)
        return 0;
    va = PGROUNDDOWN(va);
    if (ismapped(pagetable, va))
        return 0;
    char *page = kalloc();
    if (page == 0)
        return 0;
    memset(page, 0, PGSIZE);
    if (mappages(pagetable, va, PGSIZE, (uint64)page, PTE_R | PTE_W | PTE_U) != 0) {
        kfree(page);
        return 0;
    }
    return (uint64)page;
}

void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    if (va % PGSIZE != 0)
        panic("uvmunmap: not aligned");
    for (uint64 a = va; a < va + npages * PGSIZE; a += PGSIZE) {
        pte_t *pte = present(pagetable, a);
        if (pte == 0)
            continue;
        uint64 frame = PTE2PA(*pte);
        uncount(a, frame);
        if (do_free)
            kfree((void *)frame);
        *pte = 0;
    }
}

int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    for (uint64 va = 0; va < sz; va += PGSIZE) {
        pte_t *pte = present(old, va);
        if (pte == 0)
            continue;
        char *page = kalloc();
        if (page) {
            memmove(page, (char *)PTE2PA(*pte), PGSIZE);
            if (mappages(new, va, PGSIZE, (uint64)page, PTE_FLAGS(*pte)) == 0)
                continue;
            kfree(page);
        }
        uvmunmap(new, 0, va / PGSIZE, 1);
        return -1;
    }
    return 0;
}
