# fails: a store gets a copy of its own
# says: reference_count
# why: the writer leaves the shared frame, whose count is not lowered; it will never be freed.


def cowfault(k, pagetable, va):
    if va >= k.MAXVA:
        return -1
    va = k.PGROUNDDOWN(va)
    address = k.walk(pagetable, va, False)
    pte = k.load64(address) if address else 0
    if not (pte & k.PTE_V and pte & k.PTE_U and pte & k.PTE_COW):
        return -1
    page = k.kalloc()
    if not page:
        return -1
    k.memmove(page, k.PTE2PA(pte), k.PGSIZE)
    k.store32(k.references(page), 1)
    k.store64(address, k.PA2PTE(page) | k.PTE_FLAGS(pte) & ~k.PTE_COW | k.PTE_W)
    k.sfence_vma(va)
    return 0
