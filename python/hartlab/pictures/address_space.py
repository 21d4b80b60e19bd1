"""Address spaces side by side: areas, pages, guards and holes, and the frames that they share."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, constants, words
from ..inspection import KernelTables
from . import palette, sources, space_rows
from .lettering import columns, flags, power
from .picture import Picture
from .space_rows import ABSENT, HOLE, MIXED, PRESENT, UNUSED, Row

if TYPE_CHECKING:
    from .canvas import Canvas

_AXIS, _TOP = 84.0, 40.0
_WIDE, _SAYS, _APART = 128.0, 58.0, 44.0  # a column's boxes, the flags beside them, and the room for links
_MOST = 6  # spaces in one picture
_LINKS = 80


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
        return _draw(canvas, titles, every, joined)

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


def _sharing(joined: list[tuple[int, int, int, int, int]]) -> str:
    count = sum(link[-1] for link in joined)
    return f"{words.plural(count, 'frame')} shared between neighbours." if count else ""


def _size(row: Row) -> str:
    size = row.end - row.start
    if size >= 1 << 30:
        return f"{size / (1 << 30):.4g} GiB"
    return words.plural(row.size, "page")


def _text(title: str, found: list[Row]) -> str:
    cells = []
    for row in reversed(found):
        start = f"{row.start:#x}".rjust(12)
        if row.state == UNUSED:
            cells.append([start, "", f"{_size(row)} unused", "", "", ""])
            continue
        pte = f"{flags(row.pte):10}" if row.pages else ""
        state = f"{power(row.pages)} present" if row.state == MIXED else row.state
        cells.append([start, row.kind, _size(row), state, pte, f"{row.pa:#x}" if row.pages else ""])
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


def _links_array(joined: list[tuple[int, int, int, int, int]]) -> Any:
    names = ("space", "row", "other_space", "other_row", "frames")
    return np.array(joined, dtype=[(name, "i4") for name in names])


# -- drawing -------------------------------------------------------------------------------------------------


def _draw(
    canvas: Canvas,
    titles: list[str],
    every: list[list[Row]],
    joined: list[tuple[int, int, int, int, int]],
) -> tuple[float, float]:
    says = _SAYS if len(titles) < 4 else 0
    step = _WIDE + says + _APART
    heights, bottom = _heights(every)
    lefts = [_AXIS + number * step for number in range(len(titles))]
    for address, y in heights.items():
        canvas.text(_AXIS - 8, y, f"{address:#x}", mono=True, size=8, anchor="right", colour="soft")
    for space, index, other, other_index, count in joined[:_LINKS]:
        row, far = every[space][index], every[other][other_index]
        ends = [(heights[each.start] + heights[each.end]) / 2 for each in (row, far)]
        canvas.curve(
            (lefts[space] + _WIDE + says, ends[0]),
            (lefts[other], ends[1]),
            palette.CHOICE,
            width=1.4,
            mark=f"link {space} {row.start:#x} {other} {far.start:#x}",
            tip=f"{words.plural(count, 'frame')} in both",
        )
    for number, (left, title, found) in enumerate(zip(lefts, titles, every, strict=True)):
        canvas.text(left + _WIDE / 2, 6, title, bold=True, anchor="center", limit=34)
        present = sum(row.pages for row in found)
        absent = sum(row.size - row.pages for row in found if row.state in (ABSENT, MIXED))
        rest = f", {power(absent)} absent" if absent else ""
        canvas.text(left + _WIDE / 2, 19, f"{words.plural(present, 'page')}{rest}", size=8, anchor="center")
        for row in found:
            _draw_row(canvas, row, left, heights[row.end], heights[row.start], number, bool(says))
    _draw_legend(canvas, _AXIS, bottom + 20, bool(joined))
    width = lefts[-1] + _WIDE + (says or 0)
    return max(width, _AXIS + 330), bottom + 32


def _heights(every: list[list[Row]]) -> tuple[dict[int, float], float]:
    """Where each address is drawn, high ones above: not to scale, and the same for all columns."""
    edges = sorted({edge for found in every for row in found for edge in (row.start, row.end)})
    empty = {low for low in edges[:-1] if all(_covering(found, low).state == UNUSED for found in every)}
    y, heights = _TOP, {}
    for low, high in zip(reversed(edges[:-1]), reversed(edges[1:]), strict=True):
        heights[high] = y
        pages = max(1, (high - low) // constants.PGSIZE)
        y += 22 if low in empty else min(15 + 5 * log2(pages), 44)
    if edges:
        heights[edges[0]] = y
    return heights, y


_NOTHING = Row("unused", UNUSED, 0, 0, 0)


def _covering(found: list[Row], address: int) -> Row:
    return next((row for row in found if row.start <= address < row.end), _NOTHING)


def _draw_row(
    canvas: Canvas, row: Row, left: float, top: float, bottom: float, number: int, says: bool
) -> None:
    middle, height = (top + bottom) / 2, bottom - top
    mark = f"row {number} {row.start:#x}"
    where = f"{row.start:#x} to {row.end:#x}: {row.kind}, {row.state}, {_size(row)}"
    if row.state == UNUSED:
        canvas.text(
            left + _WIDE / 2,
            middle,
            f"⋮ {_size(row)} unused",
            size=8,
            anchor="center",
            colour="soft",
            mark=mark,
        )
        return
    look = palette.area(row.kind)
    dark = "ink"
    if row.state == PRESENT:
        tip = f"{where}, {flags(row.pte)}, frame {row.pa:#x}"
        canvas.box(left, top, _WIDE, height, look.fill, edge="soft", mark=mark, tip=tip)
        if look.hatch:  # between the words, so that they can be read
            x = left + 12 + 5.2 * len(row.kind)
            wide = max(left + _WIDE - 36 - x, 8)
            canvas.box(x, top, wide, height, None, hatch=look.hatch, edge=None, mark=f"hatch {mark}")
        dark = palette.on(look.fill) if look.fill else "ink"
    else:
        edge = "line" if row.state == HOLE else "soft"
        canvas.box(left, top, _WIDE, height, None, edge=edge, dashed=True, mark=mark, tip=where)
    if row.state == MIXED:  # along the bottom, how much of it is there
        share = _WIDE * row.pages / max(row.size, 1)
        canvas.box(left, bottom - 7, share, 7, look.fill, edge="soft", mark=f"share {mark}")
        middle -= 3
    if row.state == HOLE:
        canvas.text(left + _WIDE / 2, middle, f"hole, {_size(row)}", size=8, anchor="center", colour="soft")
        return
    canvas.text(left + 6, middle, row.kind, size=8.5, colour=dark, limit=14)
    if row.state == PRESENT:
        more = f"×{power(row.size)}" if row.size > 1 else ""
        chips = [("c", 0x100), ("A", constants.PTE_A), ("D", constants.PTE_D)]
        x = left + _WIDE - 8
        for letter, bit in reversed(chips):
            if row.pte & bit:
                canvas.text(x, middle, letter, size=8.5, anchor="center", mono=True, bold=True, colour=dark)
            x -= 10
        canvas.text(x + 2, middle, more, size=8.5, anchor="right", colour=dark)
        if says:
            canvas.text(
                left + _WIDE + 5,
                middle,
                flags(row.pte),
                size=8,
                mono=True,
                mark=f"flags {number} {row.start:#x}",
            )
    else:
        shown = f"absent{f' ×{power(row.size)}' if row.size > 1 else ''}"
        if row.state == MIXED:
            shown = f"{power(row.pages)} of {power(row.size)} present"
        canvas.text(left + _WIDE - 6, middle, shown, size=8, anchor="right", colour=dark)


def _draw_legend(canvas: Canvas, x: float, y: float, linked: bool) -> None:
    canvas.text(
        x, y, "A accessed · D dirty · c copy on write · dashed: granted, absent", size=8, colour="soft"
    )
    if linked:
        canvas.line([(x + 262, y), (x + 282, y)], palette.CHOICE, width=1.4)
        canvas.text(x + 287, y, "one frame", size=8, colour="soft")
