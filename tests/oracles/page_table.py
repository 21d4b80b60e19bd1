"""Sv39 page tables in Python: xv6's walk over the bytes of RAM, and a table as a tree of dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .allocator import PGSIZE, Allocator, ReferencePanicError

MAXVA = 1 << 38
V, R, W, X, U, G, A, D, COW = (1 << bit for bit in range(9))


def px(level: int, va: int) -> int:
    return va >> (12 + 9 * level) & 511


# -- tables as they lie in memory -------------------------


def walk(load: Callable[[int], int], root: int, va: int) -> int:
    """The address of the level-0 entry for `va`, or 0 where a table is missing. `load` reads 8 bytes."""
    if va >= MAXVA:
        raise ReferencePanicError("walk")
    table = root
    for level in (2, 1):
        entry = load(table + 8 * px(level, va))
        if not entry & V:
            return 0
        table = entry >> 10 << 12
    return table + 8 * px(0, va)


def leaves(load: Callable[[int], int], root: int) -> dict[int, tuple[int, int]]:
    """va to (pa, flags) of each page that a table maps; no superpages."""
    found = {}
    for i in range(512):
        top = load(root + 8 * i)
        for j in range(512) if top & V else ():
            middle = load((top >> 10 << 12) + 8 * j)
            for k in range(512) if middle & V else ():
                entry = load((middle >> 10 << 12) + 8 * k)
                if entry & V:
                    found[i << 30 | j << 21 | k << 12] = (entry >> 10 << 12, entry & 0x3FF)
    return found


# -- a table as a tree -------------------------


@dataclass
class Leaf:
    frame: int
    flags: int


@dataclass
class Table:
    """A page of a page table: an index leads to a Table or, at level 0, to a Leaf."""

    frame: int
    entries: dict[int, Table | Leaf] = field(default_factory=dict)

    def find(self, va: int) -> Leaf | None:
        here: Table | Leaf | None = self
        for level in (2, 1, 0):
            if not isinstance(here, Table):
                return None
            here = here.entries.get(px(level, va))
        return here if isinstance(here, Leaf) else None

    def lowest(self, va: int, allocator: Allocator | None = None) -> Table | None:
        """The level-0 table for `va`, or None. With an allocator, tables that are missing are made."""
        if va >= MAXVA:
            raise ReferencePanicError("walk")
        table = self
        for level in (2, 1):
            below = table.entries.get(px(level, va))
            if below is None:
                frame = allocator.kalloc() if allocator else 0
                if not frame:
                    return None
                below = table.entries[px(level, va)] = Table(frame)
            assert isinstance(below, Table)
            table = below
        return table

    def leaves(self, base: int = 0, level: int = 2) -> Iterator[tuple[int, Leaf]]:
        """(va, leaf) in ascending order."""
        for index in sorted(self.entries):
            entry, va = self.entries[index], base + (index << 12 + 9 * level)
            if isinstance(entry, Leaf):
                yield va, entry
            else:
                yield from entry.leaves(va, level - 1)

    def tables(self) -> Iterator[Table]:
        """Every page of the table, as freewalk frees them: those below first."""
        for index in sorted(self.entries):
            entry = self.entries[index]
            if isinstance(entry, Table):
                yield from entry.tables()
        yield self


__all__ = ["A", "COW", "D", "G", "MAXVA", "PGSIZE", "R", "U", "V", "W", "X"]
__all__ += ["Leaf", "Table", "leaves", "px", "walk"]
