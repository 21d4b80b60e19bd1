"""A range of memory as a picture: a square for each page, or for so many bytes, coloured by what it is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from . import arguments
from .constants import PGSIZE

_COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756", "#72b7b2", "#eeca3b", "#9d755d")
_NOTHING = "none"
_SIDE, _GAP, _MARGIN = 14, 2, 96


class Squares:
    """Squares in rows, each with the name of what it is; an empty name is nothing, a hole.

    It prints as letters, the first of each name, and shows as a drawing in a notebook.

    Parameters
    ----------
    names : sequence of str
        One for each square, by ascending address.
    start : int
        The address of the first one.
    unit : int
        Bytes that a square stands for.
    columns : int
        Squares in a row.

    Raises
    ------
    ValueError
        When unit or columns is less than 1.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.Squares(["text", "stack", "", "", "vma"], columns=4)
    0x0     t s . .
    0x4000  v
    t text  s stack  v vma  . nothing
    """

    def __init__(
        self, names: Sequence[str], *, start: int = 0, unit: int = PGSIZE, columns: int = 32
    ) -> None:
        self._names = [arguments.text(f"names[{i}]", str(name)) for i, name in enumerate(names)]
        self._start = arguments.integer("start", start, 0, (1 << 64) - 1)
        self._unit = arguments.integer("unit", unit, 1, 1 << 40)
        self._columns = arguments.integer("columns", columns, 1, 4096)

    def _rows(self) -> list[tuple[str, list[str]]]:
        """The address of each row, and its names."""
        step = self._columns
        return [
            (f"{self._start + i * self._unit:#x}", self._names[i : i + step])
            for i in range(0, len(self._names), step)
        ]

    def _kinds(self) -> list[str]:
        return list(dict.fromkeys(name for name in self._names if name))

    def __repr__(self) -> str:
        rows = self._rows()
        width = max((len(address) for address, _ in rows), default=0)
        lines = [
            f"{address.ljust(width)}  " + " ".join(name[0] if name else "." for name in names)
            for address, names in rows
        ]
        legend = [f"{kind[0]} {kind}" for kind in self._kinds()]
        if "" in self._names:
            legend.append(". nothing")
        return "\n".join([*lines, "  ".join(legend)])

    def _repr_html_(self) -> str:
        rows, step = self._rows(), _SIDE + _GAP
        colours = {kind: _COLOURS[i % len(_COLOURS)] for i, kind in enumerate(self._kinds())}
        parts = []
        for y, (address, names) in enumerate(rows):
            parts.append(f'<text x="0" y="{y * step + _SIDE - 3}">{address}</text>')
            for x, name in enumerate(names):
                where = f"{self._start + (y * self._columns + x) * self._unit:#x}"
                parts.append(
                    f'<rect x="{_MARGIN + x * step}" y="{y * step}" width="{_SIDE}" height="{_SIDE}" '
                    f'fill="{colours.get(name, _NOTHING)}" stroke="currentColor" stroke-opacity="0.4">'
                    f"<title>{where} {escape(name) or 'nothing'}</title></rect>"
                )
        x, y = _MARGIN, len(rows) * step + _GAP
        for kind, colour in colours.items():
            parts.append(f'<rect x="{x}" y="{y}" width="{_SIDE}" height="{_SIDE}" fill="{colour}"/>')
            parts.append(f'<text x="{x + step + 2}" y="{y + _SIDE - 3}">{escape(kind)}</text>')
            x += step + 16 + 8 * len(kind)
        width = max(x, _MARGIN + min(self._columns, len(self._names)) * step)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + step}" role="img" '
            f'font-family="monospace" font-size="11" fill="currentColor">{"".join(parts)}</svg>'
        )
