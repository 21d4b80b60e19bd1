"""Memory as a guest kernel's own pointers mean it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..image import segments
from ..page_table import PageTable

if TYPE_CHECKING:
    from ..machine import Machine

_PAGE = 4096
_WORD = (1 << 64) - 1


class GuestMemory:
    """Reads by an address of the kernel, and looks only: nothing of the machine changes.

    An address inside RAM is physical, as in a kernel that maps RAM where it is. Another one is where the file
    was linked, if its segments are loaded elsewhere; else what a satp makes of it: hart 0's first.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        linked = [(each.va, each) for elf in machine._symbols.files for each in segments(elf)]
        self._moved = [(va, each) for va, each in linked if va is not None and va != each.pa]

    def read(self, address: int, size: int) -> bytes:
        """Return bytes; LookupError where there is no memory."""
        address &= _WORD
        memory = self._machine.memory
        if memory.base <= address and address + size <= memory.end:
            return memory.read(address, size)
        pieces = []
        while size > 0:
            piece = min(size, _PAGE - address % _PAGE)
            pa = self.translate(address)
            if pa is None or not (memory.base <= pa and pa + piece <= memory.end):
                raise LookupError(
                    f"there is no memory at {address:#x}: it is not in RAM, and no hart's satp maps it"
                )
            pieces.append(memory.read(pa, piece))
            address, size = (address + piece) & _WORD, size - piece
        return b"".join(pieces)

    def translate(self, address: int) -> int | None:
        """Find the physical address that an address of the kernel means; None where there is none."""
        if address in self._machine.memory:
            return address
        for va, segment in self._moved:
            if va <= address < va + segment.memory_size:
                return address - va + segment.pa
        for hart in self._machine.harts:
            table = hart.page_table
            found = None if table is None else table.translate(address)
            if found is not None:
                return found
        return None

    def name_at(self, address: int) -> str | None:
        """Say what is at an address: ``"proc+0x168"``."""
        return self._machine._symbols.at(address)


class MappedMemory:
    """Reads by an address of some address space: a process's."""

    def __init__(self, table: PageTable) -> None:
        self._table = table

    def read(self, address: int, size: int) -> bytes:
        """Return bytes; LookupError where nothing is mapped."""
        found = self._table.peek(address, size)
        if found is None:
            raise LookupError(f"{self._table._title} maps nothing at {address:#x}")
        return found

    def name_at(self, address: int) -> str | None:
        """Say what is at an address: here nothing that is known."""
        return None
