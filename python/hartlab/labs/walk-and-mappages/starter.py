"""walk and mappages: the two functions through which the kernel makes every mapping.

`k` has the kernel's functions (k.kalloc()), memory (k.load64(pa), k.store64(pa, value), k.memset(pa, byte,
n)), the constants (k.PGSIZE, k.MAXVA, k.PTE_V), and k.PX, k.PA2PTE and k.PTE2PA.
"""


def walk(k, pagetable, va, alloc):
    """The physical address of the PTE for va.

    Three levels: the entry PX(2, va) of the root leads to a table, whose entry PX(1, va) leads to another,
    whose entry PX(0, va) is the one. With alloc, a table that is missing on the way is made, zeroed. 0 when
    one is missing, or there is no memory for it. At MAXVA and above: k.panic("walk").
    """
    raise NotImplementedError("walk is yours to write")


def mappages(k, pagetable, va, size, pa, perm):
    """Map size bytes from va on to the frames from pa on, with PTE_V and the bits of perm.

    va and size are multiples of PGSIZE. An entry that is valid already: k.panic("mappages: remap"). When walk
    finds no memory, -1, and the entries that were made are cleared again; else 0.

    The kernel counts how many user mappings each frame has: call count for each entry made or cleared.
    """
    raise NotImplementedError("mappages is yours to write")


def count(k, pagetable, va, pa, change):
    """Note that a mapping has come (change 1) or gone (-1). Mappings of the kernel's own are not counted."""
    if va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop and pagetable != k.data.kernel_pagetable:
        k.store32(k.references(pa), k.load32(k.references(pa)) + change)
