"""kalloc and kfree: pages from a list, and back.

k.data.kmem.freelist is the address of the first free page, or 0. The first word of a free page is the address
of the next one: k.load64(page), k.store64(page, address). k.data.kmem.free_pages is how many there are.
"""


def kalloc(k):
    """Take the first page of the list. Its address, every byte of it 5; or 0 when the list is empty."""
    raise NotImplementedError("kalloc is yours to write")


def kfree(k, page):
    """Put a page in front of the list, after filling it with 1s.

    k.panic("kfree") when it is no page that kalloc can have given: no multiple of k.PGSIZE, below k.end, or
    not below k.phystop.
    """
    raise NotImplementedError("kfree is yours to write")
