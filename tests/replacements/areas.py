"""mygrow.cpp and myuvm.cpp in Python."""

from __future__ import annotations

from typing import Any


def listed(k: Any, p: Any) -> list[Any]:
    """The areas in the list, by ascending address."""
    found: list[Any] = []
    following = p.vm(0).next
    while following:
        found.append(k.struct("vma", following))
        following = found[-1].next
    return found


def choose(gaps: list[tuple[int, int]], length: int, policy: str, rover: int) -> int | None:
    """Where an area of that length goes."""
    fitting = [(start, end) for start, end in gaps if end - start >= length]
    if policy == "best":
        return min(fitting, key=lambda gap: gap[1] - gap[0])[0] if fitting else None
    if policy == "next":
        for start, end in gaps:
            if end - max(start, rover) >= length:
                return max(start, rover)
    return fitting[0][0] if fitting else None


def mygrowproc(k: Any, n: int) -> int:
    p, failed = k.myproc(), (1 << 64) - 1
    areas = listed(k, p)
    unused = {p.vm(i).address for i in range(1, k.NVMA)} - {area.address for area in areas}
    if not 0 < n <= k.TRAPFRAME or not unused:
        return failed
    length = k.PGROUNDUP(n)
    starts = [k.PGROUNDUP(p.sz), *(area.start + area.length for area in areas)]
    ends = [*(area.start for area in areas), k.TRAPFRAME]
    policy = k.policies["areas"]
    start = choose(list(zip(starts, ends, strict=True)), length, policy, p.vm(0).start)
    if start is None or k.myallocuvm(p.pagetable, start, start + length) != 0:
        return failed

    area = k.struct("vma", min(unused))
    area.start, area.length, area.used = start, length, 1
    area.perm = k.PTE_R | k.PTE_W | k.PTE_U
    before = [p.vm(0), *(other for other in areas if other.start < start)][-1]
    area.next, before.next = before.next, area.address
    if policy == "next":
        p.vm(0).start = start + length
    return start


def myreduceproc(k: Any, start: int) -> int:
    p = k.myproc()
    before = p.vm(0)
    for area in listed(k, p):
        if area.start == start:
            k.mydeallocuvm(p.pagetable, start, start + area.length)
            before.next = area.next
            k.memset(area.address, 0, p.vm(2).address - p.vm(1).address)
            if p.asid:
                k.sfence_vma(None, p.asid)
            return 0
        before = area
    return -1


def missing_tables(k: Any, pagetable: int, va: int) -> list[int]:
    """Levels of the entries on the way to `va` that are not valid, or lie in a table that is not there."""
    table = pagetable
    for level in (2, 1):
        pte = k.load64(table + 8 * k.PX(level, va))
        if not pte & k.PTE_V:
            return list(range(level, 0, -1))
        table = k.PTE2PA(pte)
    return []


def free_table(k: Any, pagetable: int, va: int, level: int) -> None:
    """Frees the table that the entry of that level for `va` points to, if there is one."""
    table = pagetable
    for above in range(2, level, -1):
        pte = k.load64(table + 8 * k.PX(above, va))
        if not pte & k.PTE_V:
            return
        table = k.PTE2PA(pte)
    entry = table + 8 * k.PX(level, va)
    pte = k.load64(entry)
    if pte & k.PTE_V:
        k.store64(entry, 0)
        k.kfree(k.PTE2PA(pte))


def myallocuvm(k: Any, pagetable: int, start: int, end: int) -> int:
    undo: list[tuple[int, list[int]]] = []  # va, and the levels of the tables that were missing for it
    for va in range(start, end, k.PGSIZE):
        missing = missing_tables(k, pagetable, va)
        page = k.kalloc() if k.walk(pagetable, va, True) else 0
        if page:
            k.memset(page, 0, k.PGSIZE)
            k.mappages(pagetable, va, k.PGSIZE, page, k.PTE_R | k.PTE_W | k.PTE_U)
            undo.append((va, missing))
            continue
        for level in reversed(missing):
            free_table(k, pagetable, va, level)
        for done, made in reversed(undo):
            k.uvmunmap(pagetable, done, 1, True)
            for level in reversed(made):
                free_table(k, pagetable, done, level)
        return -1
    return 0


FUNCTIONS = {"mygrowproc": mygrowproc, "myreduceproc": myreduceproc, "myallocuvm": myallocuvm}
