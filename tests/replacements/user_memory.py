"""uvm.cpp, uvmcopy.cpp, vmfault.cpp, cow.cpp, grow.cpp in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from replacements.page_tables import count, is_leaf


def present(
    k: Any, table: int, first: int, end: int, level: int = 2, base: int = 0
) -> Iterator[tuple[int, int, int]]:
    """(va, address of the PTE, PTE) of every valid PTE of level 0 in a range, in ascending order."""
    span = k.PGSIZE << 9 * level
    for index in range(max(first - base, 0) // span, 512):
        va = base + index * span
        if va >= min(end, k.MAXVA):
            return
        address = table + 8 * index
        pte = k.load64(address)
        if pte & k.PTE_V and level == 0:
            yield va, address, pte
        elif pte & k.PTE_V:
            yield from present(k, k.PTE2PA(pte), first, end, level - 1, va)


def uvmcreate(k: Any) -> int:
    page: int = k.kalloc()
    if page:
        k.memset(page, 0, k.PGSIZE)
    return page


def first_page(k: Any, pagetable: int, source: int, size: int) -> None:
    page = k.kalloc()
    k.memset(page, 0, k.PGSIZE)
    k.mappages(pagetable, 0, k.PGSIZE, page, k.PTE_W | k.PTE_R | k.PTE_X | k.PTE_U)
    k.memmove(page, source, size)


def uvminit(k: Any, pagetable: int, source: int, size: int) -> None:
    if size >= k.PGSIZE:
        k.panic("inituvm: more than a page")
    first_page(k, pagetable, source, size)


def uvmfirst(k: Any, pagetable: int, source: int, size: int) -> None:
    if size >= k.PGSIZE:
        k.panic("uvmfirst: more than a page")
    first_page(k, pagetable, source, size)


def uvmalloc(k: Any, pagetable: int, oldsz: int, newsz: int, xperm: int) -> int:
    if newsz < oldsz:
        return oldsz
    start = k.PGROUNDUP(oldsz)
    for va in range(start, newsz, k.PGSIZE):
        page = k.kalloc()
        if not page:
            k.uvmdealloc(pagetable, va, start)
            return 0
        k.memset(page, 0, k.PGSIZE)
        if k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_R | k.PTE_U | xperm) != 0:
            k.kfree(page)
            k.uvmdealloc(pagetable, va, start)
            return 0
    return newsz


def uvmdealloc(k: Any, pagetable: int, oldsz: int, newsz: int) -> int:
    if newsz >= oldsz:
        return oldsz
    # A size may be anything, so that rounding it up may leave 64 bits.
    old, new = (-(-size // k.PGSIZE) * k.PGSIZE & (1 << 64) - 1 for size in (oldsz, newsz))
    if new < old:
        k.uvmunmap(pagetable, new, (old - new) // k.PGSIZE, True)
    return newsz


def uvmunmap(k: Any, pagetable: int, va: int, npages: int, do_free: bool) -> None:
    if va % k.PGSIZE:
        k.panic("uvmunmap: not aligned")
    cow = k.policies["fork"] == "cow"
    for here, address, pte in present(k, pagetable, va, va + npages * k.PGSIZE):
        if not is_leaf(k, pte):
            k.panic("uvmunmap: not a leaf")
        frame = k.PTE2PA(pte)
        k.store64(address, 0)
        others = count(k, pagetable, here, frame, -1)
        if do_free and not (cow and others):
            k.kfree(frame)
    if npages and va + npages * k.PGSIZE > k.MAXVA:
        k.panic("walk")


def uvmclear(k: Any, pagetable: int, va: int) -> None:
    address = k.walk(pagetable, va, False)
    if not address:
        k.panic("uvmclear")
    k.store64(address, k.load64(address) & ~k.PTE_U)


def uvmcopy(k: Any, old: int, new: int, sz: int) -> int:
    cow = k.policies["fork"] == "cow"
    pages = list(present(k, old, 0, k.PGROUNDUP(sz)))
    for va, _, pte in pages:
        flags = k.PTE_FLAGS(pte)
        if cow:
            frame = k.PTE2PA(pte)
            if flags & k.PTE_W:
                flags = flags & ~k.PTE_W | k.PTE_COW
        else:
            frame = k.kalloc()
            if frame:
                k.memmove(frame, k.PTE2PA(pte), k.PGSIZE)
        if not frame or k.mappages(new, va, k.PGSIZE, frame, flags) != 0:
            if frame and not cow:
                k.kfree(frame)
            k.uvmunmap(new, 0, va // k.PGSIZE, True)
            return -1
    if cow:
        for _, address, pte in pages:
            if pte & k.PTE_W:
                k.store64(address, pte & ~k.PTE_W | k.PTE_COW)
        k.sfence_vma()
    return 0


def uvmfree(k: Any, pagetable: int, sz: int) -> None:
    if sz:
        k.uvmunmap(pagetable, 0, k.PGROUNDUP(sz) // k.PGSIZE, True)
    k.freewalk(pagetable)


def freewalk(k: Any, pagetable: int) -> None:
    for address in range(pagetable, pagetable + k.PGSIZE, 8):
        pte = k.load64(address)
        if not pte & k.PTE_V:
            continue
        if is_leaf(k, pte):
            k.panic("freewalk: leaf")
        k.freewalk(k.PTE2PA(pte))
        k.store64(address, 0)
    k.kfree(pagetable)


def mydeallocuvm(k: Any, pagetable: int, start: int, end: int) -> None:
    if end > start:
        k.uvmunmap(pagetable, start, (end - start) // k.PGSIZE, True)


def vmfault(k: Any, pagetable: int, va: int, read: bool) -> int:
    p = k.myproc()
    if not p or va >= p.sz or va >= k.MAXVA:
        return 0
    va = k.PGROUNDDOWN(va)
    if k.ismapped(pagetable, va):
        return 0
    page: int = k.kalloc()
    if not page:
        return 0
    k.memset(page, 0, k.PGSIZE)
    if k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_W | k.PTE_U | k.PTE_R) != 0:
        k.kfree(page)
        return 0
    return page


def cowfault(k: Any, pagetable: int, va: int) -> int:
    if va >= k.MAXVA:
        return -1
    va = k.PGROUNDDOWN(va)
    address = k.walk(pagetable, va, False)
    pte = k.load64(address) if address else 0
    if not pte & k.PTE_V or not pte & k.PTE_U:
        return -1
    if pte & k.PTE_W:
        return 0
    if not pte & k.PTE_COW:
        return -1
    shared, flags = k.PTE2PA(pte), k.PTE_FLAGS(pte) & ~k.PTE_COW | k.PTE_W
    if k.load32(k.references(shared)) <= 1:
        k.store64(address, k.PA2PTE(shared) | flags)
    else:
        page = k.kalloc()
        if not page:
            return -1
        k.memmove(page, shared, k.PGSIZE)
        k.store64(address, k.PA2PTE(page) | flags)
        count(k, pagetable, va, page, +1)
        count(k, pagetable, va, shared, -1)
    k.sfence_vma(va)
    return 0


def growproc(k: Any, n: int) -> int:
    p = k.myproc()
    if n > 0:
        first = p.vm(0).next
        if p.sz + n > (k.struct("vma", first).start if first else k.TRAPFRAME):
            return int(k.fail("growproc: too much"))
        size = k.uvmalloc(p.pagetable, p.sz, p.sz + n, k.PTE_W)
        if size == 0:
            return int(k.fail("growproc: no memory"))
        p.sz = size
    elif n < 0:
        p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz + n & (1 << 64) - 1)
        if p.asid:
            k.sfence_vma(None, p.asid)
    return 0


def shrinkproc(k: Any, n: int) -> int:
    p = k.myproc()
    n &= (1 << 32) - 1
    if n > p.sz:
        return int(k.fail("shrinkproc: not so many"))
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    if p.asid:
        k.sfence_vma(None, p.asid)
    return 0


FUNCTIONS = {
    "uvmcreate": uvmcreate,
    "uvminit": uvminit,
    "uvmfirst": uvmfirst,
    "uvmalloc": uvmalloc,
    "uvmdealloc": uvmdealloc,
    "uvmunmap": uvmunmap,
    "uvmclear": uvmclear,
    "uvmcopy": uvmcopy,
    "uvmfree": uvmfree,
    "freewalk": freewalk,
    "vmfault": vmfault,
    "cowfault": cowfault,
    "mydeallocuvm": mydeallocuvm,
    "growproc": growproc,
    "shrinkproc": shrinkproc,
}
