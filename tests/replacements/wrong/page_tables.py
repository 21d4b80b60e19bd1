"""Wrong functions that concern frames and page tables, whosoever they are."""

from __future__ import annotations

from typing import Any

from replacements.wrong.cases import end, fork, grow, receive, wrong


@wrong(
    "kalloc", grow, "audit", "user_reaches: .* is mapped by process 2 at 0x7000, and also on the free list"
)
def kalloc_keeps(k: Any) -> int:
    """The frame given away stays in the free list."""
    return int(k.data.kmem.freelist)


@wrong("kalloc", fork, "panic", "the kernel stored to 0x8, which is not in RAM")
def kalloc_misses(k: Any) -> int:
    """An address 8 bytes into the frame."""
    return int(k.native.kalloc() + 8)


@wrong("kfree", end, "audit", "free_count: kmem.free_pages says")
def kfree_miscounts(k: Any, pa: int) -> None:
    """The count of free pages is forgotten."""
    k.memset(pa, 1, k.PGSIZE)
    k.store64(pa, k.data.kmem.freelist)
    k.data.kmem.freelist = pa


@wrong("kfree", end, "audit", "free_junk: free frame")
def kfree_late(k: Any, pa: int) -> None:
    """A frame is written to after it was freed."""
    k.native.kfree(pa)
    k.store64(pa + 8, 0)


@wrong("walk", grow, "panic", "seam: too deep.*walk > walk")
def walk_recurses(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    """Recursion without end."""
    return int(k.walk(pagetable, va, alloc))


@wrong("walk", grow, "seam", "walk_forgets|returned None")
def walk_forgets(k: Any, pagetable: int, va: int, alloc: bool) -> Any:
    """The result is not returned."""
    k.native.walk(pagetable, va, alloc)


@wrong("walkaddr", receive, "result", r"6, 0, 4\) instead of \(6, 0, -1\)")
def walkaddr_trusts(k: Any, pagetable: int, va: int) -> int:
    """Nobody asks whether the page is the user's."""
    address = k.walk(pagetable, va, False)
    pte = k.load64(address) if address else 0
    return k.PTE2PA(pte) if pte & k.PTE_V else 0


@wrong("mappages", grow, "audit", "lost_frame: frame 0x[0-9a-f]+ is lost")
def mappages_short(k: Any, pagetable: int, va: int, size: int, pa: int, perm: int) -> int:
    """The last page is left out."""
    for offset in range(0, size - k.PGSIZE, k.PGSIZE):
        k.store64(k.walk(pagetable, va + offset, True), k.PA2PTE(pa + offset) | perm | k.PTE_V)
    return 0


@wrong("mappages", grow, "audit", "reference_count: ")
def mappages_uncounted(k: Any, pagetable: int, va: int, size: int, pa: int, perm: int) -> int:
    """Mappings are not counted."""
    for offset in range(0, size, k.PGSIZE):
        k.store64(k.walk(pagetable, va + offset, True), k.PA2PTE(pa + offset) | perm | k.PTE_V)
    return 0
