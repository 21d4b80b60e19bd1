"""A guest kernel at one moment: its memory, its slots, its page tables. Read once, for one answer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..board.guest_memory import GuestMemory
from ..debug_info import Record, read
from ..debug_info.values import StructArray
from ..image import segments
from . import free_list, names
from .anatomy import Anatomy
from .processes import Slot, read_slots

if TYPE_CHECKING:
    from ..machine import Machine

_PAGE, _SUPERPAGE = 4096, 2 << 20
_WORD = (1 << 64) - 1


class Sight:
    """What is asked of a machine to say who owns what."""

    def __init__(self, machine: Machine, anatomy: Anatomy, phystop: int | None) -> None:
        self.machine = machine
        self.anatomy = anatomy
        self.memory = machine.memory
        self.guest = GuestMemory(machine)
        self._phystop = phystop
        self._entries: dict[int, NDArray[Any]] = {}

    @cached_property
    def slots(self) -> list[Slot]:
        """The process table."""
        return read_slots(self.anatomy, self.guest)

    def translate(self, address: int) -> int | None:
        """The physical address of one of the kernel's own: RAM itself, its page table's, a hart's."""
        if address in self.memory:
            return address
        if self.kernel_root is not None:
            leaf = self.machine._engine.find_leaf(self.kernel_root, address)
            return None if leaf is None else int(leaf[2])
        return self.guest.translate(address)

    def root(self, address: int) -> int | None:
        """A pointer to a page table as a physical address; None when it is no page of RAM."""
        pa = address if address in self.memory else self.guest.translate(address)
        return pa if pa is not None and pa % _PAGE == 0 and pa in self.memory else None

    def entries(self, root: int) -> NDArray[Any]:
        """All entries of a page table, pointers to tables included."""
        known = self._entries.get(root)
        if known is None:
            rows = self.machine._engine.page_table_entries(root, True, 0, _WORD, 0)
            known = self._entries[root] = rows[(rows["level"] >= 0) & (rows["level"] <= 2)]
        return known

    # -- the kernel's own page table -------------------------------------------------------------------------

    @cached_property
    def kernel_root(self) -> int | None:
        """Where the kernel's page table is; None before there is one."""
        reference = self.anatomy.kernel_page_table
        if reference is not None:
            try:
                value = reference.read(self.guest)
            except LookupError:
                value = 0
            return self.root(int(value)) if isinstance(value, int) and value else None
        for hart in self.machine.harts:
            table = hart.page_table
            if hart.privilege == "S" and table is not None:
                return self.root(table.root)
        return None

    @property
    def kernel_entries(self) -> NDArray[Any]:
        """The entries of the kernel's page table."""
        return np.zeros(0) if self.kernel_root is None else self.entries(self.kernel_root)

    @cached_property
    def _direct(self) -> tuple[int, int]:
        """How the kernel maps RAM: what its addresses have more than physical ones; and the end of it."""
        if self.kernel_root is None:
            return 0, self.memory.end
        rows = self.kernel_entries
        in_ram = (rows["pa"] >= self.memory.base) & (rows["pa"] < self.memory.end)
        leaves = rows[rows["leaf"] & ~rows["broken"] & in_ram]
        if not len(leaves):
            return 0, self.memory.end
        offsets, which = np.unique(leaves["va"] - leaves["pa"], return_inverse=True)
        direct = int(np.argmax(np.bincount(which, weights=leaves["size"].astype(float))))
        mapped = leaves[which == direct]
        return int(offsets[direct]), min(int((mapped["pa"] + mapped["size"]).max()), self.memory.end)

    @property
    def direct_offset(self) -> int:
        """What the kernel adds to a physical address to reach it: 0 in xv6."""
        return self._direct[0]

    @cached_property
    def managed(self) -> tuple[int, int]:
        """Where the pages are that the allocator hands out: from `end`, in whole pages, to PHYSTOP."""
        end = self.anatomy.end or max(
            (each.pa + each.memory_size for elf in self.machine._symbols.files for each in segments(elf)),
            default=self.memory.base,
        )
        first = self.guest.translate(end) or self.memory.base
        stop = self._direct[1] if self._phystop is None else self._phystop
        first = (first + _PAGE - 1) & ~(_PAGE - 1)
        return first, max(first, min(stop & ~(_PAGE - 1), self.memory.end))

    # -- lists -----------------------------------------------------------------------------------------------

    @cached_property
    def busy(self) -> list[Slot]:
        """Processes on whose behalf a hart is in the kernel: what they do may be half done."""
        harts = self.machine.harts
        return [
            each for each in self.slots if 0 <= each.hart < len(harts) and harts[each.hart].privilege != "U"
        ]

    def free_lists(self) -> list[free_list.FreeList]:
        """The free lists, each from its head."""
        seen: set[int] = set()
        found = []
        for path, head in self.anatomy.heads:
            try:
                first = int(head.read(self.guest))
            except LookupError:
                continue
            offset, unit = self.anatomy.next_offset, _PAGE
            if any(word in path.lower() for word in names.SUPERPAGES):
                unit = _SUPERPAGE
            bounds, translate = self.managed, self.guest.translate
            found.append(free_list.walk(first, offset, self.memory, translate, bounds, seen, unit))
        return found

    def pipes(self) -> list[int]:
        """Pages of pipes, found through the table of open files."""
        if self.anatomy.files is None:
            return []
        try:
            files = read(self.guest, self.anatomy.files.address, self.anatomy.files.type)
        except LookupError:
            return []
        if not isinstance(files, StructArray) or "pipe" not in (files.dtype.names or ()):
            return []
        pipes = np.asarray(files["pipe"], dtype=np.uint64)
        references = next((name for name in names.REFERENCES if name in (files.dtype.names or ())), None)
        if references is not None:  # a file that is closed may still point to the pipe that it was
            pipes = pipes[np.asarray(files[references]) != 0]
        pointers = np.unique(pipes)
        return [pa for each in pointers.tolist() if each and (pa := self.root(each)) is not None]

    def sp_of_harts(self) -> list[int]:
        """Where the schedulers' stacks begin to be in use."""
        if self.anatomy.cpus is None:
            return []
        try:
            cpus = read(self.guest, self.anatomy.cpus.address, self.anatomy.cpus.type)
        except LookupError:
            return []
        cpus = [cpus] if isinstance(cpus, Record) else cpus
        if not isinstance(cpus, (StructArray, list)):
            return []
        contexts = [cpu["context"] for cpu in cpus if "context" in cpu]
        return [int(each["sp"]) for each in contexts if isinstance(each, Record) and "sp" in each]
