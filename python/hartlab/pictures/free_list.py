"""The free list: where kalloc will take its pages from, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import constants, words
from . import palette, sources
from .lettering import columns, power
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("index", "pa", "next", "verdict")
_CHAIN = 6  # pages that are drawn one by one
_WIDE, _APART, _HEIGHT = 84.0, 22.0, 30.0
_PLOT = (78.0, 74.0, 556.0, 220.0)
_STRETCHES = 12


def free_list(x: Any) -> Picture:
    """Draw the free list: the pages that come next one by one, then the address of every page by its turn.

    A list as freerange leaves it is a straight line; kfree puts pages at the front, and so they come to
    lie in the order in which they were given back. A broken list ends at the pointer that breaks it.

    Parameters
    ----------
    x : Kernel, Snapshot or Table
        Whose list; or the table that ``free_list()`` gives.

    Returns
    -------
    Picture
        Its `data`: pages (index, pa, next, verdict) and stretches (pages in a row by address: index, pa,
        last, pages).

    Raises
    ------
    TypeError
        When x has no free list.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.pictures.free_list(hl.Kernel(memory="2MiB"))
    409 pages are free; kalloc takes 0x801af000 next
    from page  pages       first        last
            0    409  0x801af000  0x80017000
    """
    rows = sources.rows("x", x, "free_list", _NEEDED)
    pages, bad = rows[rows["verdict"] == "ok"], rows[rows["verdict"] != "ok"]
    stretches = _stretches(pages)

    def draw(canvas: Canvas) -> tuple[float, float]:
        _draw_chain(canvas, pages[:_CHAIN], len(pages), bad)
        if len(pages):
            _draw_turns(canvas, pages, bad)
        return _PLOT[0] + _PLOT[2] + 12, _PLOT[1] + _PLOT[3] + 34 if len(pages) else 60

    return Picture(
        draw,
        title="The free list",
        alt=_alt(pages, bad, stretches),
        text=_text(pages, bad, stretches),
        data={"pages": rows, "stretches": stretches},
    )


def _stretches(pages: Array) -> Array:
    """Pages whose addresses go up or down by one page from each to the next."""
    kinds = [("index", "u8"), ("pa", "u8"), ("last", "u8"), ("pages", "u8")]
    if len(pages) == 0:
        return np.empty(0, dtype=kinds)
    steps = np.diff(pages["pa"].astype(np.int64))
    smooth = np.abs(steps) == constants.PGSIZE
    made, start = [], 0
    turns = np.flatnonzero(~smooth | np.r_[False, steps[1:] != steps[:-1]][: len(steps)])
    for turn in turns.tolist():
        if turn + 1 > start:
            made.append((start, turn))
            start = turn + 1
    made.append((start, len(pages) - 1))
    return np.array([(a, pages["pa"][a], pages["pa"][b], b - a + 1) for a, b in made], dtype=kinds)


def _draw_chain(canvas: Canvas, pages: Array, total: int, bad: Array) -> None:
    if total:
        of = f", of {words.plural(total, 'free page')}"
        canvas.text(
            0, 5, f"handed out next{of if total > len(pages) else ''}", size=8, colour="soft", mark="total"
        )
    x, y = 0.0, 14.0
    for number, page in enumerate(pages):
        first = number == 0
        pa = int(page["pa"])
        edge, line = ("ink", 1.6) if first else ("line", 0.8)
        canvas.box(
            x,
            y,
            _WIDE,
            _HEIGHT,
            "wash",
            edge=edge,
            line=line,
            mark=f"page {pa:#x}",
            tip=f"number {number} of the list",
        )
        canvas.text(x + _WIDE / 2, y + 10, f"{pa:#x}", mono=True, size=8.5, anchor="center", bold=first)
        canvas.text(
            x + _WIDE / 2,
            y + 21,
            f"next {int(page['next']):#x}",
            mono=True,
            size=7,
            anchor="center",
            colour="soft",
        )
        x += _WIDE
        if number < len(pages) - 1:
            canvas.line([(x + 2, y + _HEIGHT / 2), (x + _APART - 2, y + _HEIGHT / 2)], "ink", arrow=True)
        x += _APART
    if total == 0 and not len(bad):
        canvas.text(0, y + 12, "empty: kalloc returns 0", bold=True, mark="empty")
    if total > len(pages):
        canvas.text(x - 14, y + _HEIGHT / 2, "…", colour="soft")
    if len(bad):
        says = f"broken: {bad['verdict'][0]} at {int(bad['pa'][0]):#x}"
        canvas.text(0, y + _HEIGHT + 14, says, bold=True, colour=palette.ALARM, mark="broken")


def _draw_turns(canvas: Canvas, pages: Array, bad: Array) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

    axes = canvas.plot(*_PLOT)
    low, high = int(pages["pa"].min()), int(pages["pa"].max())
    step = max(constants.PGSIZE, 1 << (max(high - low, 4) // 4).bit_length() - 1)
    low &= ~(step - 1)  # so that the scale has round addresses
    offsets = (pages["pa"] - np.uint64(low)).astype(np.float64)
    axes.plot(
        pages["index"].astype(np.float64),
        offsets,
        linestyle="none",
        marker=".",
        markersize=6 if len(pages) < 200 else 2.5,
        markeredgewidth=0,
        color=palette.BLUE,
        rasterized=len(pages) > 2000,
        gid="mark:turns",
    )
    span = max(high - low, constants.PGSIZE)
    if len(bad):
        axes.axvline(float(len(pages)), color=palette.ALARM, linewidth=1.4, linestyle="--")
    axes.set_xlim(-0.02 * len(pages), len(pages) * 1.02)
    axes.set_ylim(-0.04 * span, 1.04 * span)
    axes.yaxis.set_major_locator(MultipleLocator(step))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{low + int(y):#x}" if y >= 0 else ""))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{int(x):,}"))
    x, y, width, height = _PLOT
    canvas.text(
        x + width / 2,
        y + height + 26,
        "place in the list; 0 is handed out next",
        size=8.5,
        anchor="center",
        colour="soft",
    )
    canvas.text(x, y - 8, "address", size=8.5, anchor="right", colour="soft")


def _alt(pages: Array, bad: Array, stretches: Array) -> str:
    if len(pages) == 0 and not len(bad):
        return "The free list is empty: kalloc returns 0."
    parts = [f"The free list has {words.plural(len(pages), 'page')}."]
    if len(pages):
        parts.append(
            f"The next is {int(pages['pa'][0]):#x}; "
            f"the addresses make {words.plural(len(stretches), 'stretch')} without a jump."
        )
    if len(bad):
        parts.append(f"The list is broken at {int(bad['pa'][0]):#x}: {bad['verdict'][0]}.")
    return " ".join(parts)


def _text(pages: Array, bad: Array, stretches: Array) -> str:
    if len(pages):
        lines = [f"{words.plural(len(pages), 'page')} are free; kalloc takes {int(pages['pa'][0]):#x} next"]
        cells = [["from page", "pages", "first", "last"]]
        cells += [
            [power(int(s["index"])), power(int(s["pages"])), f"{int(s['pa']):#x}", f"{int(s['last']):#x}"]
            for s in stretches[:_STRETCHES]
        ]
        lines.append(columns(cells, "rrrr"))
        if len(stretches) > _STRETCHES:
            lines.append(f"... {power(len(stretches) - _STRETCHES)} more stretches")
    else:
        lines = ["no page is free"]
    if len(bad):
        lines.append(f"BROKEN at {int(bad['pa'][0]):#x}: {bad['verdict'][0]}")
    return "\n".join(lines)
