"""Who owns each frame of a guest kernel: found by a walk over its process table, page tables and free list.

A frame that nobody owns by these may still be in somebody's hands: a page that a call of kalloc has just
returned, the arguments of exec, a pipe, a driver's queue. So the kernel's variables, the live part of its
stacks and its registers are looked through for pointers, as a garbage collector would. What is left is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .free_list import FreeList
from .holders import Holders, look_for_holders
from .processes import Slot
from .rows import dtype_of
from .sight import Sight

_PAGE = 4096
OWNERS = (
    "lost",
    "free",
    "page_table",
    "user",
    "trapframe",
    "kernel_stack",
    "pipe",
    "buffer",
    "kernel_image",
    "unmanaged",
)
(LOST, FREE, PAGE_TABLE, USER, TRAPFRAME, KERNEL_STACK, PIPE, BUFFER, KERNEL_IMAGE, UNMANAGED) = range(10)
MOST_FINDINGS = 10_000
_STACK_PAGES = 16  # of one kernel stack, at most
_MOST_MAPPED = 1 << 22  # pages of a process that are counted: 16 GiB
_WORD = (1 << 64) - 1


@dataclass(frozen=True)
class Conflict:
    """Two claims on one frame that exclude each other."""

    pa: int
    first: int
    first_pid: int
    first_va: int
    second: int
    second_pid: int
    second_va: int


@dataclass(frozen=True)
class Finding:
    """Something about a process's memory that cannot be right, or is worth knowing."""

    kind: str
    severity: str
    pid: int
    pa: int
    va: int
    message: str


@dataclass
class Census:
    """The frames, and what was found on the way."""

    frames: NDArray[Any]
    lists: list[FreeList]
    conflicts: list[Conflict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    holders: Holders = field(default_factory=Holders)
    pages: dict[int, tuple[int, int]] = field(default_factory=dict)  # by slot: user pages, page-table pages


class CensusTaker:
    """Claims frames for their owners, one after the other."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        memory = sight.memory
        count = memory.size // _PAGE
        self._base = memory.base
        self._first, self._end = sight.managed
        rows = np.zeros(count, dtype_of("frames"))
        rows["pa"] = np.arange(count, dtype=np.uint64) * np.uint64(_PAGE) + np.uint64(memory.base)
        rows["pid"], rows["level"] = -1, -1
        rows["code"] = LOST if sight.anatomy.heads else UNMANAGED
        rows["code"][: (self._first - memory.base) // _PAGE] = KERNEL_IMAGE
        rows["code"][(self._end - memory.base) // _PAGE :] = UNMANAGED
        rows["pid"][: (self._first - memory.base) // _PAGE] = 0
        self._rows = rows
        self._unowned = LOST if sight.anatomy.heads else UNMANAGED
        self.census = Census(rows, sight.free_lists())
        self._stacks: list[tuple[Slot, int, int]] = []  # va of a stack's page, and where it is

    def take(self) -> Census:
        """Count everything."""
        sight, census = self.sight, self.census
        for each in census.lists:
            self._claim(each.frames, FREE, -1)
        self._kernel_tables()
        for slot in sight.slots:
            self._kernel_stack(slot)
            if slot.used:
                self._process(slot)
        self._claim(np.array(sight.pipes(), dtype=np.uint64), PIPE, 0)
        lost = self._rows["code"] == LOST
        if lost.any():
            census.holders = look_for_holders(sight, lost, self._stacks)
            held = census.holders.frames
            self._rows["code"][held], self._rows["pid"][held] = BUFFER, 0
        self._rows["owner"] = np.array(OWNERS)[self._rows["code"]]
        return census

    # -- claims ----------------------------------------------------------------------------------------------

    def _claim(
        self, pages: NDArray[np.uint64], owner: int, pid: int, virtual: NDArray[np.uint64] | None = None
    ) -> None:
        virtual = np.zeros(len(pages), np.uint64) if virtual is None else virtual
        inside = (pages >= self._first) & (pages < self._end)
        pages, virtual = pages[inside], virtual[inside]
        index = ((pages - np.uint64(self._base)) >> np.uint64(12)).astype(np.int64)
        rows = self._rows
        repeated = np.ones(len(index), bool)
        repeated[np.unique(index, return_index=True)[1]] = False
        taken = repeated | (rows["code"][index] != self._unowned)
        fresh = index[~taken]
        rows["code"][fresh], rows["pid"][fresh], rows["va"][fresh] = owner, pid, virtual[~taken]
        if owner == USER:
            taken &= rows["code"][index] != USER  # shared: copy-on-write, or a mapping that is meant to be
        twice, virtual = index[taken], virtual[taken]
        rows["two_places"][twice] = True
        left = MOST_FINDINGS - len(self.census.conflicts)
        for row, va in zip(rows[twice[:left]], virtual[:left].tolist(), strict=True):
            before = (int(row["code"]), int(row["pid"]), int(row["va"]))
            self.census.conflicts.append(Conflict(int(row["pa"]), *before, owner, pid, va))

    def _find(self, kind: str, pid: int, pa: int, va: int, message: str, severity: str = "error") -> None:
        if len(self.census.findings) < MOST_FINDINGS:
            self.census.findings.append(Finding(kind, severity, pid, pa, va, message))

    def _is_free(self, pas: NDArray[np.uint64]) -> NDArray[np.bool_]:
        index = (pas - np.uint64(self._base)) >> np.uint64(12)
        return np.asarray(self._rows["code"][index.astype(np.int64)] == FREE)

    # -- what claims -----------------------------------------------------------------------------------------

    def _tables(self, root: int, entries: NDArray[Any], pid: int, shared: bool = False) -> int:
        """Claim the pages of a page table, and say how many there are."""
        inner = entries[~entries["leaf"] & ~entries["broken"]]
        pages = np.concatenate([np.array([root], dtype=np.uint64), inner["pa"]])
        virtual = np.concatenate([np.zeros(1, np.uint64), inner["va"]])
        levels = np.concatenate([np.array([2]), inner["level"] - 1])
        if shared:  # a kernel's page table of a process may lead to tables of the kernel's own
            index = (pages - np.uint64(self._base)) >> np.uint64(12)
            other = self._rows["code"][np.minimum(index, len(self._rows) - 1).astype(np.int64)] != PAGE_TABLE
            pages, virtual, levels = pages[other], virtual[other], levels[other]
        self._claim(pages, PAGE_TABLE, pid, virtual)
        inside = (pages >= self._first) & (pages < self._end)
        index = ((pages[inside] - np.uint64(self._base)) >> np.uint64(12)).astype(np.int64)
        self._rows["level"][index] = levels[inside]
        return len(pages)

    def _kernel_tables(self) -> None:
        sight = self.sight
        if sight.kernel_root is None:
            return
        entries = sight.kernel_entries
        self._tables(sight.kernel_root, entries, 0)
        leaves = entries[entries["leaf"] & ~entries["broken"]]
        apart = leaves[(leaves["va"] - leaves["pa"]) != np.uint64(sight.direct_offset)]
        stacks = {each.kstack & ~(_PAGE - 1) for each in sight.slots}
        others = [i for i, va in enumerate(apart["va"].tolist()) if not self._is_stack(va, stacks)]
        self._claim(apart["pa"][others], BUFFER, 0, apart["va"][others])

    @staticmethod
    def _is_stack(va: int, stacks: set[int]) -> bool:
        return any(va - page * _PAGE in stacks for page in range(_STACK_PAGES))

    def _kernel_stack(self, slot: Slot) -> None:
        if not slot.kstack:
            return
        va = slot.kstack & ~(_PAGE - 1)
        pages = []
        direct = va in self.sight.memory
        for number in range(1 if direct else _STACK_PAGES):
            pa = self.sight.translate((va + number * _PAGE) & _WORD)
            if pa is None:
                break
            pages.append(pa)
        virtual = np.arange(len(pages), dtype=np.uint64) * np.uint64(_PAGE) + np.uint64(va)
        self._claim(np.array(pages, dtype=np.uint64), KERNEL_STACK, slot.pid if slot.used else 0, virtual)
        self._stacks += [(slot, va + number * _PAGE, pa) for number, pa in enumerate(pages)]
        if not pages and slot.used:
            self._find(
                "process", slot.pid, 0, slot.kstack, f"the kernel stack of pid {slot.pid} is not mapped"
            )

    def _process(self, slot: Slot) -> None:
        sight = self.sight
        trapframe = self._trapframe(slot)
        for root in [sight.root(address) for address in slot.roots if address]:
            if root is not None and root != sight.kernel_root:
                self._tables(root, sight.entries(root), slot.pid, shared=True)
        if not slot.pagetable:
            return
        root = sight.root(slot.pagetable)
        if root is None:
            said = f"the page table of pid {slot.pid} is at {slot.pagetable:#x}, which is no page of RAM"
            self._find("process", slot.pid, 0, slot.pagetable, said)
            return
        entries = sight.entries(root)
        tables = self._tables(root, entries, slot.pid)
        broken = entries[entries["broken"]]
        for row in broken[~self._is_free(broken["pte_address"])][:100]:
            said = f"pid {slot.pid}: the MMU refuses the entry {int(row['pte']):#x} for {int(row['va']):#x}"
            self._find("broken_entry", slot.pid, int(row["pa"]), int(row["va"]), said)
        leaves = entries[entries["leaf"] & ~entries["broken"]]
        self.census.pages[slot.slot] = (self._user_pages(slot, leaves, trapframe), tables)

    def _trapframe(self, slot: Slot) -> int:
        if not slot.trapframe:
            return 0
        pa = self.sight.translate(slot.trapframe)
        if pa is None or pa % _PAGE:
            said = f"the trapframe of pid {slot.pid} is at {slot.trapframe:#x}, which is no page of RAM"
            self._find("process", slot.pid, 0, slot.trapframe, said)
            return 0
        self._claim(np.array([pa], dtype=np.uint64), TRAPFRAME, slot.pid)
        return pa

    def _user_pages(self, slot: Slot, leaves: NDArray[Any], trapframe: int) -> int:
        """Claim what a process has mapped, and say how many pages that are."""
        if trapframe:
            self._check_trapframe(slot, leaves, trapframe)
            leaves = leaves[leaves["pa"] != trapframe]
        fits = np.cumsum(_page_counts(leaves)) <= _MOST_MAPPED
        if not fits.all():
            said = f"pid {slot.pid} maps more than {_MOST_MAPPED:,} pages; the others are not looked at"
            self._find("cut_short", slot.pid, 0, int(leaves["va"][~fits][0]), said, "note")
        pages, virtual, flags = _single_pages(leaves[fits])
        managed = (pages >= self._first) & (pages < self._end)
        self._check_reach(slot, pages[~managed], virtual[~managed], flags[~managed])
        pages, virtual, flags = pages[managed], virtual[managed], flags[managed]
        self._claim(pages, USER, slot.pid, virtual)
        index = ((pages - np.uint64(self._base)) >> np.uint64(12)).astype(np.int64)
        np.add.at(self._rows["mappings"], index, np.uint64(1))
        self._rows["writable"][index[(flags & 4) != 0]] = True
        if "sz" in self.sight.anatomy.fields:
            own = np.array([*slot.pointers, 0], dtype=np.uint64)
            end = np.uint64(min(slot.sz + _PAGE - 1, _WORD) & ~(_PAGE - 1))
            beyond = (virtual >= end) & ~np.isin(pages, own)
            self._check_size(slot, pages[beyond], virtual[beyond])
        return len(pages)

    def _check_trapframe(self, slot: Slot, leaves: NDArray[Any], trapframe: int) -> None:
        own = leaves[leaves["pa"] == trapframe]
        for row in own[own["U"]]:
            said = f"pid {slot.pid} can reach its own trapframe at {int(row['va']):#x}: U is set"
            self._find("trapframe", slot.pid, trapframe, int(row["va"]), said)
        if not len(own) and len(leaves):
            said = f"the trapframe of pid {slot.pid}, {trapframe:#x}, is not in its page table"
            self._find("trapframe", slot.pid, trapframe, 0, said)

    def _check_reach(self, slot: Slot, pages: Any, virtual: Any, flags: Any) -> None:
        reached = (flags & 16) != 0
        for pa, va in [*zip(pages[reached].tolist(), virtual[reached].tolist(), strict=True)][:100]:
            where = "the kernel's image" if pa in self.sight.memory else "what is no RAM"
            said = f"pid {slot.pid} can reach {where}: {va:#x} is mapped to {pa:#x} with U set"
            self._find("user_reaches", slot.pid, pa, va, said)

    def _check_size(self, slot: Slot, pages: Any, virtual: Any) -> None:
        if not len(virtual):
            return
        first, more = int(virtual[0]), f" and {len(virtual) - 1} more" if len(virtual) > 1 else ""
        said = (
            f"pid {slot.pid} has {first:#x}{more} mapped beyond its size, {slot.sz:#x}: "
            "right for mapped files and the like, and else left over"
        )
        self._find("beyond_size", slot.pid, int(pages[0]), first, said, "note")


def _page_counts(leaves: NDArray[Any]) -> NDArray[np.int64]:
    """How many pages of 4 KiB each leaf maps."""
    return (leaves["size"] // _PAGE).astype(np.int64)


def _single_pages(leaves: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[Any]]:
    """Leaves as pages of 4 KiB: physical addresses, virtual ones, flags."""
    counts = _page_counts(leaves)
    if (counts == 1).all():
        return leaves["pa"].copy(), leaves["va"].copy(), leaves["flags"].copy()
    within = np.concatenate([np.arange(n, dtype=np.uint64) for n in counts]) * np.uint64(_PAGE)
    return (
        np.repeat(leaves["pa"], counts) + within,
        np.repeat(leaves["va"], counts) + within,
        np.repeat(leaves["flags"], counts),
    )
