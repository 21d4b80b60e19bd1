// uvm.cpp, uvmcopy.cpp, vmfault.cpp, cow.cpp and grow.cpp in C.

static int count(pagetable_t pagetable, uint64 va, uint64 pa, int change) {
    if (va >= TRAPFRAME || pa < KERNBASE || pa >= PHYSTOP || pagetable == kernel_pagetable)
        return 0;
    return reference_counts[(pa - KERNBASE) / PGSIZE] += change;
}

// The first valid PTE of level 0 at or above *va and below stop, whose address *va becomes; 0 when there is none.
static pte_t *next_present(pagetable_t pagetable, uint64 *va, uint64 stop) {
    uint64 a = *va;
    if (stop > MAXVA)
        stop = MAXVA;
    while (a < stop) {
        pagetable_t table = pagetable;
        int level = 2;
        while (level > 0 && (table[PX(level, a)] & PTE_V)) {
            table = (pagetable_t)PTE2PA(table[PX(level, a)]);
            level--;
        }
        if (level == 0 && (table[PX(0, a)] & PTE_V)) {
            *va = a;
            return &table[PX(0, a)];
        }
        uint64 span = PGSIZE << (9 * level);  // what one entry of that level stands for
        a = (a | (span - 1)) + 1;
    }
    return 0;
}

pagetable_t uvmcreate(void) {
    pagetable_t table = kalloc();
    if (table)
        memset(table, 0, PGSIZE);
    return table;
}

static void first_page(pagetable_t pagetable, uchar *source, uint64 size) {
    char *page = kalloc();
    memset(page, 0, PGSIZE);
    mappages(pagetable, 0, PGSIZE, (uint64)page, PTE_W | PTE_R | PTE_X | PTE_U);
    memmove(page, source, size);
}

void uvminit(pagetable_t pagetable, uchar *source, uint64 size) {
    if (size >= PGSIZE)
        panic("inituvm: more than a page");
    first_page(pagetable, source, size);
}

void uvmfirst(pagetable_t pagetable, uchar *source, uint64 size) {
    if (size >= PGSIZE)
        panic("uvmfirst: more than a page");
    first_page(pagetable, source, size);
}

uint64 uvmalloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz, uint64 xperm) {
    if (newsz < oldsz)
        return oldsz;
    oldsz = PGROUNDUP(oldsz);
    for (uint64 a = oldsz; a < newsz; a += PGSIZE) {
        char *page = kalloc();
        if (page == 0) {
            uvmdealloc(pagetable, a, oldsz);
            return 0;
        }
        memset(page, 0, PGSIZE);
        if (mappages(pagetable, a, PGSIZE, (uint64)page, PTE_R | PTE_U | xperm) != 0) {
            kfree(page);
            uvmdealloc(pagetable, a, oldsz);
            return 0;
        }
    }
    return newsz;
}

uint64 uvmdealloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz) {
    if (newsz >= oldsz)
        return oldsz;
    if (PGROUNDUP(newsz) < PGROUNDUP(oldsz))
        uvmunmap(pagetable, PGROUNDUP(newsz), (PGROUNDUP(oldsz) - PGROUNDUP(newsz)) / PGSIZE, 1);
    return newsz;
}

void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    if (va % PGSIZE != 0)
        panic("uvmunmap: not aligned");
    uint64 stop = va + npages * PGSIZE;
    pte_t *pte;
    for (uint64 a = va; (pte = next_present(pagetable, &a, stop)) != 0; a += PGSIZE) {
        if (PTE_LEAF(*pte) == 0)
            panic("uvmunmap: not a leaf");
        uint64 frame = PTE2PA(*pte);
        *pte = 0;
        int others = count(pagetable, a, frame, -1);
        if (do_free && !(FORK_IS_COW && others))
            kfree((void *)frame);
    }
    if (npages != 0 && stop > MAXVA)
        panic("walk");
}

void uvmclear(pagetable_t pagetable, uint64 va) {
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0)
        panic("uvmclear");
    *pte &= ~PTE_U;
}

int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    uint64 stop = PGROUNDUP(sz), a;
    pte_t *pte;
    for (a = 0; (pte = next_present(old, &a, stop)) != 0; a += PGSIZE) {
        uint64 frame = PTE2PA(*pte), flags = PTE_FLAGS(*pte);
        if (FORK_IS_COW) {
            if (flags & PTE_W)
                flags = (flags & ~PTE_W) | PTE_COW;
        } else {
            char *page = kalloc();
            if (page == 0)
                goto undo;
            memmove(page, (char *)frame, PGSIZE);
            frame = (uint64)page;
        }
        if (mappages(new, a, PGSIZE, frame, flags) != 0) {
            if (!FORK_IS_COW)
                kfree((void *)frame);
            goto undo;
        }
    }
    if (FORK_IS_COW) {
        for (a = 0; (pte = next_present(old, &a, stop)) != 0; a += PGSIZE) {
            if (*pte & PTE_W)
                *pte = (*pte & ~PTE_W) | PTE_COW;
        }
        sfence_vma();
    }
    return 0;

undo:
    uvmunmap(new, 0, a / PGSIZE, 1);
    return -1;
}

void uvmfree(pagetable_t pagetable, uint64 sz) {
    if (sz > 0)
        uvmunmap(pagetable, 0, PGROUNDUP(sz) / PGSIZE, 1);
    freewalk(pagetable);
}

void freewalk(pagetable_t pagetable) {
    for (int i = 0; i < 512; i++) {
        pte_t pte = pagetable[i];
        if ((pte & PTE_V) == 0)
            continue;
        if (PTE_LEAF(pte))
            panic("freewalk: leaf");
        freewalk((pagetable_t)PTE2PA(pte));
        pagetable[i] = 0;
    }
    kfree(pagetable);
}

void mydeallocuvm(pagetable_t pagetable, uint64 start, uint64 stop) {
    if (stop > start)
        uvmunmap(pagetable, start, (stop - start) / PGSIZE, 1);
}

uint64 vmfault(pagetable_t pagetable, uint64 va, int read) {
    struct proc *p = myproc();
    if (p == 0 || va >= p->sz || va >= MAXVA)
        return 0;
    va = PGROUNDDOWN(va);
    if (ismapped(pagetable, va))
        return 0;
    char *page = kalloc();
    if (page == 0)
        return 0;
    memset(page, 0, PGSIZE);
    if (mappages(pagetable, va, PGSIZE, (uint64)page, PTE_W | PTE_U | PTE_R) != 0) {
        kfree(page);
        return 0;
    }
    return (uint64)page;
}

int cowfault(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return -1;
    va = PGROUNDDOWN(va);
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0 || (*pte & PTE_U) == 0)
        return -1;
    if (*pte & PTE_W)
        return 0;
    if ((*pte & PTE_COW) == 0)
        return -1;
    uint64 shared = PTE2PA(*pte), flags = (PTE_FLAGS(*pte) & ~PTE_COW) | PTE_W;
    if (reference_counts[(shared - KERNBASE) / PGSIZE] <= 1) {
        *pte = PA2PTE(shared) | flags;
    } else {
        char *page = kalloc();
        if (page == 0)
            return -1;
        memmove(page, (char *)shared, PGSIZE);
        *pte = PA2PTE(page) | flags;
        count(pagetable, va, (uint64)page, 1);
        count(pagetable, va, shared, -1);
    }
    sfence_vma_va(va);
    return 0;
}

int growproc(int n) {
    struct proc *p = myproc();
    if (n > 0) {
        uint64 limit = p->vm[0].next ? p->vm[0].next->start : TRAPFRAME;
        if (p->sz + n > limit)
            return fail("growproc: too much");
        uint64 size = uvmalloc(p->pagetable, p->sz, p->sz + n, PTE_W);
        if (size == 0)
            return fail("growproc: no memory");
        p->sz = size;
    } else if (n < 0) {
        p->sz = uvmdealloc(p->pagetable, p->sz, p->sz + n);
        if (p->asid)
            sfence_vma_asid(p->asid);
    }
    return 0;
}

int shrinkproc(int n) {
    struct proc *p = myproc();
    if ((uint)n > p->sz)
        return fail("shrinkproc: not so many");
    p->sz = uvmdealloc(p->pagetable, p->sz, p->sz - (uint)n);
    if (p->asid)
        sfence_vma_asid(p->asid);
    return 0;
}
