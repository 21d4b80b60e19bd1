"""Physical memory as a map of frames: who owns each, how many map it, and in what order the free ones go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import constants, words
from . import palette, sources
from .frame_map import FrameMap, frame_map
from .lettering import columns, percent, power, printable
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("pa", "owner", "pid", "mappings", "reference_count", "two_places")
_AXIS, _TOP, _SIDE = 78.0, 16.0, 16.0
_MARKS = 96  # frames that carry a number
_LETTERS = ((64, 0.0, 24),)  # squares of the map that is made of letters


def frames(x: Any, free_list: Any = None) -> Picture:
    """Draw physical memory as a map: a square for each frame, coloured by its owner.

    Stretches that are all alike take one row. Free frames are stronger the sooner kalloc hands them out, and
    a number stands on a frame that is mapped more than once. When memory is large and mixed, a square stands
    for several frames and shows the rarest of their owners.

    Parameters
    ----------
    x : Kernel, Snapshot or Table
        Whose memory; or the table that ``frames()`` gives.
    free_list : Table, optional
        What ``free_list()`` gives, for a table; a Kernel or Snapshot has its own.

    Returns
    -------
    Picture
        Its `data`: frames; owners (owner, frames, first, last); cells, an array of shape (rows, columns), for
        each square that is drawn the index of its owner in owners, -1 outside of RAM; rows (pa, frames);
        order, the place of each frame in the free list or -1.

    Raises
    ------
    TypeError
        When x has no frames.

    Examples
    --------
    >>> import hartlab as hl
    >>> print(hl.pictures.frames(hl.Kernel(memory="2MiB")).alt)
    Physical memory of 2 MiB: 512 frames, of which 409 free, 64 kernel_stack, ...
    """
    table = sources.rows("x", x, "frames", _NEEDED)
    if free_list is None and hasattr(x, "free_list"):
        free_list = x.free_list()
    order = _order(table, free_list)
    owners, codes = _owners(table)
    times = np.maximum(table["mappings"].astype(np.int64), table["reference_count"])
    shared = np.flatnonzero(times > 1)
    drawn = frame_map(codes, times > 1)
    title = f"Physical memory of {words.size(len(table) * constants.PGSIZE)}"

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw(canvas, table, owners, drawn, order, times)

    return Picture(
        draw,
        title=title,
        alt=_alt(title, table, owners, len(shared)),
        text=_text(table, codes, owners, times),
        data={
            "frames": table,
            "owners": owners,
            "cells": drawn.cells,
            "rows": _rows(table, drawn),
            "order": order,
        },
    )


def _order(table: Array, free_list: Any) -> Array:
    """The place of each frame in the free list; -1 for those that are not in it."""
    order = np.full(len(table), -1, dtype=np.int64)
    if free_list is None or len(table) == 0:
        return order
    rows = sources.rows("free_list", free_list, "free_list", ("index", "pa", "verdict"))
    rows = rows[rows["verdict"] == "ok"]
    number = (rows["pa"] - table["pa"][0]) // np.uint64(constants.PGSIZE)
    there = number < len(table)
    order[number[there].astype(np.int64)] = rows["index"][there]
    return order


def _owners(table: Array) -> tuple[Array, Array]:
    """A row for each owner there is, those first that have most; and of each frame its row."""
    names, first, codes, counts = np.unique(
        table["owner"], return_index=True, return_inverse=True, return_counts=True
    )
    last = len(table) - 1 - np.unique(table["owner"][::-1], return_index=True)[1]
    by_count = np.argsort(-counts, kind="stable")
    owners = np.empty(len(names), [("owner", "U16"), ("frames", "u8"), ("first", "u8"), ("last", "u8")])
    owners["owner"], owners["frames"] = names[by_count], counts[by_count]
    owners["first"], owners["last"] = table["pa"][first[by_count]], table["pa"][last[by_count]]
    rank = np.empty(len(names), dtype=np.int64)
    rank[by_count] = np.arange(len(names))
    return owners, rank[codes.reshape(-1)]


def _rows(table: Array, drawn: FrameMap) -> Array:
    first = drawn.starts * drawn.per_cell
    ends = np.minimum(first + drawn.counts * drawn.per_cell, len(table))
    made = np.empty(drawn.rows, dtype=[("pa", "u8"), ("frames", "u8")])
    made["pa"] = table["pa"][np.minimum(first, len(table) - 1)] if len(table) else 0
    made["frames"] = ends - first
    return made


def _alt(title: str, table: Array, owners: Array, shared: int) -> str:
    counts = ", ".join(f"{power(int(row['frames']))} {row['owner']}" for row in owners)
    return f"{title}: {words.plural(len(table), 'frame')}, of which {counts}. " + (
        f"{words.plural(shared, 'frame')} mapped more than once." if shared else "No frame is mapped twice."
    )


def _text(table: Array, codes: Array, owners: Array, times: Array) -> str:
    drawn = frame_map(codes, times > 1, _LETTERS)
    letters = [palette.owner(str(name)).letter for name in owners["owner"]] + [" "]
    made = _rows(table, drawn)
    lines = []
    for row, cells, count in zip(made, drawn.cells, drawn.counts, strict=True):
        said = "".join(letters[code] for code in cells).rstrip()
        if count > drawn.wide:
            said = (
                f"{said[:3]} ... {power(int(row['frames']))} frames of {printable(owners['owner'][cells[0]])}"
            )
        lines.append(f"{int(row['pa']):#x}  {said}")
    cells = [
        [letter, str(row["owner"]), power(int(row["frames"]))]
        for letter, row in zip(letters, owners, strict=False)
    ]
    shared = int((times > 1).sum())
    each = f"a letter is {words.plural(drawn.per_cell, 'frame')}"
    more = f"; {words.plural(shared, 'frame')} mapped more than once" if shared else ""
    return "\n".join([*lines, columns(cells, "llr"), each + more])


# -- drawing -------------------------------------------------------------------------------------------------


def _draw(
    canvas: Canvas, table: Array, owners: Array, drawn: FrameMap, order: Array, times: Array
) -> tuple[float, float]:
    size, wide = drawn.size, drawn.wide * drawn.size
    frame = f"{words.plural(drawn.per_cell, 'frame')} of 4 KiB"
    canvas.text(_AXIS, 4, f"a square is {frame}", size=8, colour="soft")
    canvas.image(_AXIS, _TOP, size, _pixels(drawn, owners, order), mark="map", tip=f"{frame} each")
    canvas.box(_AXIS, _TOP, wide, drawn.rows * size, None)
    labelled = -99.0
    for number, row in enumerate(_rows(table, drawn)):
        y = _TOP + (number + 0.5) * size
        collapsed = drawn.counts[number] > drawn.wide
        if y - labelled >= 12 or (collapsed and y - labelled >= 8):
            canvas.text(
                _AXIS - 8, y, f"{int(row['pa']):#x}", mono=True, size=8, anchor="right", colour="soft"
            )
            labelled = y
        if collapsed:
            name = str(owners["owner"][drawn.cells[number, 0]])
            fill = palette.owner(name).fill
            canvas.text(
                _AXIS + wide / 2,
                y,
                f"⋮ {power(int(row['frames']))} × {name} ⋮",
                size=min(8.0, size + 3),
                anchor="center",
                colour=palette.on(fill) if fill else "ink",
                mark=f"alike {int(row['pa']):#x}",
            )
    shared = np.flatnonzero(times > 1)
    if size >= 16:
        _draw_letters(canvas, drawn, owners, set((shared // drawn.per_cell).tolist()))
    for index in shared[:_MARKS].tolist():
        place = drawn.place(index)
        if place:
            _draw_count(canvas, table[index], int(times[index]), place, size)
    side = _AXIS + wide + _SIDE
    bottom = _draw_legend(canvas, side, owners, len(table), bool((order >= 0).any()), len(shared))
    return side + 186, max(_TOP + drawn.rows * size + 2, bottom)


def _pixels(drawn: FrameMap, owners: Array, order: Array) -> Array:
    """Colours: of an owner, or grey for a free frame, stronger when its turn comes soon."""
    names = [str(name) for name in owners["owner"]]
    colours = np.zeros((len(names) + 1, 4), dtype=np.float32)
    for code, name in enumerate(names):
        fill = palette.owner(name).fill
        colours[code] = (*palette.rgb(fill), 1) if fill else (0.5, 0.5, 0.5, 0.12)
    pixels = colours[drawn.cells]
    length = int(order.max(initial=-1)) + 1
    if "free" in names and length:
        padded = np.full(drawn.codes.size * drawn.per_cell, length, dtype=np.int64)
        padded[: len(order)] = np.where(order < 0, length, order)
        turns = padded.reshape(-1, drawn.wide, drawn.per_cell).min(axis=2)[drawn.starts // drawn.wide]
        here = (drawn.cells == names.index("free")) & (turns < length)
        pixels[..., 3] = np.where(here, 0.5 - 0.4 * turns / length, pixels[..., 3])
    return pixels


def _draw_letters(canvas: Canvas, drawn: FrameMap, owners: Array, covered: set[int]) -> None:
    for row, cells in enumerate(drawn.cells):
        if drawn.counts[row] > drawn.wide:
            continue
        for column, code in enumerate(cells.tolist()):
            look = palette.owner(str(owners["owner"][code]))
            if code < 0 or not look.fill or drawn.starts[row] + column in covered:
                continue
            x, y = _AXIS + (column + 0.5) * drawn.size, _TOP + (row + 0.5) * drawn.size
            canvas.text(x, y, look.letter, size=8, anchor="center", mono=True, colour=palette.on(look.fill))


def _draw_count(canvas: Canvas, frame: Any, count: int, place: tuple[int, int], size: float) -> None:
    x, y = _AXIS + (place[1] + 0.5) * size, _TOP + (place[0] + 0.5) * size
    pa = int(frame["pa"])
    tip = f"{pa:#x}: {frame['owner']}, pid {frame['pid']}, {words.plural(count, 'mapping')}"
    half = max(size / 2, 3.5)
    canvas.box(
        x - half,
        y - half,
        2 * half,
        2 * half,
        palette.WHITE,
        edge=palette.BLACK,
        mark=f"shared {pa:#x}",
        tip=tip,
    )
    said = min(count, 99)
    canvas.text(x, y, said, size=7, anchor="center", bold=True, colour=palette.BLACK, mark=f"times {pa:#x}")


def _draw_legend(canvas: Canvas, x: float, owners: Array, total: int, ordered: bool, shared: int) -> float:
    y = _TOP + 6
    for row in owners:
        name = str(row["owner"])
        look = palette.owner(str(row["owner"]))
        canvas.box(x, y - 6, 12, 12, look.fill or "wash", hatch=look.hatch, mark=f"owner {name}")
        if look.fill:
            canvas.text(
                x + 6, y, look.letter, size=8, anchor="center", mono=True, colour=palette.on(look.fill)
            )
        canvas.text(x + 18, y, name, size=9)
        count = int(row["frames"])
        canvas.text(x + 140, y, power(count), size=9, anchor="right", mono=True, mark=f"count {name}")
        canvas.text(x + 186, y, percent(count, total), size=8, anchor="right", colour="soft")
        span = f"{int(row['first']):#x} … {int(row['last']):#x}"
        canvas.text(x + 18, y + 10, span, size=7.5, mono=True, colour="soft")
        y += 25
    if ordered:
        canvas.text(x, y, "free: stronger is handed out sooner", size=8, colour="soft")
        y += 14
    if shared:
        said = f"mapped more than once: {power(shared)}"
        if shared > _MARKS:
            said += f", the first {_MARKS} numbered"
        canvas.box(x + 2, y - 4, 8, 8, palette.WHITE, edge=palette.BLACK)
        canvas.text(x + 6, y, "2", size=7, anchor="center", bold=True, colour=palette.BLACK)
        canvas.text(x + 18, y, said, size=8, colour="soft", mark="shared")
        y += 14
    return y
