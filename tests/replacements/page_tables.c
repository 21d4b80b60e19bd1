// vm.cpp and kvm.cpp in C.

// Adds to the reference count of a frame that a user's page table maps; the new count.
static int count(pagetable_t pagetable, uint64 va, uint64 pa, int change) {
    if (va >= TRAPFRAME || pa < KERNBASE || pa >= PHYSTOP || pagetable == kernel_pagetable)
        return 0;
    return reference_counts[(pa - KERNBASE) / PGSIZE] += change;
}

pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    if (va >= MAXVA)
        panic("walk");
    for (int level = 2; level > 0; level--) {
        pte_t *pte = &pagetable[PX(level, va)];
        if (*pte & PTE_V) {
            if (PTE_LEAF(*pte))
                return pte;
            pagetable = (pagetable_t)PTE2PA(*pte);
            continue;
        }
        if (!alloc || (pagetable = kalloc()) == 0)
            return 0;
        memset(pagetable, 0, PGSIZE);
        *pte = PA2PTE(pagetable) | PTE_V;
    }
    return &pagetable[PX(0, va)];
}

uint64 walkaddr(pagetable_t pagetable, uint64 va) {
    if (va >= MAXVA)
        return 0;
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0 || (*pte & PTE_U) == 0)
        return 0;
    return PTE2PA(*pte);
}

int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm) {
    if (va % PGSIZE != 0)
        panic("mappages: va not aligned");
    if (size % PGSIZE != 0)
        panic("mappages: size not aligned");
    if (size == 0)
        panic("mappages: size");
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

int ismapped(pagetable_t pagetable, uint64 va) {
    pte_t *pte = walk(pagetable, va, 0);
    return pte != 0 && (*pte & PTE_V) != 0;
}

void kvmmap(pagetable_t pagetable, uint64 va, uint64 pa, uint64 size, uint64 perm) {
    if (mappages(pagetable, va, size, pa, perm) != 0)
        panic("kvmmap");
}

uint64 kvmpa(uint64 va) {
    pte_t *pte = walk(kernel_pagetable, va, 0);
    if (pte == 0 || (*pte & PTE_V) == 0)
        panic("kvmpa");
    return PTE2PA(*pte) + va % PGSIZE;
}

void proc_mapstacks(pagetable_t pagetable) {
    for (uint64 slot = 0; slot < NPROC; slot++) {
        char *page = kalloc();
        if (page == 0)
            panic("kalloc");
        kvmmap(pagetable, KSTACK(slot), (uint64)page, PGSIZE, PTE_R | PTE_W);
    }
}

void kvminit(void) {
    pagetable_t table = kalloc();
    if (table == 0)
        panic("kvminit");
    memset(table, 0, PGSIZE);
    kernel_pagetable = table;
    kvmmap(table, UART0, UART0, PGSIZE, PTE_R | PTE_W);
    kvmmap(table, VIRTIO0, VIRTIO0, PGSIZE, PTE_R | PTE_W);
    kvmmap(table, SEAM_STACK, SEAM_STACK, SEAM_STACK_SIZE + SEAM_DATA_SIZE, PTE_R | PTE_W);
    kvmmap(table, SEAM_TEXT, SEAM_TEXT, SEAM_TEXT_SIZE, PTE_R | PTE_X);
    kvmmap(table, PLIC, PLIC, PLIC_SIZE, PTE_R | PTE_W);
    kvmmap(table, KERNBASE, KERNBASE, ETEXT - KERNBASE, PTE_R | PTE_X);
    kvmmap(table, ETEXT, ETEXT, PHYSTOP - ETEXT, PTE_R | PTE_W);
    kvmmap(table, TRAMPOLINE, (uint64)trampoline, PGSIZE, PTE_R | PTE_X);
}

void kvminithart(void) {
    sfence_vma();
    w_satp(MAKE_SATP(kernel_pagetable));
    sfence_vma();
}
