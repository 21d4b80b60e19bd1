"""Copy-on-write fork, in Python."""


def references(k, pa, change=0):
    now = k.load32(k.references(pa)) + change
    k.store32(k.references(pa), now)
    return now


def is_counted(k, va, pa):
    return va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop


def pte_of(k, pagetable, va):
    """The address of a PTE, and the PTE; zeros where a table is missing."""
    address = k.walk(pagetable, va, False)
    return address, k.load64(address) if address else 0


def uvmcopy(k, old, new, sz):
    protected = []
    for va in range(0, sz, k.PGSIZE):
        address, pte = pte_of(k, old, va)
        if not pte & k.PTE_V:
            continue
        flags = k.PTE_FLAGS(pte)
        if flags & k.PTE_W:
            flags = flags & ~k.PTE_W | k.PTE_COW
            protected.append((address, k.PA2PTE(k.PTE2PA(pte)) | flags))
        if k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte), flags) != 0:
            k.uvmunmap(new, 0, va // k.PGSIZE, True)
            return -1
    for address, pte in protected:  # now nothing can fail any more
        k.store64(address, pte)
    k.sfence_vma()
    return 0


def cowfault(k, pagetable, va):
    if va >= k.MAXVA:
        return -1
    va = k.PGROUNDDOWN(va)
    address, pte = pte_of(k, pagetable, va)
    if not (pte & k.PTE_V and pte & k.PTE_U and pte & k.PTE_COW):
        return -1
    shared, flags = k.PTE2PA(pte), k.PTE_FLAGS(pte) & ~k.PTE_COW | k.PTE_W
    own = shared
    if references(k, shared) > 1:
        own = k.kalloc()
        if not own:
            return -1
        k.memmove(own, shared, k.PGSIZE)
        references(k, own, 1)
        references(k, shared, -1)
    k.store64(address, k.PA2PTE(own) | flags)
    k.sfence_vma(va)
    return 0


def copyout(k, pagetable, dstva, source, length):
    while length > 0:
        if dstva >= k.MAXVA:
            return -1
        page = k.PGROUNDDOWN(dstva)
        if not k.walkaddr(pagetable, page) and not k.vmfault(pagetable, page, False):
            return -1
        _, pte = pte_of(k, pagetable, page)
        if not pte & k.PTE_W and k.cowfault(pagetable, page) != 0:
            return -1
        n = min(length, page + k.PGSIZE - dstva)
        k.memmove(k.walkaddr(pagetable, page) + dstva - page, source, n)
        dstva, source, length = dstva + n, source + n, length - n
    return 0


def uvmunmap(k, pagetable, va, npages, do_free):
    if va % k.PGSIZE:
        k.panic("uvmunmap: not aligned")
    for page in range(va, va + npages * k.PGSIZE, k.PGSIZE):
        address, pte = pte_of(k, pagetable, page)
        if not pte & k.PTE_V:
            continue
        k.store64(address, 0)
        frame = k.PTE2PA(pte)
        others = references(k, frame, -1) if is_counted(k, page, frame) else 0
        if do_free and others == 0:
            k.kfree(frame)
