"""Lazy sbrk, in Python."""


def pte_of(k, pagetable, va):
    """The address of a PTE, and the PTE; zeros where a table is missing."""
    address = k.walk(pagetable, va, False)
    return address, k.load64(address) if address else 0


def uncount(k, va, pa):
    if va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop:
        k.store32(k.references(pa), k.load32(k.references(pa)) - 1)


def vmfault(k, pagetable, va, read):
    if va >= k.myproc().sz or va >= k.MAXVA:
        return 0
    va = k.PGROUNDDOWN(va)
    if k.ismapped(pagetable, va):
        return 0
    page = k.kalloc()
    if not page:
        return 0
    k.memset(page, 0, k.PGSIZE)
    if k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_R | k.PTE_W | k.PTE_U) != 0:
        k.kfree(page)
        return 0
    return page


def uvmunmap(k, pagetable, va, npages, do_free):
    if va % k.PGSIZE:
        k.panic("uvmunmap: not aligned")
    for page in range(va, va + npages * k.PGSIZE, k.PGSIZE):
        address, pte = pte_of(k, pagetable, page)
        if not pte & k.PTE_V:
            continue
        uncount(k, page, k.PTE2PA(pte))
        if do_free:
            k.kfree(k.PTE2PA(pte))
        k.store64(address, 0)


def uvmcopy(k, old, new, sz):
    for va in range(0, sz, k.PGSIZE):
        _, pte = pte_of(k, old, va)
        if not pte & k.PTE_V:
            continue
        page = k.kalloc()
        if page:
            k.memmove(page, k.PTE2PA(pte), k.PGSIZE)
            if k.mappages(new, va, k.PGSIZE, page, k.PTE_FLAGS(pte)) == 0:
                continue
            k.kfree(page)
        k.uvmunmap(new, 0, va // k.PGSIZE, True)
        return -1
    return 0
