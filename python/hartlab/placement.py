"""Four ways to put objects into pages, to be compared on one trace of malloc and free.

Each is given pages by a kernel that gives and takes back whole ones. They are written to be read, not to be
fast: what they promise is how many pages they hold, and how many bytes of those are set aside for objects.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from . import arguments
from .constants import PGSIZE
from .table import Table, as_table

_ALIGNMENT: Final = 16
_ROWS = np.dtype(
    [
        ("live", "<u8"),
        ("granted", "<u8"),
        ("pages", "<u8"),
        ("utilisation", "<f8"),
        ("internal", "<f8"),
        ("external", "<f8"),
    ]
)


class Strategy(Protocol):
    """Where objects go."""

    pages: int  # held at the moment

    def place(self, size: int) -> tuple[int, int]:
        """Make room for an object: (where it is, bytes that are set aside for it)."""

    def remove(self, where: int) -> None:
        """Take the object away."""


def _up(n: int, to: int) -> int:
    return -(-n // to) * to


class PagePerObject:
    """Each object has pages of its own, as though malloc were the kernel's call."""

    def __init__(self) -> None:
        self.pages = 0
        self._next = 0
        self._sizes: dict[int, int] = {}

    def place(self, size: int) -> tuple[int, int]:
        """Take whole pages."""
        pages = _up(max(size, 1), PGSIZE) // PGSIZE
        where, self._next = self._next, self._next + pages * PGSIZE
        self._sizes[where] = pages
        self.pages += pages
        return where, pages * PGSIZE

    def remove(self, where: int) -> None:
        """Give them back."""
        self.pages -= self._sizes.pop(where)


class FirstFit:
    """One heap that grows and shrinks at its end; a block goes to the lowest gap that is large enough.

    It does what hartlab's own malloc does, the header of 16 bytes included: `where` is the payload's distance
    from the heap's start.
    """

    HEADER: Final = 16

    def __init__(self) -> None:
        self.pages = 0
        self._blocks: list[tuple[int, int]] = []  # start and end of those in use, ascending

    def place(self, size: int) -> tuple[int, int]:
        """Put it into the first gap, or behind the last block."""
        need = self.HEADER + _up(max(size, 1), _ALIGNMENT)
        starts = [0, *(end for _, end in self._blocks)]
        ends = [*(start for start, _ in self._blocks), self.pages * PGSIZE]
        gaps = list(zip(starts, ends, strict=True))
        index = next((i for i, (start, end) in enumerate(gaps) if end - start >= need), len(self._blocks))
        start, end = gaps[index]
        if end - start < need:  # the heap grows
            end = _up(start + need, PGSIZE)
        if end - start - need <= self.HEADER:  # a rest with room for a header and nothing else stays with it
            need = end - start
        self._blocks.insert(index, (start, start + need))
        self._set_pages()
        return start + self.HEADER, need

    def remove(self, where: int) -> None:
        """Make a gap of it, or let the heap end earlier."""
        self._blocks = [block for block in self._blocks if block[0] != where - self.HEADER]
        self._set_pages()

    def _set_pages(self) -> None:
        self.pages = _up(self._blocks[-1][1], PGSIZE) // PGSIZE if self._blocks else 0


class Buddy:
    """Powers of two: a page is halved until a piece just fits, and two free halves join again."""

    SMALLEST: Final = 16

    def __init__(self) -> None:
        self.pages = 0
        self._next = 0
        self._free: dict[int, set[int]] = {}  # by size: starts of free pieces, smaller than a page
        self._sizes: dict[int, int] = {}

    def place(self, size: int) -> tuple[int, int]:
        """Halve the smallest free piece that is large enough, or new pages."""
        need = self.SMALLEST
        while need < size:
            need *= 2
        if need >= PGSIZE:
            where = self._new_pages(need)
        else:
            piece = next((s for s in sorted(self._free) if s >= need and self._free[s]), PGSIZE)
            where = min(self._free[piece]) if piece < PGSIZE else self._new_pages(PGSIZE)
            self._free.get(piece, set()).discard(where)
            while piece > need:
                piece //= 2
                self._free.setdefault(piece, set()).add(where + piece)
        self._sizes[where] = need
        return where, need

    def remove(self, where: int) -> None:
        """Join it with its other half as long as that is free; a page that is whole again goes back."""
        size = self._sizes.pop(where)
        while size < PGSIZE and (where ^ size) in self._free.get(size, ()):
            self._free[size].remove(where ^ size)
            where, size = where & ~size, size * 2
        if size >= PGSIZE:
            self.pages -= size // PGSIZE
        else:
            self._free.setdefault(size, set()).add(where)

    def _new_pages(self, size: int) -> int:
        where, self._next = self._next, self._next + size
        self.pages += size // PGSIZE
        return where


class Slab:
    """Pages of equal slots, each for one size; an emptied one goes back. Large objects have their own."""

    SIZES: Final = (16, 32, 48, 64, 96, 128, 192, 256, 336, 512, 672, 1024, 1360, 2048)

    def __init__(self) -> None:
        self.pages = 0
        self._next = 0
        self._slots: dict[int, list[int]] = {}  # by page: its free slots, the last one taken first
        self._kinds: dict[int, int] = {}  # by page: the size of its slots, or all of a large object
        self._partial: dict[int, set[int]] = {size: set() for size in self.SIZES}

    def place(self, size: int) -> tuple[int, int]:
        """Take a slot of a page that has one free, the lowest, or of a new page."""
        slot = next((s for s in self.SIZES if s >= size), _up(size, PGSIZE))
        if slot >= PGSIZE:
            return self._new_pages(slot, slot), slot
        if not self._partial[slot]:
            page = self._new_pages(PGSIZE, slot)
            self._slots[page] = [page + i * slot for i in reversed(range(PGSIZE // slot))]
            self._partial[slot].add(page)
        page = min(self._partial[slot])
        where = self._slots[page].pop()
        if not self._slots[page]:
            self._partial[slot].remove(page)
        return where, slot

    def remove(self, where: int) -> None:
        """Free the slot, and the page with its last one."""
        page = where // PGSIZE * PGSIZE
        slot = self._kinds[page]
        if slot >= PGSIZE:
            del self._kinds[page]
            self.pages -= slot // PGSIZE
            return
        self._slots[page].append(where)
        self._partial[slot].add(page)
        if len(self._slots[page]) == PGSIZE // slot:
            self._partial[slot].remove(page)
            del self._slots[page], self._kinds[page]
            self.pages -= 1

    def _new_pages(self, size: int, kind: int) -> int:
        where, self._next = self._next, self._next + size
        self._kinds[where] = kind
        self.pages += size // PGSIZE
        return where


STRATEGIES: Final[dict[str, type[Strategy]]] = {
    "page": PagePerObject,
    "first fit": FirstFit,
    "buddy": Buddy,
    "slab": Slab,
}


def replay_allocations(trace: Table, strategy: str) -> Table:
    """Put the objects of a trace into pages in another way, and see what that costs.

    Parameters
    ----------
    trace : Table
        With the columns call, size and address, as `record_allocations` gives it. Any structured array with
        these will do: an address only has to tell the objects apart that live at the same time.
    strategy : str
        ``"page"`` (each object has its own), ``"first fit"`` (a heap with headers, as malloc of hartlab's C
        library keeps it), ``"buddy"`` (powers of two) or ``"slab"`` (a page for objects of one size).

    Returns
    -------
    Table
        A row after each call: live (bytes asked for and not freed), granted (bytes set aside for them), pages
        held, utilisation (live bytes by bytes held), internal fragmentation (the part of granted that nobody
        asked for) and external fragmentation (the part of the pages that is granted to nobody); 0 where there
        is nothing to divide by. A copy.

    Raises
    ------
    ValueError
        When there is no such strategy, or the trace frees an object that it has not allocated.

    Examples
    --------
    >>> import numpy as np
    >>> calls = [("malloc", 16, 1), ("malloc", 32, 2), ("free", 0, 1), ("free", 0, 2)]
    >>> trace = np.array(calls, dtype=[("call", "U6"), ("size", "u8"), ("address", "u8")])
    >>> for strategy in STRATEGIES:
    ...     print(strategy, replay_allocations(trace, strategy)["pages"])
    page [1 2 1 0]
    first fit [1 1 1 0]
    buddy [1 1 1 0]
    slab [1 2 1 0]
    """
    store = STRATEGIES[arguments.choice("strategy", strategy, list(STRATEGIES))]()
    placed: dict[int, tuple[int, int, int]] = {}  # by the trace's address: where, size, bytes set aside
    live = set_aside = 0
    rows = []
    for index, row in enumerate(trace):
        size, address = int(row["size"]), int(row["address"])
        if row["call"] == "malloc" and address:
            where, granted = store.place(size)
            placed[address] = where, size, granted
            live, set_aside = live + size, set_aside + granted
        elif row["call"] == "free":
            if address not in placed:
                raise ValueError(f"trace[{index}] frees {address:#x}, which is not allocated then")
            where, size, granted = placed.pop(address)
            store.remove(where)
            live, set_aside = live - size, set_aside - granted
        held = store.pages * PGSIZE
        rows.append(
            (
                live,
                set_aside,
                store.pages,
                live / held if held else 0.0,
                1 - live / set_aside if set_aside else 0.0,
                1 - set_aside / held if held else 0.0,
            )
        )
    return as_table(np.array(rows, dtype=_ROWS))
