"""Lazy sbrk: pages that were granted and are not there yet.

k.walk(pagetable, va, False) is the address of a PTE, or 0 where a page-table page is missing: then the page
is absent as well.
"""


def vmfault(k, pagetable, va, read):
    """Map a zeroed page, with PTE_R, PTE_W and PTE_U, where the current process has touched an absent one.

    The frame, or 0: when va is not below k.myproc().sz, when its page is mapped already (k.ismapped), and
    when there is no memory for the page or for a page-table page, and then nothing is kept.
    """
    raise NotImplementedError("vmfault is yours to write")


def uvmunmap(k, pagetable, va, npages, do_free):
    """Remove npages mappings from va on; absent ones are passed over.

    With do_free the frames are freed. Where va is not page-aligned: k.panic("uvmunmap: not aligned"). The
    kernel counts user mappings: call uncount for each that is removed.
    """
    raise NotImplementedError("uvmunmap is yours to write")


def uvmcopy(k, old, new, sz):
    """Give the table new, which is empty, copies of the pages that the table old maps below sz.

    The flags are copied too; absent pages stay absent. 0; or -1 without memory, and then the new table maps
    nothing and no frame is lost.
    """
    raise NotImplementedError("uvmcopy is yours to write")


def uncount(k, va, pa):
    """Note that a user mapping has gone. The trapframe and the trampoline are not counted."""
    if va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop:
        k.store32(k.references(pa), k.load32(k.references(pa)) - 1)
