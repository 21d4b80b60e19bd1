"""Missing fences: four functions that change page tables, and tell the TLB nothing.

    k.sfence_vma(va, asid)      forgets one page of one address space
    k.sfence_vma(va)            forgets one page, of every address space
    k.sfence_vma(None, asid)    forgets an address space
    k.sfence_vma()              forgets everything

A process's identifier is p.asid. Which function needs which? Look, before you guess:

    kernel = lab.kernel()
    kernel.replace("shrinkproc", shrinkproc)
    kernel.hart.stale_check = True
    ... run a program ...
    kernel.hart.stale_uses()
"""


def shrinkproc(k, n):
    """Take n bytes off the current process's memory."""
    p = k.myproc()
    if n > p.sz:
        return -1
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    return 0


def myreduceproc(k, start):
    """Give back the area that begins at start."""
    p = k.myproc()
    before = p.vm(0)
    while before.next:
        area = k.struct("vma", before.next)
        if area.start == start:
            k.mydeallocuvm(p.pagetable, start, start + area.length)
            before.next = area.next
            k.memset(area.address, 0, p.vm(2).address - p.vm(1).address)
            return 0
        before = area
    return -1


def uvmcopy(k, old, new, sz):
    """Share the parent's pages with the child, write-protected."""
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


def cowfault(k, pagetable, va):
    """Make a shared page the process's own. copyout calls it too, for the kernel's stores."""
    if va >= k.MAXVA:
        return -1
    va = k.PGROUNDDOWN(va)
    address = k.walk(pagetable, va, False)
    pte = k.load64(address) if address else 0
    if not (pte & k.PTE_V and pte & k.PTE_U and pte & k.PTE_COW):
        return -1
    page = shared = k.PTE2PA(pte)
    if k.load32(k.references(shared)) > 1:
        page = k.kalloc()
        if not page:
            return -1
        k.memmove(page, shared, k.PGSIZE)
        k.store32(k.references(page), 1)
        k.store32(k.references(shared), k.load32(k.references(shared)) - 1)
    k.store64(address, k.PA2PTE(page) | k.PTE_FLAGS(pte) & ~k.PTE_COW | k.PTE_W)
    return 0
