// mygrow.cpp and myuvm.cpp in C, with first fit.

static int listed(struct proc *p, struct vma *slot) {
    for (struct vma *area = p->vm[0].next; area; area = area->next) {
        if (area == slot)
            return 1;
    }
    return 0;
}

uint64 mygrowproc(uint64 n) {
    struct proc *p = myproc();
    struct vma *slot = 0;
    for (int i = NVMA - 1; i > 0; i--) {
        if (!listed(p, &p->vm[i]))
            slot = &p->vm[i];
    }
    if (n == 0 || n > TRAPFRAME || slot == 0)
        return -1;
    n = PGROUNDUP(n);

    struct vma *before = &p->vm[0];
    uint64 start = PGROUNDUP(p->sz);
    while (before->next && before->next->start - start < n) {
        before = before->next;
        start = before->start + before->length;
    }
    if (TRAPFRAME - start < n || myallocuvm(p->pagetable, start, start + n) != 0)
        return -1;
    slot->start = start;
    slot->length = n;
    slot->perm = PTE_R | PTE_W | PTE_U;
    slot->used = 1;
    slot->next = before->next;
    before->next = slot;
    return start;
}

int myreduceproc(uint64 start) {
    struct proc *p = myproc();
    for (struct vma *before = &p->vm[0]; before->next; before = before->next) {
        struct vma *area = before->next;
        if (area->start != start)
            continue;
        mydeallocuvm(p->pagetable, start, start + area->length);
        before->next = area->next;
        memset(area, 0, sizeof(*area));
        if (p->asid)
            sfence_vma_asid(p->asid);
        return 0;
    }
    return -1;
}

// How many of the two tables below the root are missing on the way to va.
static int missing_tables(pagetable_t pagetable, uint64 va) {
    for (int level = 2; level > 0; level--) {
        pte_t pte = pagetable[PX(level, va)];
        if ((pte & PTE_V) == 0)
            return level;
        pagetable = (pagetable_t)PTE2PA(pte);
    }
    return 0;
}

// Frees what is there of the lowest `count` tables on the way to va, the lower one first.
static void free_tables(pagetable_t pagetable, uint64 va, int count) {
    for (int level = 1; level <= count; level++) {
        pagetable_t table = pagetable;
        for (int above = 2; above > level && table; above--) {
            pte_t pte = table[PX(above, va)];
            table = pte & PTE_V ? (pagetable_t)PTE2PA(pte) : 0;
        }
        if (table == 0 || (table[PX(level, va)] & PTE_V) == 0)
            continue;
        void *page = (void *)PTE2PA(table[PX(level, va)]);
        table[PX(level, va)] = 0;
        kfree(page);
    }
}

#define STRETCH (PGSIZE * 512)  // what one table of the lowest level maps

int myallocuvm(pagetable_t pagetable, uint64 start, uint64 stop) {
    // Tables that were missing, for the first page and for each that begins a stretch. RAM of 1 GiB fills 512 stretches.
    static uchar missing[514];
    uint64 va;
    for (va = start; va < stop; va += PGSIZE) {
        int begins = va == start || va % STRETCH == 0;
        if (begins)
            missing[va / STRETCH - start / STRETCH] = missing_tables(pagetable, va);
        char *page = walk(pagetable, va, 1) ? kalloc() : 0;
        if (page == 0)
            break;
        memset(page, 0, PGSIZE);
        mappages(pagetable, va, PGSIZE, (uint64)page, PTE_R | PTE_W | PTE_U);
    }
    if (va >= stop)
        return 0;
    for (uint64 done = va;; done -= PGSIZE) {
        if (done < va)
            uvmunmap(pagetable, done, 1, 1);
        if (done == start || done % STRETCH == 0)
            free_tables(pagetable, done, missing[done / STRETCH - start / STRETCH]);
        if (done == start)
            return -1;
    }
}
