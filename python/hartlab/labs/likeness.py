"""What a kernel comes to, whichever of its frames it uses: what two right solutions agree in."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from .. import _engine
from ..constants import PGSIZE, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X
from ..kernel import Kernel
from ..page_table import PageTable

PERMISSIONS = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U
_OF_PROCESSES = ("state", "parent", "sz", "killed", "xstate")

STALE = "the number of stale translations in the TLB"

Fact = tuple[str, Any]


def facts(kernel: Kernel, tables: Mapping[str, int]) -> Iterator[Fact]:
    """Give what can be said of a kernel without naming frames: what, and its value; the telling ones first.

    Parameters
    ----------
    kernel : Kernel
        The kernel.
    tables : mapping
        Roots of page tables that need be no process's, by what they are called.
    """
    for what, root in tables.items():
        yield from _mapped(kernel, f"what {what} has", PageTable(kernel._engine, partial(int, root), what))
    processes = kernel.processes()
    for row in processes:
        pid = int(row["pid"])
        yield from ((f"{field} of pid {pid}", row[field].item()) for field in _OF_PROCESSES)
        for area in kernel.areas(pid):
            where = f"to {area['end']:#x}, {area['perms']}"
            yield f"the area {area['kind']} of pid {pid} at {area['start']:#x}", where
        yield from _mapped(kernel, f"what pid {pid} has", kernel.process(pid).page_table)
    yield "the number of free pages", kernel.free_pages
    found = kernel.audit()
    errors = found[found["severity"] == "error"]
    yield "what the audit finds", sorted(set(errors["kind"].tolist())) or "nothing"
    yield STALE, int(kernel.hart.tlb()["stale"].sum())


def pages(table: PageTable, kernel: Kernel) -> dict[int, str]:
    """The user's pages by address: their flags, and a digest of what is in them."""
    held = {}
    for entry in table.entries():
        if not entry["U"]:
            continue
        flags = _engine.flag_string(int(entry["flags"]) & PERMISSIONS)[:5] + (" cow" if entry["cow"] else "")
        pa = int(entry["pa"])
        held[int(entry["va"])] = f"{flags}, bytes {zlib.crc32(kernel.memory[pa : pa + PGSIZE]):08x}"
    return held


def _mapped(kernel: Kernel, what: str, table: PageTable) -> Iterator[Fact]:
    for va, held in pages(table, kernel).items():
        yield f"{what} at {va:#x}", held
