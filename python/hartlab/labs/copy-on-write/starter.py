"""Copy-on-write fork.

A frame's reference count is the number of user mappings of it, in all page tables: mappages adds one. A page
that was writable before fork shared it has PTE_COW and no PTE_W, in parent and child.
"""


def uvmcopy(k, old, new, sz):
    """Share what the table old maps below sz with the table new, which is empty.

    A page that is absent (its entry is missing or not valid) is absent in the new table too. A writable page
    loses PTE_W and gets PTE_COW in both tables; other pages keep their flags. 0; or -1 when mappages finds no
    memory, and then the new table maps nothing and the old one is as it was. The hart may hold the old
    translations: k.sfence_vma().
    """
    raise NotImplementedError("uvmcopy is yours to write")


def cowfault(k, pagetable, va):
    """Make the page of va the process's own, after a store to it has faulted.

    With other owners (references(k, pa) > 1) the process gets a copy, and one mapping of the old frame is
    gone; the last owner keeps the frame. Either way the page has PTE_W again and no PTE_COW, and
    k.sfence_vma(va) forgets the old translation. 0; -1 for a page that fork did not share (no PTE_COW, not
    the user's, not there, va at MAXVA or above), and without memory.
    """
    raise NotImplementedError("cowfault is yours to write")


def copyout(k, pagetable, dstva, source, length):
    """Copy length bytes from kernel memory at source to user memory at dstva, page by page.

    k.walkaddr(pagetable, va) is the frame of a user page; when there is none, k.vmfault(pagetable, va, False)
    may provide it (0: it does not). A shared page becomes the process's own first: k.cowfault. 0; -1 at the
    first page that the user may not write.
    """
    raise NotImplementedError("copyout is yours to write")


def uvmunmap(k, pagetable, va, npages, do_free):
    """Remove npages mappings from va on; those that are absent are skipped.

    The frame's count goes down by one; with do_free, a frame that nobody maps any more is freed. Where va is
    not page-aligned: k.panic("uvmunmap: not aligned").
    """
    raise NotImplementedError("uvmunmap is yours to write")


def references(k, pa, change=0):
    """The reference count of a frame, after adding change to it."""
    now = k.load32(k.references(pa)) + change
    k.store32(k.references(pa), now)
    return now


def is_counted(k, va, pa):
    """Whether a mapping of pa at va is of a user's page, in RAM: the trapframe and the trampoline are not."""
    return va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop
