"""What the pictures are drawn from: live objects, snapshots of them, or the tables that either gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import arguments
from ..inspection import KernelTables
from ..page_table import PageTable
from ..process import Process
from ..table import Table

Array = NDArray[Any]


def rows(name: str, value: Any, method: str, needed: tuple[str, ...], **options: Any) -> Array:
    """A table with these columns: `value` itself, or what its method of that name gives."""
    if not isinstance(value, np.ndarray):
        give = getattr(value, method, None)
        if not callable(give):
            raise TypeError(
                f"{name}={value!r} must have a method {method}(), as a Kernel or a Snapshot does, "
                f"or be the table that it returns"
            )
        value = give(**options)
    missing = [column for column in needed if column not in (value.dtype.names or ())]
    if missing:
        raise ValueError(
            f"{name} has no column {', '.join(missing)}; it must be a table that {method}() gives"
        )
    return np.asarray(value)


def page_table(name: str, value: Any) -> tuple[PageTable, str]:
    """The page table that is meant, and whose it is."""
    if isinstance(value, PageTable):
        return value, value._title
    if isinstance(value, Process):
        return value.page_table, f"pid {value.pid} {value.name!r}"
    if isinstance(value, tuple):
        space = address_space(name, value)
        return space.table, space.title
    if isinstance(value, KernelTables):
        return value.page_table, "the kernel"
    hart = getattr(value, "hart", value)
    table = getattr(hart, "page_table", None)
    if isinstance(table, PageTable):
        return table, table._title
    if hasattr(hart, "page_table"):
        raise ValueError(f"{name} has no page table: satp is 0, so addresses are physical")
    raise TypeError(f"{name}={value!r} must be a Process, a PageTable, a Kernel, or (snapshot, pid)")


@dataclass
class Space:
    """An address space as it was when the picture was made."""

    state: KernelTables
    pid: int
    title: str
    table: PageTable
    areas: Table
    leaves: Table


def address_space(name: str, value: Any) -> Space:
    """The address space of a process, or of (state, pid)."""
    if isinstance(value, Process):
        state: Any = value._kernel
        pid = value.pid
    elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], KernelTables):
        state, pid = value[0], arguments.integer(f"pid of {name}", value[1], 1)
    else:
        raise TypeError(f"{name}={value!r} must be a Process, or (kernel or snapshot, pid)")
    fields = state._fields(pid)
    title = f"pid {pid} {fields['name']!r}"
    table = PageTable(state._source, lambda: int(fields["pagetable"]), title)
    leaves = table.entries()
    return Space(state, pid, title, table, state.areas(pid), leaves[real(leaves)])


def real(entries: Array) -> Array:
    """Which rows of a listing are entries; those of a corrupted table have a level that there is not."""
    return np.asarray((entries["level"] >= 0) & (entries["level"] <= 2))


def runs(*keys: Array) -> list[tuple[int, int]]:
    """First and last index of each stretch of rows in which none of the keys changes from row to row."""
    count = len(keys[0])
    if count == 0:
        return []
    changes = np.zeros(count - 1, dtype=bool)
    for key in keys:
        changes |= key[1:] != key[:-1]
    starts = [0, *(np.flatnonzero(changes) + 1).tolist()]
    return list(zip(starts, [*(start - 1 for start in starts[1:]), count - 1], strict=True))
