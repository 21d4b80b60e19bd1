# fails: uvmcopy copies what is there
# says: the list of pages that the child has is [0, 1, 2, 3, 4, 5] and should be [1, 4]
# why: fork allocates every granted page for the child: programs see no difference, and memory is wasted.


def uvmcopy(k, old, new, sz):
    for va in range(0, sz, k.PGSIZE):
        address = k.walk(old, va, False)
        pte = k.load64(address) if address else 0
        page = k.kalloc()
        if page:
            k.memset(page, 0, k.PGSIZE)
            if pte & k.PTE_V:
                k.memmove(page, k.PTE2PA(pte), k.PGSIZE)
            flags = k.PTE_FLAGS(pte) if pte & k.PTE_V else k.PTE_R | k.PTE_W | k.PTE_U
            if k.mappages(new, va, k.PGSIZE, page, flags) == 0:
                continue
            k.kfree(page)
        k.uvmunmap(new, 0, va // k.PGSIZE, True)
        return -1
    return 0
