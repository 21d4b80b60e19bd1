# fails: the parent's stores are faults after fork
# says: since uvmcopy changed it without a fence
# why: the parent's pages are write-protected in the table alone: by the TLB it writes into shared frames.


def uvmcopy(k, old, new, sz):
    protected = []
    for va in range(0, sz, k.PGSIZE):
        address = k.walk(old, va, False)
        pte = k.load64(address) if address else 0
        if not pte & k.PTE_V:
            continue
        if pte & k.PTE_W:
            pte = pte & ~k.PTE_W | k.PTE_COW
            protected.append((address, pte))
        if k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte), k.PTE_FLAGS(pte)) != 0:
            k.uvmunmap(new, 0, va // k.PGSIZE, True)
            return -1
    for address, pte in protected:
        k.store64(address, pte)
    return 0
