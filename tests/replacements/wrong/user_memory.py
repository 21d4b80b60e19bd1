"""Wrong functions that concern a process's memory, and copies to and from it."""

from __future__ import annotations

from typing import Any

from replacements.user_memory import present
from replacements.wrong.cases import (
    areas,
    end,
    failing,
    fork,
    grow,
    lazily,
    print_page,
    receive,
    receive_shared,
    share,
    shrink,
    wrong,
)


@wrong("uvmalloc", failing(grow, allocation=2), "audit", "beyond_size: process 2")
def uvmalloc_keeps(k: Any, pagetable: int, oldsz: int, newsz: int, xperm: int) -> int:
    """On failure, what was added stays mapped."""
    for va in range(k.PGROUNDUP(oldsz), newsz, k.PGSIZE):
        page = k.kalloc()
        if not page:
            return 0
        k.memset(page, 0, k.PGSIZE)
        k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_R | k.PTE_U | xperm)
    return newsz


@wrong("uvmalloc", grow, "audit", "lost_frame: ")
def uvmalloc_leaks(k: Any, pagetable: int, oldsz: int, newsz: int, xperm: int) -> int:
    """A frame for each page, and one more."""
    k.kalloc()
    return int(k.native.uvmalloc(pagetable, oldsz, newsz, xperm))


@wrong("uvmalloc", grow, "diff", "page table of process 2: 2 pages with other flags")
def uvmalloc_private(k: Any, pagetable: int, oldsz: int, newsz: int, xperm: int) -> int:
    """A flag is lost: the user cannot reach its own pages."""
    size = int(k.native.uvmalloc(pagetable, oldsz, newsz, xperm))
    for _, address, pte in present(k, pagetable, k.PGROUNDUP(oldsz), newsz):
        k.store64(address, pte & ~k.PTE_U)
    return size


@wrong(
    "uvmdealloc",
    shrink,
    "diff",
    "1 frame went from user .pid 2. to free;.*page table of process 2: 1 page unmapped",
)
def uvmdealloc_rounds_down(k: Any, pagetable: int, oldsz: int, newsz: int) -> int:
    """The new size is rounded down, and a page in use is freed."""
    first = k.PGROUNDDOWN(newsz)
    k.uvmunmap(pagetable, first, (k.PGROUNDUP(oldsz) - first) // k.PGSIZE, True)
    return newsz


@wrong(
    "uvmunmap",
    shrink,
    "audit",
    "user_reaches: .* is mapped by process 2 at 0x6000, and also on the free list",
)
def uvmunmap_leaves(k: Any, pagetable: int, va: int, npages: int, do_free: bool) -> None:
    """The frame is freed, and its PTE stays."""
    for _, _, pte in present(k, pagetable, va, va + npages * k.PGSIZE):
        if do_free:
            k.kfree(k.PTE2PA(pte))


@wrong("uvmunmap", shrink, "audit", "free_list: the free list breaks")
def uvmunmap_twice(k: Any, pagetable: int, va: int, npages: int, do_free: bool) -> None:
    """The frame is freed twice."""
    pages = list(present(k, pagetable, va, va + npages * k.PGSIZE))
    k.native.uvmunmap(pagetable, va, npages, do_free)
    for _, _, pte in pages:
        if do_free:
            k.kfree(k.PTE2PA(pte))


@wrong(
    "uvmunmap", end, "audit", "user_reaches: .* is mapped by process 2 .*also on the free list", fork="cow"
)
def uvmunmap_unshared(k: Any, pagetable: int, va: int, npages: int, do_free: bool) -> None:
    """A shared frame is freed although others map it."""
    for here, address, pte in present(k, pagetable, va, va + npages * k.PGSIZE):
        frame = k.PTE2PA(pte)
        k.store64(address, 0)
        if here < k.TRAPFRAME:
            k.store32(k.references(frame), k.load32(k.references(frame)) - 1)
        if do_free:
            k.kfree(frame)


@wrong("uvmunmap", shrink, "panic", "0x6000")
def uvmunmap_wild(k: Any, pagetable: int, va: int, npages: int, do_free: bool) -> None:
    """A virtual address is stored to as if it were physical."""
    k.store64(va, 0)


@wrong("uvmcopy", failing(fork, allocation=9), "panic", "freewalk: leaf")
def uvmcopy_keeps(k: Any, old: int, new: int, sz: int) -> int:
    """On failure, what was copied stays in the child's table."""
    for va, _, pte in list(present(k, old, 0, sz)):
        page = k.kalloc()
        if not page:
            return -1
        k.memmove(page, k.PTE2PA(pte), k.PGSIZE)
        k.mappages(new, va, k.PGSIZE, page, k.PTE_FLAGS(pte))
    return 0


@wrong("uvmcopy", failing(fork, allocation=7), "audit", "lost_frame: frame 0x[0-9a-f]+ is lost")
def uvmcopy_leaks(k: Any, old: int, new: int, sz: int) -> int:
    """When mappages fails, the frame for it is forgotten."""
    for va, _, pte in list(present(k, old, 0, sz)):
        page = k.kalloc()
        if page:
            k.memmove(page, k.PTE2PA(pte), k.PGSIZE)
        if not page or k.mappages(new, va, k.PGSIZE, page, k.PTE_FLAGS(pte)) != 0:
            k.uvmunmap(new, 0, va // k.PGSIZE, True)
            return -1
    return 0


@wrong("uvmcopy", fork, "diff", "page table of process 3: 1 page unmapped")
def uvmcopy_short(k: Any, old: int, new: int, sz: int) -> int:
    """The last page is not copied."""
    return int(k.native.uvmcopy(old, new, sz - k.PGSIZE))


@wrong("uvmcopy", fork, "diff", "page table of process 3: 7 pages with other flags")
def uvmcopy_protects(k: Any, old: int, new: int, sz: int) -> int:
    """The child's pages lose W."""
    result = int(k.native.uvmcopy(old, new, sz))
    for _, address, pte in present(k, new, 0, sz):
        k.store64(address, pte & ~k.PTE_W)
    return result


@wrong("uvmcopy", fork, "audit", "two_places: .* is mapped 2 times, first by process 2 .*can be written")
def uvmcopy_shares(k: Any, old: int, new: int, sz: int) -> int:
    """Parent and child get the same frames, writable."""
    for va, _, pte in list(present(k, old, 0, sz)):
        k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte), k.PTE_FLAGS(pte))
    return 0


@wrong(
    "uvmcopy",
    fork,
    "tlb",
    "the TLB translates 0x3000 to .*, the page table of process 2",
    fork="cow",
    asid="on",
)
def uvmcopy_unfenced(k: Any, old: int, new: int, sz: int) -> int:
    """The parent's pages are write-protected without a fence."""
    for va, address, pte in list(present(k, old, 0, sz)):
        if pte & k.PTE_W:
            pte = pte & ~k.PTE_W | k.PTE_COW
            k.store64(address, pte)
        k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte), k.PTE_FLAGS(pte))
    return 0


@wrong("uvmfree", end, "audit", "lost_frame: ")
def uvmfree_leaks(k: Any, pagetable: int, sz: int) -> None:
    """The page-table pages are not freed."""
    k.uvmunmap(pagetable, 0, k.PGROUNDUP(sz) // k.PGSIZE, True)


@wrong("vmfault", lazily, "result", r"x05\\x05.* instead of .*x00\\x00")
def vmfault_dirty(k: Any, pagetable: int, va: int, read: bool) -> int:
    """The page is not zeroed: what kalloc left is seen."""
    if va >= k.myproc().sz:
        return 0
    page: int = k.kalloc()
    k.mappages(pagetable, k.PGROUNDDOWN(va), k.PGSIZE, page, k.PTE_W | k.PTE_U | k.PTE_R)
    return page


@wrong("vmfault", lazily, "audit", "beyond_size: process 2 has a page mapped")
def vmfault_generous(k: Any, pagetable: int, va: int, read: bool) -> int:
    """The size of the process is not asked for."""
    page: int = k.kalloc()
    k.memset(page, 0, k.PGSIZE)
    k.mappages(pagetable, k.PGROUNDDOWN(va), k.PGSIZE, page, k.PTE_W | k.PTE_U | k.PTE_R)
    return page


@wrong(
    "cowfault",
    share,
    "audit",
    "two_places: .* is mapped 2 times, first by process 2 .*can be written",
    fork="cow",
)
def cowfault_grabs(k: Any, pagetable: int, va: int) -> int:
    """The shared frame is made writable instead of copied."""
    address = k.walk(pagetable, va, False)
    k.store64(address, k.load64(address) & ~k.PTE_COW | k.PTE_W)
    k.sfence_vma(va)
    return 0


@wrong(
    "cowfault",
    receive_shared,
    "tlb",
    "the TLB translates 0x3000 to .*, the page table of process",
    fork="cow",
    asid="on",
)
def cowfault_unfenced(k: Any, pagetable: int, va: int) -> int:
    """The page is made the process's own without a fence."""
    address = k.walk(pagetable, va, False)
    pte = k.load64(address)
    if not pte & k.PTE_COW:
        return 0 if pte & k.PTE_W else -1
    shared, flags = k.PTE2PA(pte), k.PTE_FLAGS(pte) & ~k.PTE_COW | k.PTE_W
    if k.load32(k.references(shared)) == 1:
        k.store64(address, k.PA2PTE(shared) | flags)
        return 0
    page = k.kalloc()
    k.memmove(page, shared, k.PGSIZE)
    k.store64(address, k.PA2PTE(page) | flags)
    k.store32(k.references(page), 1)
    k.store32(k.references(shared), k.load32(k.references(shared)) - 1)
    return 0


@wrong("copyout", receive, "diff", "frames? ha(s|ve) other contents")
def copyout_straight(k: Any, pagetable: int, dstva: int, source: int, length: int) -> int:
    """A copy that crosses into the next page goes on in the next frame."""
    page = k.walkaddr(pagetable, dstva)
    if not page:
        return -1
    k.memmove(page + dstva % k.PGSIZE, source, length)
    return 0


@wrong("copyin", print_page, "result", r", 4\) instead of .*, 0\)")
def copyin_trusts(k: Any, pagetable: int, destination: int, srcva: int, length: int) -> int:
    """Kernel pages are read for the user."""
    for offset in range(length):
        address = k.walk(pagetable, srcva + offset, False)
        if not address:
            return -1
        byte = k.load8(k.PTE2PA(k.load64(address)) + (srcva + offset) % k.PGSIZE)
        k.store8(destination + offset, byte)
    return 0


@wrong("myreduceproc", areas, "audit", "area: ")
def myreduceproc_lists(k: Any, start: int) -> int:
    """The area that is given back stays in the list."""
    p = k.myproc()
    area = k.struct("vma", p.vm(0).next)
    k.mydeallocuvm(p.pagetable, start, start + area.length)
    return 0
