# fails: walk makes the missing tables, empty
# says: a new table is not zeroed
# why: kalloc gives a page full of junk (0x05), which reads as entries; it is not zeroed.


def walk(k, pagetable, va, alloc):
    if va >= k.MAXVA:
        k.panic("walk")
    for level in (2, 1):
        address = pagetable + 8 * k.PX(level, va)
        pte = k.load64(address)
        if not pte & k.PTE_V:
            table = k.kalloc() if alloc else 0
            if not table:
                return 0
            pte = k.PA2PTE(table) | k.PTE_V
            k.store64(address, pte)
        pagetable = k.PTE2PA(pte)
    return pagetable + 8 * k.PX(0, va)
