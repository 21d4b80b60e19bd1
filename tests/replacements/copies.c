// copy.cpp in C.

// The frame of a user page that may be written to; 0 when there is none.
static uint64 writable(pagetable_t pagetable, uint64 va) {
    uint64 pa = walkaddr(pagetable, va);
    if (pa == 0 && (pa = vmfault(pagetable, va, 0)) == 0)
        return 0;
    pte_t *pte = walk(pagetable, va, 0);
    if (pte == 0)
        return 0;
    if (*pte & PTE_W)
        return pa;
    return FORK_IS_COW && cowfault(pagetable, va) == 0 ? walkaddr(pagetable, va) : 0;
}

int copyout(pagetable_t pagetable, uint64 dstva, char *source, uint64 len) {
    while (len > 0) {
        uint64 page = PGROUNDDOWN(dstva), n = PGSIZE - (dstva - page);
        if (dstva >= MAXVA)
            return -1;
        uint64 pa = writable(pagetable, page);
        if (pa == 0)
            return -1;
        if (n > len)
            n = len;
        memmove((char *)pa + (dstva - page), source, n);
        len -= n;
        source += n;
        dstva = page + PGSIZE;
    }
    return 0;
}

int copyin(pagetable_t pagetable, char *destination, uint64 srcva, uint64 len) {
    while (len > 0) {
        uint64 page = PGROUNDDOWN(srcva), n = PGSIZE - (srcva - page);
        if (srcva >= MAXVA)
            return -1;
        uint64 pa = walkaddr(pagetable, page);
        if (pa == 0 && (pa = vmfault(pagetable, page, 1)) == 0)
            return -1;
        if (n > len)
            n = len;
        memmove(destination, (char *)pa + (srcva - page), n);
        len -= n;
        destination += n;
        srcva = page + PGSIZE;
    }
    return 0;
}

int copyinstr(pagetable_t pagetable, char *destination, uint64 srcva, uint64 max) {
    while (max > 0) {
        uint64 page = PGROUNDDOWN(srcva);
        uint64 pa = srcva < MAXVA ? walkaddr(pagetable, page) : 0;
        if (pa == 0)
            return -1;
        char *from = (char *)pa + (srcva - page);
        for (; srcva < page + PGSIZE && max > 0; srcva++, max--) {
            if ((*destination++ = *from++) == 0)
                return 0;
        }
    }
    return -1;
}
