"""Areas with holes.

A process has vm[0] to vm[9]. vm[0] is no area but the head of a list: vm[0].next is the address of the lowest
area, or 0, and each area's next is that of the area above it. A slot of vm[] that is not in the list is free.

    0 ... sz | hole? | area | hole? | area | ... | TRAPFRAME

p = k.myproc() is the process, p.vm(i) a slot, k.struct("vma", address) the slot at an address. A slot has
address, start, length, perm, used and next, which can be read and assigned.
"""


def mygrowproc(k, n):
    """Give the current process an area of n bytes, rounded up to pages.

    It goes into the lowest gap that is large enough, between PGROUNDUP(p.sz), the areas, and k.TRAPFRAME.
    k.myallocuvm(p.pagetable, start, end) maps zeroed pages and is 0; or -1 without memory, with nothing
    changed. The slot gets start, length, perm (k.PTE_R | k.PTE_W | k.PTE_U), used (1), and its place in the
    list, which is in the order of addresses.

    Where it starts; -1, and nothing has changed, when n is 0 or does not fit, when nine areas are in use, or
    without memory. The result is unsigned: -1 is (1 << 64) - 1.
    """
    raise NotImplementedError("mygrowproc is yours to write")


def myreduceproc(k, start):
    """Give back the current process's area that begins at start.

    k.mydeallocuvm(p.pagetable, start, end) unmaps and frees its pages. The slot leaves the list, and is
    filled with zeros. With address-space identifiers (p.asid is not 0) the translations are forgotten:
    k.sfence_vma(None, p.asid). 0; -1, and nothing has changed, when no area begins there.
    """
    raise NotImplementedError("myreduceproc is yours to write")
