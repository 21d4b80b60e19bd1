"""kalloc.cpp in Python."""

from __future__ import annotations

from typing import Any


def kinit(k: Any) -> None:
    k.freerange(k.end, k.phystop)


def freerange(k: Any, start: int, stop: int) -> None:
    for page in range(k.PGROUNDUP(start), stop - k.PGSIZE + 1, k.PGSIZE):
        k.kfree(page)


def kfree(k: Any, pa: int) -> None:
    if pa % k.PGSIZE or pa < k.end or pa >= k.phystop:
        k.panic("kfree")
    k.memset(pa, 1, k.PGSIZE)
    kmem = k.data.kmem
    k.acquire(kmem.lock.address)
    k.store64(pa, kmem.freelist)
    kmem.freelist = pa
    kmem.free_pages += 1
    k.release(kmem.lock.address)


def kalloc(k: Any) -> int:
    kmem = k.data.kmem
    k.acquire(kmem.lock.address)
    page: int = kmem.freelist
    if page:
        kmem.freelist = k.load64(page)
        kmem.free_pages -= 1
    k.release(kmem.lock.address)
    if page:
        k.memset(page, 5, k.PGSIZE)
    return page


FUNCTIONS = {"kinit": kinit, "freerange": freerange, "kfree": kfree, "kalloc": kalloc}
