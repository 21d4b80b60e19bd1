# fails: walk finds every page
# says: there is the PTE that the MMU uses
# why: the index of the level above is used: PX(level + 1, va) instead of PX(level, va).


def walk(k, pagetable, va, alloc):
    if va >= k.MAXVA:
        k.panic("walk")
    for level in (2, 1):
        pte = k.load64(pagetable + 8 * k.PX(level, va))
        if not pte & k.PTE_V:
            return 0
        pagetable = k.PTE2PA(pte)
    return pagetable + 8 * k.PX(1, va)
