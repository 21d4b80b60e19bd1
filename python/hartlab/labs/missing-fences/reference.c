// Missing fences, in C: each where the page table has just changed.

// Takes n bytes off the current process's memory.
int shrinkproc(int n) {
    struct proc *p = myproc();
    if ((uint)n > p->sz)
        return -1;
    p->sz = uvmdealloc(p->pagetable, p->sz, p->sz - (uint)n);
    sfence_vma_asid(p->asid);
    return 0;
}

// Gives back the area that begins at start.
int myreduceproc(uint64 start) {
    struct proc *p = myproc();
    for (struct vma *before = &p->vm[0]; before->next; before = before->next) {
        struct vma *area = before->next;
        if (area->start != start)
            continue;
        mydeallocuvm(p->pagetable, start, start + area->length);
        before->next = area->next;
        memset(area, 0, sizeof(*area));
        sfence_vma_asid(p->asid);
        return 0;
    }
    return -1;
}

// The flags of a page that fork shares.
static uint64 shared_flags(pte_t pte) {
    uint64 flags = PTE_FLAGS(pte);
    return flags & PTE_W ? (flags & ~PTE_W) | PTE_COW : flags;
}

// Shares the parent's pages with the child, write-protected.
int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    for (uint64 va = 0; va < sz; va += PGSIZE) {
        pte_t *pte = walk(old, va, 0);
        if (pte == 0 || (*pte & PTE_V) == 0)
            continue;
        if (mappages(new, va, PGSIZE, PTE2PA(*pte), shared_flags(*pte)) != 0) {
            uvmunmap(new, 0, va / PGSIZE, 1);
            return -1;
        }
    }
    for (uint64 va = 0; va < sz; va += PGSIZE) {
        pte_t *pte = walk(old, va, 0);
        if (pte && (*pte & PTE_V))
            *pte = PA2PTE(PTE2PA(*pte)) | shared_flags(*pte);
    }
    sfence_vma_asid(myproc()->asid);
    return 0;
}

// Makes a shared page the process's own. copyout calls it too, for the kernel's stores.
int cowfault(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return -1;
    va = PGROUNDDOWN(va);
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0 || (*pte & PTE_U) == 0 || (*pte & PTE_COW) == 0)
        return -1;
    uint64 page = PTE2PA(*pte), flags = (PTE_FLAGS(*pte) & ~PTE_COW) | PTE_W;
    int *count = &reference_counts[(page - KERNBASE) / PGSIZE];
    if (*count > 1) {
        char *copy = kalloc();
        if (copy == 0)
            return -1;
        memmove(copy, (char *)page, PGSIZE);
        *count -= 1;
        page = (uint64)copy;
        reference_counts[(page - KERNBASE) / PGSIZE] = 1;
    }
    *pte = PA2PTE(page) | flags;
    sfence_vma_va(va);
    return 0;
}
