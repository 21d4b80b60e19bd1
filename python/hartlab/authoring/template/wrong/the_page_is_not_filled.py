# fails: kalloc takes the first page of the list
# says: not every byte of it is 5
# why: what was in the page before shows through to whoever gets it.


def kalloc(k):
    page = k.data.kmem.freelist
    if page:
        k.data.kmem.freelist = k.load64(page)
        k.data.kmem.free_pages -= 1
    return page
