"""Address spaces side by side: areas, pages, guards and holes, and the frames that they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, words
from ..inspection import KernelTables
from . import sources, space_columns, space_rows
from .lettering import columns, flags, power
from .picture import Picture
from .space_rows import MIXED, UNUSED, Link, Row, size_of

if TYPE_CHECKING:
    from .canvas import Canvas

_MOST = 6  # spaces in one picture


def address_space(*processes: Any, labels: Sequence[str] = ()) -> Picture:
    """Draw what a process sees of memory: areas, pages that are there or only granted, guard pages and holes.

    Several are drawn side by side with their addresses in line, and frames that they share are linked:
    parent and child, or one process before and after.

    Parameters
    ----------
    *processes : Process, (kernel or snapshot, pid), Kernel or Snapshot
        Whose address spaces, up to six; a Kernel or Snapshot stands for all its processes.
    labels : sequence of str, optional
        A title for each.

    Returns
    -------
    Picture
        Its `data`: rows (as they are drawn: space, start, end, kind, state, pages, pte, pa) and links (rows
        that share frames).

    Raises
    ------
    TypeError
        When there is none, or one is no process.
    ValueError
        When there are more than six, or labels for others than these.

    Examples
    --------
    >>> import hartlab as hl
    >>> proc = hl.Kernel().spawn(code=hl.asm("here: j here"), name="loop")
    >>> area = proc.sbrk(3 * hl.PGSIZE, hl.SBRK_LAZY)
    >>> proc.store(area + hl.PGSIZE, b"x")
    >>> hl.pictures.address_space(proc)
    pid 2 'loop'
    0x3ffffff000  trampoline  1 page  present  VR-X----    0x80007000
    0x3fffffe000  trapframe   1 page  present  VRW-----    0x81fa0000
          0x6000              256 GiB unused
          0x5000  heap        1 page  absent
          0x4000  heap        1 page  present  VRW-U-AD    0x81f97000
          0x3000  heap        1 page  absent
          0x2000  stack       1 page  present  VRW-U---    0x81f98000
          0x1000  guard       1 page  present  VRW-----    0x81f99000
             0x0  program     1 page  present  VRWXU---    0x81f9c000
    """
    spaces = [space for x in processes for space in _spaces(x)]
    if not spaces:
        raise TypeError("address_space() needs a process, such as address_space(kernel.process(1))")
    if len(spaces) > _MOST:
        raise ValueError(f"{len(spaces)} address spaces do not fit a picture; at most {_MOST} do")
    if labels and len(labels) != len(spaces):
        raise ValueError(f"labels has {len(labels)} titles for {words.plural(len(spaces), 'address space')}")
    titles = [arguments.text("labels", label) for label in labels] or _titles(spaces)
    shared = space_rows.common(spaces)
    every = [space_rows.rows(space, shared) for space in spaces]
    joined = space_rows.links(every)

    def draw(canvas: Canvas) -> tuple[float, float]:
        return space_columns.draw(canvas, titles, every, joined)

    return Picture(
        draw,
        title=f"The address space of {' and '.join(titles)}" if len(titles) < 3 else "Address spaces",
        alt=" ".join([*map(_sentence, titles, every), _sharing(joined)]).strip(),
        text="\n\n".join(_text(*each) for each in zip(titles, every, strict=True))
        + (f"\n\n{_sharing(joined)}" if joined else ""),
        data={"rows": _array(every), "links": _links_array(joined)},
    )


def _spaces(x: Any) -> list[sources.Space]:
    if isinstance(x, KernelTables):
        return [sources.address_space("process", (x, int(pid))) for pid in x.processes()["pid"]]
    return [sources.address_space("process", x)]


def _titles(spaces: list[sources.Space]) -> list[str]:
    """Their own; with what tells them apart when one process is drawn of several states."""
    titles = [space.title for space in spaces]
    if len(set(titles)) == len(titles):
        return titles
    marks = [getattr(space.state, "label", "") or "now" for space in spaces]
    return [f"{title} ({mark})" for title, mark in zip(titles, marks, strict=True)]


def _sentence(title: str, found: list[Row]) -> str:
    parts = []
    for kind in dict.fromkeys(row.kind for row in found if row.state != UNUSED):
        mine = [row for row in found if row.kind == kind]
        present = sum(row.pages for row in mine)
        absent = sum(row.size - row.pages for row in mine)
        if kind == "hole":
            parts.append(f"{words.plural(absent, 'page')} of holes")
        else:
            rest = f" and {power(absent)} absent" if absent else ""
            parts.append(f"{kind} {words.plural(present, 'page')}{rest}")
    return f"{title}, from low to high addresses: {', '.join(parts)}."


def _sharing(joined: list[Link]) -> str:
    count = sum(link[-1] for link in joined)
    return f"{words.plural(count, 'frame')} shared between neighbours." if count else ""


def _text(title: str, found: list[Row]) -> str:
    cells = []
    for row in reversed(found):
        start = f"{row.start:#x}".rjust(12)
        if row.state == UNUSED:
            cells.append([start, "", f"{size_of(row)} unused", "", "", ""])
            continue
        pte = f"{flags(row.pte):10}" if row.pages else ""
        state = f"{power(row.pages)} present" if row.state == MIXED else row.state
        cells.append([start, row.kind, size_of(row), state, pte, f"{row.pa:#x}" if row.pages else ""])
    widest = [[cell if i != 2 or row[1] else "" for i, cell in enumerate(row)] for row in cells]
    lines = columns(widest).split("\n") if cells else []
    for number, cell in enumerate(cells):
        if not cell[1]:  # unused: longer than its column
            lines[number] = f"{cell[0]}  {'':{max(len(c[1]) for c in cells)}}  {cell[2]}"
    return "\n".join([title, *lines])


def _array(every: list[list[Row]]) -> Any:
    made = [
        (number, row.start, row.end, row.kind, row.state, row.pages, row.pte, row.pa)
        for number, found in enumerate(every)
        for row in found
    ]
    names = [("space", "i4"), ("start", "u8"), ("end", "u8"), ("kind", "U16"), ("state", "U8")]
    return np.array(made, dtype=[*names, ("pages", "u8"), ("pte", "u8"), ("pa", "u8")])


def _links_array(joined: list[Link]) -> Any:
    names = ("space", "row", "other_space", "other_row", "frames")
    return np.array(joined, dtype=[(name, "i4") for name in names])
