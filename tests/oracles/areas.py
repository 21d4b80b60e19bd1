"""Areas as a Python list: where myalloc puts a new one, and the pages that come and go with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .address_space import TRAPFRAME, UserMemory, pages_up
from .allocator import PGSIZE
from .page_table import R, Table, U, W

NVMA = 10


@dataclass
class Areas:
    """`listed` has (start, end, index in vm[]), ascending; `rover` is where the policy "next" goes on."""

    listed: list[tuple[int, int, int]] = field(default_factory=list)
    rover: int = 0

    def copy(self) -> Areas:
        return Areas(list(self.listed), self.rover)

    def gaps(self, sz: int) -> list[tuple[int, int]]:
        """The ranges with nothing in them, empty ones left out."""
        ends = [pages_up(sz), *(end for _, end, _ in self.listed)]
        starts = [*(start for start, _, _ in self.listed), TRAPFRAME]
        return [(a, b) for a, b in zip(ends, starts, strict=True) if a < b]

    def place(self, sz: int, length: int, policy: str) -> int | None:
        fitting = [(a, b) for a, b in self.gaps(sz) if b - a >= length]
        if policy == "best":
            return min(fitting, key=lambda gap: (gap[1] - gap[0], gap[0]))[0] if fitting else None
        if policy == "next":
            above = [max(a, self.rover) for a, b in self.gaps(sz) if b - max(a, self.rover) >= length]
            if above:
                return above[0]
        return fitting[0][0] if fitting else None

    def limit(self) -> int:
        """How far sbrk may go."""
        return self.listed[0][0] if self.listed else TRAPFRAME


class AreaMemory:
    """myalloc and myfree over reference memory."""

    def __init__(self, memory: UserMemory, policy: str) -> None:
        self.memory = memory
        self.policy = policy

    def myalloc(self, root: Table, areas: Areas, sz: int, n: int) -> int:
        """`n` as the register holds it: 64 bits, unsigned."""
        n %= 1 << 64
        free = sorted(set(range(1, NVMA)) - {slot for _, _, slot in areas.listed})
        if n == 0 or n > TRAPFRAME or not free:
            return -1
        start = areas.place(sz, pages_up(n), self.policy)
        if start is None or self._map(root, start, start + pages_up(n)) < 0:
            return -1
        areas.listed = sorted([*areas.listed, (start, start + pages_up(n), free[0])])
        if self.policy == "next":
            areas.rover = start + pages_up(n)
        return start

    def myfree(self, root: Table, areas: Areas, va: int) -> int:
        for area in areas.listed:
            if area[0] == va % (1 << 64):
                areas.listed.remove(area)
                self._unmap(root, area)
                return 0
        return -1

    def drop(self, root: Table, areas: Areas) -> None:
        for area in areas.listed:
            self._unmap(root, area)
        areas.listed, areas.rover = [], 0

    def copy(self, old: Table, new: Table, areas: Areas, copied: Areas) -> int:
        """fork's share: what is in `copied` afterwards is what the child has."""
        copied.rover = areas.rover
        for start, end, slot in areas.listed:
            if self.memory.copy_range(old, new, start, end) < 0:
                return -1
            copied.listed.append((start, end, slot))
        return 0

    def protect(self, root: Table, areas: Areas) -> None:
        for start, end, _ in areas.listed:
            self.memory.protect_range(root, start, end)

    def _unmap(self, root: Table, area: tuple[int, int, int]) -> None:
        self.memory.uvmunmap(root, area[0], (area[1] - area[0]) // PGSIZE, True)

    def _map(self, root: Table, start: int, end: int) -> int:
        allocator = self.memory.allocator
        tables = {id(table) for table in root.tables()}
        for va in range(start, end, PGSIZE):
            made = root.lowest(va, allocator) is not None
            frame = allocator.kalloc() if made else 0
            if frame:
                allocator.zero(frame)
                self.memory.map(root, va, frame, R | W | U)
                continue
            self._prune(root, tables)
            for done in reversed(range(start, va, PGSIZE)):
                self.memory.uvmunmap(root, done, 1, True)
                self._prune(root, tables)
            return -1
        return 0

    def _prune(self, table: Table, keep: set[int]) -> None:
        """Frees the tables that are empty and not among those to keep."""
        for index, entry in list(table.entries.items()):
            if isinstance(entry, Table):
                self._prune(entry, keep)
                if not entry.entries and id(entry) not in keep:
                    self.memory.allocator.kfree(entry.frame)
                    del table.entries[index]
