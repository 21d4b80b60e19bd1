# fails: mappages maps no page twice
# says: there is no panic 'mappages: remap', but the result 0
# why: the old entry is not looked at, so that its frame is forgotten.


def count(k, pagetable, va, pa, change):
    if va < k.TRAPFRAME and pagetable != k.data.kernel_pagetable:
        k.store32(k.references(pa), k.load32(k.references(pa)) + change)


def mappages(k, pagetable, va, size, pa, perm):
    for offset in range(0, size, k.PGSIZE):
        address = k.walk(pagetable, va + offset, True)
        if not address:
            for done in range(0, offset, k.PGSIZE):
                k.store64(k.walk(pagetable, va + done, False), 0)
                count(k, pagetable, va + done, pa + done, -1)
            return -1
        k.store64(address, k.PA2PTE(pa + offset) | perm | k.PTE_V)
        count(k, pagetable, va + offset, pa + offset, 1)
    return 0
