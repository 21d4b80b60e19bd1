"""Address spaces as columns of boxes, their addresses in line, with lines between pages on one frame."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from .. import constants, words
from . import palette
from .lettering import flags, power
from .space_rows import ABSENT, HOLE, MIXED, PRESENT, UNUSED, Link, Row, size_of

if TYPE_CHECKING:
    from .canvas import Canvas

_AXIS, _TOP = 84.0, 40.0
_WIDE, _SAYS, _APART = 128.0, 58.0, 44.0  # a column's boxes, the flags beside them, and the room for links
_LINKS = 80


def draw(
    canvas: Canvas, titles: list[str], every: list[list[Row]], joined: list[Link]
) -> tuple[float, float]:
    """Draw the columns, links first."""
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


_CHIPS = (("c", 0x100), ("A", constants.PTE_A), ("D", constants.PTE_D))
_NOTHING = Row("unused", UNUSED, 0, 0, 0)


def _covering(found: list[Row], address: int) -> Row:
    return next((row for row in found if row.start <= address < row.end), _NOTHING)


def _draw_row(
    canvas: Canvas, row: Row, left: float, top: float, bottom: float, number: int, says: bool
) -> None:
    middle = (top + bottom) / 2
    mark = f"row {number} {row.start:#x}"
    where = f"{row.start:#x} to {row.end:#x}: {row.kind}, {row.state}, {size_of(row)}"
    if row.state == UNUSED:
        canvas.text(
            left + _WIDE / 2,
            middle,
            f"⋮ {size_of(row)} unused",
            size=8,
            anchor="center",
            colour="soft",
            mark=mark,
        )
        return
    if row.state == PRESENT:
        tip = f"{where}, {flags(row.pte)}, frame {row.pa:#x}"
        _draw_present(canvas, row, left, top, bottom, mark, tip)
        if says:
            at = f"flags {number} {row.start:#x}"
            canvas.text(left + _WIDE + 5, middle, flags(row.pte), size=8, mono=True, mark=at)
        return
    edge = "line" if row.state == HOLE else "soft"
    canvas.box(left, top, _WIDE, bottom - top, None, edge=edge, dashed=True, mark=mark, tip=where)
    if row.state == HOLE:
        canvas.text(left + _WIDE / 2, middle, f"hole, {size_of(row)}", size=8, anchor="center", colour="soft")
        return
    shown = f"absent{f' ×{power(row.size)}' if row.size > 1 else ''}"
    if row.state == MIXED:  # along the bottom, how much of it is there
        share, fill = _WIDE * row.pages / max(row.size, 1), palette.area(row.kind).fill
        canvas.box(left, bottom - 7, share, 7, fill, edge="soft", mark=f"share {mark}")
        middle -= 3
        shown = f"{power(row.pages)} of {power(row.size)} present"
    canvas.text(left + 6, middle, row.kind, size=8.5, limit=14)
    canvas.text(left + _WIDE - 6, middle, shown, size=8, anchor="right")


def _draw_present(
    canvas: Canvas, row: Row, left: float, top: float, bottom: float, mark: str, tip: str
) -> None:
    """A row with a frame behind each page: its kind, how many there are, and A, D and c."""
    look, middle, height = palette.area(row.kind), (top + bottom) / 2, bottom - top
    canvas.box(left, top, _WIDE, height, look.fill, edge="soft", mark=mark, tip=tip)
    if look.hatch:  # between the words, so that they can be read
        x = left + 12 + 5.2 * len(row.kind)
        wide = max(left + _WIDE - 36 - x, 8)
        canvas.box(x, top, wide, height, None, hatch=look.hatch, edge=None, mark=f"hatch {mark}")
    colour = palette.on(look.fill) if look.fill else "ink"
    canvas.text(left + 6, middle, row.kind, size=8.5, colour=colour, limit=14)
    x = left + _WIDE - 8
    for letter, bit in reversed(_CHIPS):
        if row.pte & bit:
            canvas.text(x, middle, letter, size=8.5, anchor="center", mono=True, bold=True, colour=colour)
        x -= 10
    more = f"×{power(row.size)}" if row.size > 1 else ""
    canvas.text(x + 2, middle, more, size=8.5, anchor="right", colour=colour)


def _draw_legend(canvas: Canvas, x: float, y: float, linked: bool) -> None:
    canvas.text(
        x, y, "A accessed · D dirty · c copy on write · dashed: granted, absent", size=8, colour="soft"
    )
    if linked:
        canvas.line([(x + 262, y), (x + 282, y)], palette.CHOICE, width=1.4)
        canvas.text(x + 287, y, "one frame", size=8, colour="soft")
