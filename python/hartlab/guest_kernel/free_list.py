"""The free list of a guest kernel, in the order in which it would hand pages out, up to where it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..memory import Memory
from ..table import Table, as_table
from .rows import dtype_of

_PAGE = 4096
VERDICTS = ("ok", "cycle", "out_of_bounds", "misaligned")  # by number, as the kernel model has them


@dataclass
class FreeList:
    """Pages by physical address, and how the list ends."""

    pages: list[int] = field(default_factory=list)
    following: list[int] = field(default_factory=list)  # what each says is next
    unit: int = _PAGE  # bytes that each of them is
    bad: int = 0  # the pointer that breaks it; 0 when it is whole
    verdict: str = "ok"

    @property
    def frames(self) -> NDArray[np.uint64]:
        """The frames of all its pages."""
        first = np.array(self.pages, dtype=np.uint64)
        within = np.arange(0, self.unit, _PAGE, dtype=np.uint64)
        return (first[:, None] + within).reshape(-1)


def walk(
    head: int,
    offset: int,
    memory: Memory,
    translate: Callable[[int], int | None],
    bounds: tuple[int, int],
    seen: set[int],
    unit: int = _PAGE,
) -> FreeList:
    """Follow a list from its first page. `seen` has the pages of lists before it, and takes this one's."""
    words: NDArray[np.uint64] = memory.array.view("<u8")
    first, end = bounds
    found = FreeList(unit=unit)
    address = head
    while address:
        pa = address if address in memory else translate(address)
        if pa is None or not (first <= pa < end and pa + offset + 8 <= memory.end):
            found.bad, found.verdict = address, "out_of_bounds"
        elif pa % unit:
            found.bad, found.verdict = address, "misaligned"
        elif pa in seen:
            found.bad, found.verdict = address, "cycle"
        if found.bad or pa is None:
            break
        seen.add(pa)
        address = int(words[(pa + offset - memory.base) >> 3])
        found.pages.append(pa)
        found.following.append(address)
    return found


def table(lists: list[FreeList]) -> Table:
    """A row a page; where a list breaks, a row for the pointer itself."""
    parts: list[Any] = []
    index = 0
    for each in lists:
        rows = np.zeros(len(each.pages) + bool(each.bad), dtype_of("free list"))
        rows["index"] = np.arange(index, index + len(rows))
        index += len(rows)
        rows["pa"] = [*each.pages, *([each.bad] if each.bad else [])]
        rows["next"][: len(each.pages)] = each.following
        rows["verdict"] = "ok"
        if each.bad:
            rows[-1]["verdict"], rows[-1]["code"] = each.verdict, VERDICTS.index(each.verdict)
        parts.append(rows)
    return as_table(np.concatenate(parts) if parts else np.zeros(0, dtype_of("free list")))
