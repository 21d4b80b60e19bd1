"""An address space as a list of few rows: the pages of each area that are alike, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .. import constants, words
from . import sources
from .sources import Array, Space

PRESENT, ABSENT, HOLE, UNUSED, MIXED = "present", "absent", "hole", "unused", "mixed"
Link = tuple[int, int, int, int, int]  # a column and a row of it, another column and a row, frames
_MOST: Final = 10  # rows that one area may have before it becomes a single one
_A_D: Final = constants.PTE_A | constants.PTE_D


@dataclass
class Row:
    """Neighbouring pages of an area that are alike."""

    kind: str
    state: str
    start: int
    end: int
    pages: int  # present ones
    pte: int = 0  # of the first page that is present
    pa: int = 0
    frames: Array | None = None  # of the pages that are present

    @property
    def size(self) -> int:
        """In pages."""
        return (self.end - self.start) // constants.PGSIZE


def rows(space: Space, shared: Array) -> list[Row]:
    """What there is in a space, by ascending address.

    Parameters
    ----------
    space : Space
        To be listed.
    shared : array of uint64, sorted
        Frames that other spaces have too; pages on them are not put together with others.

    Returns
    -------
    list of Row
        Without gaps: from one to the next all is covered.
    """
    leaves = np.asarray(space.leaves)
    found: list[Row] = []
    for area in space.areas:
        start, end = int(area["start"]), int(area["end"])
        if end <= start:
            continue
        if found and start > found[-1].end:
            # What lies between two areas is a hole; above the last of them nothing has been asked for.
            above = area["kind"] in ("trapframe", "trampoline")
            found.append(Row(*("unused", UNUSED) if above else ("hole", HOLE), found[-1].end, start, 0))
        if found and start < found[-1].end:
            continue  # two areas of a corrupted list overlap: the first of them is drawn
        inside = leaves[(leaves["va"] >= start) & (leaves["va"] < end)]
        found += _of_area(str(area["kind"]), start, end, inside, shared)
    return found


def _of_area(kind: str, start: int, end: int, leaves: Array, shared: Array) -> list[Row]:
    empty = HOLE if kind == "hole" else ABSENT
    found: list[Row] = []
    where = start
    for first, last in _runs(leaves, shared):
        begin, stop = int(leaves["va"][first]), int(leaves["va"][last] + leaves["size"][last])
        stop = min(stop, end)
        if begin > where:
            found.append(Row(kind, empty, where, begin, 0))
        found.append(_present(kind, PRESENT, max(begin, where), stop, leaves[first : last + 1]))
        where = stop
        if len(found) > _MOST:
            return [_present(kind, MIXED, start, end, leaves)]
    if where < end:
        found.append(Row(kind, empty, where, end, 0))
    return found


def _present(kind: str, state: str, start: int, end: int, leaves: Array) -> Row:
    pages = int(leaves["size"].sum()) // constants.PGSIZE
    pte, pa = int(leaves["pte"][0]), int(leaves["pa"][0])
    return Row(kind, state, start, end, pages, pte, pa, leaves["pa"])


def _runs(leaves: Array, shared: Array) -> list[tuple[int, int]]:
    if len(leaves) == 0:
        return []
    after = np.concatenate([leaves["va"][:1], (leaves["va"] + leaves["size"])[:-1]])
    broken = np.cumsum(leaves["va"] != after)
    alike = [broken, leaves["flags"], np.isin(leaves["pa"], shared)]
    found = sources.runs(*alike)
    if len(found) > _MOST:  # A and D come and go from page to page
        found = sources.runs(broken, leaves["flags"] & ~np.uint16(_A_D), alike[2])
    return found


def size_of(row: Row) -> str:
    """Its length in words."""
    size = row.end - row.start
    if size >= 1 << 30:
        return f"{size / (1 << 30):.4g} GiB"
    return words.plural(row.size, "page")


def links(columns: list[list[Row]]) -> list[Link]:
    """Which rows of neighbouring columns have frames in common: column, row, column, row, frames."""
    found: dict[tuple[int, int, int, int], int] = {}
    last: dict[int, tuple[int, int]] = {}
    for number, column in enumerate(columns):
        here: dict[int, tuple[int, int]] = {}
        for index, row in enumerate(column):
            if row.frames is None:
                continue
            for frame in row.frames.tolist():
                before = last.get(frame)
                if before is not None:
                    pair = (*before, number, index)
                    found[pair] = found.get(pair, 0) + 1
                here[frame] = (number, index)
        last |= here
    return [(*pair, count) for pair, count in found.items()]


def common(spaces: list[Space]) -> Array:
    """The frames that more than one of the spaces has, sorted."""
    every = [np.unique(np.asarray(space.leaves["pa"])) for space in spaces]
    frames, counts = np.unique(np.concatenate([*every, np.empty(0, np.uint64)]), return_counts=True)
    return frames[counts > 1]
