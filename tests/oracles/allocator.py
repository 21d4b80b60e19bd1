"""kalloc and kfree as a Python list: the page freed last is allocated first."""

from __future__ import annotations

PGSIZE = 4096


class ReferencePanicError(Exception):
    """What the kernel would panic with."""


class Allocator:
    """The free pages between `end` and `phystop`, and what is in each page that was ever dealt in."""

    def __init__(self, end: int, phystop: int) -> None:
        self.end, self.phystop = end, phystop
        self.free: list[int] = []  # the last one is the head of the list
        self.bytes: dict[int, bytearray] = {}
        self.fail_in = 0  # the n-th kalloc from now fails; 0: none
        self.calls = 0
        self.freerange(end, phystop)

    def freerange(self, start: int, stop: int) -> None:
        page = (start + PGSIZE - 1) // PGSIZE * PGSIZE
        while page + PGSIZE <= stop:
            self.kfree(page)
            page += PGSIZE

    def kfree(self, pa: int) -> None:
        if pa % PGSIZE or not self.end <= pa < self.phystop:
            raise ReferencePanicError("kfree")
        assert pa not in self.free, f"{pa:#x} is freed twice"
        self.bytes[pa] = bytearray(b"\1" * PGSIZE)
        self.free.append(pa)

    def kalloc(self) -> int:
        """A page, or 0."""
        self.calls += 1
        if self.fail_in:
            self.fail_in -= 1
            if self.fail_in == 0:
                return 0
        if not self.free:
            return 0
        pa = self.free.pop()
        self.bytes[pa] = bytearray(b"\5" * PGSIZE)
        return pa

    def zero(self, pa: int) -> None:
        self.bytes[pa] = bytearray(PGSIZE)

    def free_list(self) -> list[int]:
        """The free pages in the order in which kalloc gives them out."""
        return self.free[::-1]
