"""Questions of address translation: three levels of tables in memory, and addresses to be translated."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..constants import (
    KERNBASE,
    MAKE_SATP,
    PA2PTE,
    PGSIZE,
    PTE_A,
    PTE_D,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    PXSHIFT,
)
from ..machine import Machine
from .question import Question

_USED = PTE_V | PTE_A | PTE_D
_DATA, _TEXT = _USED | PTE_U | PTE_R | PTE_W, _USED | PTE_U | PTE_R | PTE_X
_MEMORY = 8 << 20
_FAULTS = {12: "an instruction page fault", 13: "a load page fault", 15: "a store page fault"}
_HELP = "Answer with the physical address, or with the exception code of the fault: 12, 13 or 15."


class Tables:
    """Page tables in the memory of a machine, with a few entries each, and addresses that they map or do not.

    Attributes
    ----------
    machine : Machine
        Which has them in place.
    works : list
        (virtual address, access) of translations that succeed.
    fails : list
        The same of those that fault.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._entries: dict[int, dict[int, int]] = {}
        frames = iter(rng.sample(range(_MEMORY // PGSIZE), 24))
        self._frames: Iterator[int] = (KERNBASE + frame * PGSIZE for frame in frames)
        self.works: list[tuple[int, str]] = []
        self.fails: list[tuple[int, str]] = []
        self.root = self._table()
        self._fill()
        self.machine = Machine(memory=_MEMORY)
        for table, entries in self._entries.items():
            for index, pte in entries.items():
                self.machine.memory.store(table + 8 * index, pte)
        self.machine.hart.csrs["satp"] = MAKE_SATP(self.root)

    def _table(self) -> int:
        table = next(self._frames)
        self._entries[table] = {}
        return table

    def _put(self, table: int, flags: int, pa: int) -> int:
        """Make an entry somewhere in a table; its index."""
        index = self._rng.choice([i for i in range(256) if i not in self._entries[table]])
        self._entries[table][index] = PA2PTE(pa) | flags
        return index

    def _fill(self) -> None:
        for _ in range(2):
            middle = self._table()
            top = self._put(self.root, PTE_V, middle) << PXSHIFT(2)
            lowest = self._table()
            below = top | self._put(middle, PTE_V, lowest) << PXSHIFT(1)
            self._fill_lowest(lowest, below)
            # A leaf of level 1: 2 MiB at once, so that the offset has 21 bits.
            large = KERNBASE + (self._rng.randrange(4) << PXSHIFT(1))
            superpage = top | self._put(middle, _DATA, large) << PXSHIFT(1)
            self.works.append((superpage | self._rng.randrange(1 << PXSHIFT(1)), "load"))
            # Nothing stands at this index.
            index = self._rng.choice([i for i in range(256) if i not in self._entries[middle]])
            self.fails.append((self._within(top | index << PXSHIFT(1)), "load"))

    def _fill_lowest(self, table: int, base: int) -> None:
        def page(flags: int) -> int:
            return self._within(base | self._put(table, flags, next(self._frames)) << PXSHIFT(0))

        self.works += [(page(_DATA), "store"), (page(_DATA), "load"), (page(_TEXT), "fetch")]
        self.fails += [
            (page(_TEXT), "store"),
            (page(_DATA), "fetch"),
            (page(_DATA & ~PTE_V), "load"),
            (page(_DATA & ~PTE_U), "load"),
        ]

    def _within(self, page: int) -> int:
        return page | self._rng.randrange(0, PGSIZE, 4)

    def text(self) -> str:
        """What is in the tables, for the student."""
        lines = [f"satp  {MAKE_SATP(self.root):#018x}"]
        for table in sorted(self._entries):
            lines += ["", f"the page at {table:#x}: all other entries are 0"]
            lines += [f"  entry {i:3}  {pte:#018x}" for i, pte in sorted(self._entries[table].items())]
        return "\n".join(lines)


def questions(rng: random.Random, count: int) -> list[Question]:
    """So many questions about one set of tables; about every third address faults."""
    tables = Tables(rng)
    faulting = max(1, count // 3) if count > 1 else 0
    chosen = rng.sample(tables.works, min(count - faulting, len(tables.works)))
    chosen += rng.sample(tables.fails, min(count - len(chosen), len(tables.fails)))
    rng.shuffle(chosen)
    return [_question(tables, number, *each) for number, each in enumerate(chosen, 1)]


def _question(tables: Tables, number: int, va: int, access: str) -> Question:
    page_table = tables.machine.hart.page_table
    assert page_table is not None
    walk = page_table.walk(va, access, privilege="U")
    answer = walk.pa if walk.pa is not None else walk.cause
    assert answer is not None
    text = (
        f"In user mode, the hart makes a {access} at {va:#x}. Which physical address does it reach? {_HELP}"
    )
    return Question(f"translation-{number}", text, tables.text(), answer, 2, _hint)


def _hint(given: int, answer: int) -> str:
    """What a wrong answer has right."""
    if answer in _FAULTS:
        return "the access faults" if given not in _FAULTS else "it does fault, but by another kind of access"
    if given in _FAULTS:
        return "the access does not fault"
    if given // PGSIZE == answer // PGSIZE:
        return "the frame is right; the offset is not"
    if given % PGSIZE == answer % PGSIZE:
        return "the offset is right; the frame is not"
    return "neither the frame nor the offset is right"
