"""exec's stack: where it is, and what main finds on it.

size      -> +--------------------+
             | strings of argv    |
             | argv[0] ... null   | <- sp, and a1: main's argv
             | free               |
stackbase -> +--------------------+
             | guard page, no U   |
             +--------------------+ <- the program's end, rounded up
"""


def uvmstack(k, pagetable, sz, npages):
    """Add a guard page and, above it, npages of stack to user memory that ends at sz.

    sz may be anything: the guard page begins at the next page. k.uvmalloc(pagetable, oldsz, newsz, k.PTE_W)
    adds zeroed pages up to newsz and returns that, or 0 without memory; k.uvmclear(pagetable, va) takes a
    page away from the user. The new size, or 0 without memory.
    """
    raise NotImplementedError("uvmstack is yours to write")


def pushargv(k, pagetable, sp, stackbase, argv):
    """Push the strings of argv, and below them the array of their user addresses, which ends with a null.

    argv is the physical address of an array of pointers to strings, physical addresses too, that ends with a
    null. Whatever is pushed begins at a multiple of 16, as close below the last as that allows.
    k.copyout(pagetable, va, source, length) copies from kernel memory; buffer(k) is a page of it that you may
    use for the array.

    The address of the array; 0 when there are more than k.MAXARG strings, when one is k.PGSIZE long or
    longer, when anything would lie below stackbase, or when copyout fails.
    """
    raise NotImplementedError("pushargv is yours to write")


def string(k, pa):
    """The string at a physical address, without its zero byte, cut to a page."""
    return k.read(pa, min(k.PGSIZE, k.phystop - pa)).split(b"\0")[0]


def buffer(k):
    """A page of kernel memory for whatever passes through."""
    return k.data.address_of("bio")
