"""A range of memory as squares: one for each page, or for so many bytes, coloured by what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import arguments
from ..constants import PGSIZE
from . import palette
from .lettering import listed, printable
from .picture import Picture

if TYPE_CHECKING:
    from .canvas import Canvas

_SIDE, _ROW, _AXIS = 14.0, 17.0, 84.0
_COLOURS = (palette.SKY, palette.ORANGE, palette.GREEN, palette.PURPLE, palette.YELLOW, palette.VERMILION)
_MOST = 1 << 16


def squares(names: Sequence[str], *, start: int = 0, unit: int = PGSIZE, columns: int = 32) -> Picture:
    """Draw squares in rows, each coloured by its name; an empty name is nothing, a hole.

    Parameters
    ----------
    names : sequence of str
        One for each square, by ascending address.
    start : int
        The address of the first one.
    unit : int
        Bytes that a square stands for.
    columns : int
        Squares in a row, up to 64.

    Returns
    -------
    Picture
        Its `data`: squares (address, name).

    Raises
    ------
    ValueError
        When unit or columns is less than 1, or there are more than 65,536 squares.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.pictures.squares(["text", "stack", "", "", "vma"], columns=4)
    0x0     t s . .
    0x4000  v
    t text  s stack  v vma  . nothing
    """
    given = [arguments.text(f"names[{i}]", str(name)) for i, name in enumerate(names)]
    start = arguments.integer("start", start, 0, (1 << 64) - 1)
    unit = arguments.integer("unit", unit, 1, 1 << 40)
    columns = arguments.integer("columns", columns, 1, 64)
    if len(given) > _MOST:
        raise ValueError(f"names has {len(given)} squares; a picture has at most {_MOST}")
    kinds = list(dict.fromkeys(name for name in given if name))
    looks = _looks(kinds)
    addresses = [(start + i * unit) % (1 << 64) for i in range(len(given))]

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw(canvas, given, addresses, looks, columns)

    return Picture(
        draw,
        title="Memory in squares",
        alt=_alt(given, kinds, start, unit),
        text=_text(given, addresses, kinds, columns),
        data={
            "squares": np.array(
                list(zip(addresses, given, strict=True)), dtype=[("address", "u8"), ("name", "U64")]
            )
        },
    )


def _looks(kinds: list[str]) -> dict[str, palette.Look]:
    """Areas look as they do everywhere; what has another name takes a colour that is free."""
    looks = {kind: palette.AREAS[kind] for kind in kinds if kind in palette.AREAS}
    taken = {look.fill for look in looks.values()}
    free = [colour for colour in _COLOURS if colour not in taken] or list(_COLOURS)
    for number, kind in enumerate(kind for kind in kinds if kind not in looks):
        hatch = ("", "//", "||")[number // len(free) % 3]
        looks[kind] = palette.Look(free[number % len(free)], kind[0], hatch)
    return {kind: looks[kind] for kind in kinds}


def _draw(
    canvas: Canvas, given: list[str], addresses: list[int], looks: dict[str, palette.Look], columns: int
) -> tuple[float, float]:
    for number, (name, address) in enumerate(zip(given, addresses, strict=True)):
        x, y = _AXIS + number % columns * _ROW, number // columns * _ROW
        if number % columns == 0:
            canvas.text(_AXIS - 8, y + _SIDE / 2, f"{address:#x}", mono=True, size=8, anchor="right")
        look = looks.get(name, palette.Look(None, ""))
        tip = f"{address:#x}: {name or 'nothing'}"
        edge = "soft" if name else "line"
        canvas.box(
            x,
            y,
            _SIDE,
            _SIDE,
            look.fill,
            hatch=look.hatch,
            edge=edge,
            dashed=not name,
            mark=f"square {address:#x}",
            tip=tip,
        )
        if name:
            colour = palette.on(look.fill) if look.fill else "ink"
            canvas.text(
                x + _SIDE / 2, y + _SIDE / 2, name[0], size=8, anchor="center", mono=True, colour=colour
            )
    rows = -(-len(given) // columns)
    x, y = _AXIS, rows * _ROW + 4
    width = _AXIS + min(columns, max(len(given), 1)) * _ROW
    for kind, look in looks.items():
        if x > _AXIS and x + 24 + 5.5 * len(kind) > max(columns * _ROW + _AXIS, 500):
            x, y = _AXIS, y + _ROW
        canvas.box(x, y, _SIDE, _SIDE, look.fill, hatch=look.hatch)
        canvas.text(x + _ROW + 2, y + _SIDE / 2, kind, size=8.5, limit=60)
        x += 34 + 5.5 * min(len(kind), 60)
        width = max(width, x)
    return width, y + _SIDE


def _alt(given: list[str], kinds: list[str], start: int, unit: int) -> str:
    counts = [f"{given.count(kind)} {kind}" for kind in kinds]
    if "" in given:
        counts.append(f"{given.count('')} empty")
    return f"{len(given)} squares of {unit} bytes from {start:#x}: {listed(counts) or 'none'}."


def _text(given: list[str], addresses: list[int], kinds: list[str], columns: int) -> str:
    shown = [f"{addresses[i]:#x}" for i in range(0, len(given), columns)]
    width = max(map(len, shown), default=0)
    lines = [
        f"{address.ljust(width)}  " + " ".join(name[0] if name else "." for name in given[i : i + columns])
        for address, i in zip(shown, range(0, len(given), columns), strict=True)
    ]
    legend = [f"{kind[0]} {printable(kind)}" for kind in kinds]
    if "" in given:
        legend.append(". nothing")
    return "\n".join([*lines, "  ".join(legend)])
