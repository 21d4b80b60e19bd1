"""Page-table entries as a tree of few rows: neighbours that are alike are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import sources
from .sources import Array

ROWS = 44  # rows of leaves that a picture has room for
_REGULAR = 5  # single entries in equal distances that are drawn as one row


@dataclass
class Row:
    """Neighbouring entries of one table that are alike: leaves, or pointers to tables that are alike."""

    level: int
    first: int  # index in the table
    last: int
    va: int
    pa: int
    pte: int  # of the first
    size: int  # bytes that each is responsible for
    leaf: bool
    broken: bool
    in_order: bool  # their frames follow each other as their pages do
    step: int = 1  # from one index to the next: 2 when every second entry is in use
    times: int = 1  # tables like this one that are drawn as one
    child: Node | None = None

    @property
    def count(self) -> int:
        """How many entries it stands for, in all the tables that are like this one."""
        return ((self.last - self.first) // self.step + 1) * self.times

    @property
    def indices(self) -> str:
        """Their indices."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def shape(self) -> Any:
        """What two neighbours must have in common to be drawn as one."""
        return self.leaf, self.broken, self.pte & 0x3FF, self.in_order, self.child and self.child.shape

    def has(self, index: int) -> bool:
        """Whether an entry with this index is one of them."""
        return self.first <= index <= self.last and (index - self.first) % self.step == 0


@dataclass
class Node:
    """A table, with the rows in which something is."""

    level: int
    pa: int
    rows: list[Row] = field(default_factory=list)

    @property
    def shape(self) -> Any:
        """What two tables must have in common to be drawn as one."""
        return tuple((row.first, row.last, row.shape) for row in self.rows)


def tree(entries: Array) -> Node | None:
    """The root with all below it; None for a table without entries."""
    if len(entries) == 0:
        return None
    runs = _runs(entries, by_frame=True)
    if len(runs) > 2 * ROWS:
        runs = _runs(entries, by_frame=False)
    root = Node(2, int(entries["pte_address"][0]) & ~0xFFF)
    open_tables = {2: root}
    for start, end in runs:
        row = _row(entries, start, end)
        if row.level not in open_tables:
            raise ValueError("the entries lack the tables above them; entries(tables=True) lists those too")
        open_tables[row.level].rows.append(row)
        for level in range(row.level):
            open_tables.pop(level, None)
        if not row.leaf and row.level > 0:
            row.child = open_tables[row.level - 1] = Node(row.level - 1, row.pa)
    _merge(root)
    _count(root, 1)
    return root


def leaf_rows(node: Node | None) -> Iterator[Row]:
    """All rows that end a branch, by ascending address."""
    for row in node.rows if node else ():
        if row.child and row.child.rows:
            yield from leaf_rows(row.child)
        else:
            yield row


def cut(node: Node, rows: int) -> int:
    """Keep the first and last of so many rows, and say how many are gone."""
    every = list(leaf_rows(node))
    if len(every) <= rows:
        return 0
    dropped = {id(row) for row in every[rows * 2 // 3 : -(rows // 3)]}
    _drop(node, dropped)
    return len(dropped)


def _drop(node: Node, dropped: set[int]) -> None:
    for row in node.rows:
        if row.child:
            had = bool(row.child.rows)
            _drop(row.child, dropped)
            if had and not row.child.rows:
                dropped.add(id(row))
    node.rows = [row for row in node.rows if id(row) not in dropped]


def _runs(entries: Array, *, by_frame: bool) -> list[tuple[int, int]]:
    """Entries next to each other in one table, with the same flags; by frame: with frames in order too."""
    number = np.arange(len(entries))
    step = np.where(entries["leaf"], entries["pte_address"] - number.astype(np.uint64) * np.uint64(8), number)
    keys = [step, entries["leaf"], entries["level"], entries["flags"], entries["broken"]]
    keys.append(entries["pte_address"] >> np.uint64(12))
    if by_frame:
        keys.append(entries["pa"] - entries["va"])
    return sources.runs(*keys)


def _row(entries: Array, start: int, end: int) -> Row:
    first = entries[start]
    index = (int(first["pte_address"]) & 0xFFF) >> 3
    offsets = entries["pa"][start : end + 1] - entries["va"][start : end + 1]
    return Row(
        level=int(first["level"]),
        first=index,
        last=index + end - start,
        va=int(first["va"]),
        pa=int(first["pa"]),
        pte=int(first["pte"]),
        size=int(first["size"]),
        leaf=bool(first["leaf"]),
        broken=bool(first["broken"]),
        in_order=bool((offsets == offsets[0]).all()),
    )


def _merge(node: Node) -> None:
    """Make neighbouring pointers one whose tables are alike."""
    merged: list[Row] = []
    for row in node.rows:
        if row.child:
            _merge(row.child)
        before = merged[-1] if merged else None
        if before and row.child and row.first == before.last + 1 and row.shape == before.shape:
            before.last = row.last
        else:
            merged.append(row)
    node.rows = _regular(merged)


def _regular(rows: list[Row]) -> list[Row]:
    """Make one of single leaves that are alike and equally far apart, as kernel stacks between guards are."""
    made: list[Row] = []
    at = 0
    while at < len(rows):
        end, step = at + 1, 0
        while end < len(rows) and _alike(rows[at], rows[end]):
            apart = rows[end].first - rows[end - 1].first
            if step not in (0, apart):
                break
            end, step = end + 1, apart
        if end - at >= _REGULAR:
            rows[at].last, rows[at].step, rows[at].in_order = rows[end - 1].first, step, False
            made.append(rows[at])
            at = end
        else:
            made.append(rows[at])
            at += 1
    return made


def _alike(one: Row, other: Row) -> bool:
    single = one.leaf and one.first == one.last and other.first == other.last
    return single and one.shape == other.shape


def _count(node: Node, times: int) -> None:
    for row in node.rows:
        row.times = times
        if row.child:
            _count(row.child, row.count)
