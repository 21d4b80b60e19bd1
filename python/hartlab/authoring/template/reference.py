"""kalloc and kfree, in Python."""


def kalloc(k):
    page = k.data.kmem.freelist
    if page:
        k.data.kmem.freelist = k.load64(page)
        k.data.kmem.free_pages -= 1
        k.memset(page, 5, k.PGSIZE)
    return page


def kfree(k, page):
    if page % k.PGSIZE or not k.end <= page < k.phystop:
        k.panic("kfree")
    k.memset(page, 1, k.PGSIZE)
    k.store64(page, k.data.kmem.freelist)
    k.data.kmem.freelist = page
    k.data.kmem.free_pages += 1
