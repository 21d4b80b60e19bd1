# fails: shared pages are read-only, and marked
# says: the parent can write to a shared page
# why: only the child's entries are write-protected.


def uvmcopy(k, old, new, sz):
    for va in range(0, sz, k.PGSIZE):
        address = k.walk(old, va, False)
        pte = k.load64(address) if address else 0
        if not pte & k.PTE_V:
            continue
        flags = k.PTE_FLAGS(pte)
        if flags & k.PTE_W:
            flags = flags & ~k.PTE_W | k.PTE_COW
        if k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte), flags) != 0:
            k.uvmunmap(new, 0, va // k.PGSIZE, True)
            return -1
    k.sfence_vma()
    return 0
