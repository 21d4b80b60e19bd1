"""walk and mappages, in Python."""


def walk(k, pagetable, va, alloc):
    if va >= k.MAXVA:
        k.panic("walk")
    for level in (2, 1):
        address = pagetable + 8 * k.PX(level, va)
        pte = k.load64(address)
        if pte & k.PTE_V:
            pagetable = k.PTE2PA(pte)
            continue
        pagetable = k.kalloc() if alloc else 0
        if not pagetable:
            return 0
        k.memset(pagetable, 0, k.PGSIZE)
        k.store64(address, k.PA2PTE(pagetable) | k.PTE_V)
    return pagetable + 8 * k.PX(0, va)


def count(k, pagetable, va, pa, change):
    if va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop and pagetable != k.data.kernel_pagetable:
        k.store32(k.references(pa), k.load32(k.references(pa)) + change)


def mappages(k, pagetable, va, size, pa, perm):
    for offset in range(0, size, k.PGSIZE):
        address = k.walk(pagetable, va + offset, True)
        if not address:
            for done in range(0, offset, k.PGSIZE):
                k.store64(k.walk(pagetable, va + done, False), 0)
                count(k, pagetable, va + done, pa + done, -1)
            return -1
        if k.load64(address) & k.PTE_V:
            k.panic("mappages: remap")
        k.store64(address, k.PA2PTE(pa + offset) | perm | k.PTE_V)
        count(k, pagetable, va + offset, pa + offset, 1)
    return 0
