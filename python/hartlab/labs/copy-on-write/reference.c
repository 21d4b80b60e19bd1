// Copy-on-write fork, in C.

static int references(uint64 pa, int change) { return reference_counts[(pa - KERNBASE) / PGSIZE] += change; }

static int is_counted(uint64 va, uint64 pa) { return va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP; }

// The PTE of a page that is there; 0 for one that is not.
static pte_t *present(pagetable_t pagetable, uint64 va) {
    pte_t *pte = walk(pagetable, va, 0);
    return pte && (*pte & PTE_V) ? pte : 0;
}

static uint64 shared_flags(pte_t pte) {
    uint64 flags = PTE_FLAGS(pte);
    return flags & PTE_W ? (flags & ~PTE_W) | PTE_COW : flags;
}

int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    pte_t *pte;
    for (uint64 va = 0; va < sz; va += PGSIZE) {
        if ((pte = present(old, va)) == 0)
            continue;
        if (mappages(new, va, PGSIZE, PTE2PA(*pte), shared_flags(*pte)) != 0) {
            uvmunmap(new, 0, va / PGSIZE, 1);
            return -1;
        }
    }
    for (uint64 va = 0; va < sz; va += PGSIZE) {  // now nothing can fail any more
        if ((pte = present(old, va)) != 0)
            *pte = PA2PTE(PTE2PA(*pte)) | shared_flags(*pte);
    }
    sfence_vma();
    return 0;
}

int cowfault(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return -1;
    va = PGROUNDDOWN(va);
    pte_t *pte = present(pagetable, va);
    if (pte == 0 || (*pte & PTE_U) == 0 || (*pte & PTE_COW) == 0)
        return -1;
    uint64 shared = PTE2PA(*pte), own = shared, flags = (PTE_FLAGS(*pte) & ~PTE_COW) | PTE_W;
    if (references(shared, 0) > 1) {
        own = (uint64)kalloc();
        if (own == 0)
            return -1;
        memmove((char *)own, (char *)shared, PGSIZE);
        references(own, 1);
        references(shared, -1);
    }
    *pte = PA2PTE(own) | flags;
    sfence_vma_va(va);
    return 0;
}

int copyout(pagetable_t pagetable, uint64 dstva, char *source, uint64 len) {
    while (len > 0) {
        if (dstva >= MAXVA)
            return -1;
        uint64 page = PGROUNDDOWN(dstva), n = page + PGSIZE - dstva;
        if (walkaddr(pagetable, page) == 0 && vmfault(pagetable, page, 0) == 0)
            return -1;
        if ((*walk(pagetable, page, 0) & PTE_W) == 0 && cowfault(pagetable, page) != 0)
            return -1;
        if (n > len)
            n = len;
        memmove((char *)walkaddr(pagetable, page) + (dstva - page), source, n);
        dstva += n;
        source += n;
        len -= n;
    }
    return 0;
}

void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    if (va % PGSIZE != 0)
        panic("uvmunmap: not aligned");
    for (uint64 a = va; a < va + npages * PGSIZE; a += PGSIZE) {
        pte_t *pte = present(pagetable, a);
        if (pte == 0)
            continue;
        uint64 frame = PTE2PA(*pte);
        *pte = 0;
        int others = is_counted(a, frame) ? references(frame, -1) : 0;
        if (do_free && others == 0)
            kfree((void *)frame);
    }
}
