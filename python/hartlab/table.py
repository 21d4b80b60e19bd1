"""Tables: NumPy structured arrays that know how to show themselves to a person."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import showing

_FIRST, _LAST = 16, 8  # rows shown of a long table
_MONOSPACE = (
    'style="font-family: var(--jp-code-font-family, monospace)"'  # the notebook's own, where there is one
)


class Table(np.ndarray[Any, Any]):
    """A structured array of the machine's state, one row for each thing: a copy, and the caller's own.

    It is an ordinary NumPy array: ``table["va"]`` is a column, ``table[0]`` a row, ``table[table["U"]]`` a
    selection, and ``pandas.DataFrame(table)`` works. It only prints itself more readably, addresses in
    hexadecimal.

    Attributes
    ----------
    dropped : int
        Of a trace: how many events came before the first row and are no longer there.

    Examples
    --------
    >>> import hartlab as hl
    >>> table = hl.Kernel().processes()
    >>> print(table["pid"])
    [1]
    """

    dropped: int = 0
    _whole: np.dtype[Any] | None = None  # the dtype of the table that this is one of or was taken from

    def __array_finalize__(self, source: Any) -> None:
        self.dropped = getattr(source, "dropped", 0)
        self._whole = getattr(source, "_whole", None)

    def __getitem__(self, key: Any) -> Any:
        item = super().__getitem__(key)
        if isinstance(item, Table) and item.dtype.names is None:
            return item.view(np.ndarray)  # a column is a plain array
        return item

    def __repr__(self) -> str:
        if self.dtype.names is None or self.ndim != 1:
            return repr(self.view(np.ndarray))
        names, others = self._columns()
        lines = [names, *self._cells(names)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
        left = [showing.is_text(self, name) for name in names]
        text = [_line(line, widths, left) for line in lines]
        return "\n".join([*text, *self._remarks(others)])

    __str__ = __repr__

    def _columns(self) -> tuple[list[str], list[str]]:
        return showing.columns(self, self._whole == self.dtype)

    def _cells(self, names: list[str]) -> list[list[str]]:
        every = self.dtype.names or ()
        whole = len(self) <= _FIRST + _LAST
        rows = [*self] if whole else [*self[:_FIRST], *self[-_LAST:]]
        lines = [[showing.cell(every, name, row[name]) for name in names] for row in rows]
        return lines if whole else [*lines[:_FIRST], ["..."] * len(names), *lines[_FIRST:]]

    def _remarks(self, others: list[str]) -> list[str]:
        remarks = []
        if len(self) == 0:
            remarks.append("(no rows)")
        if len(self) > _FIRST + _LAST:
            remarks.append(f"({len(self):,} rows in all)")
        if self.dropped:
            remarks.append(f"({self.dropped:,} older events have been dropped)")
        others = [name for name in others if not name.endswith("code")]  # what another column says in words
        if others and len(self):
            remarks.append(f"(columns not shown: {showing.named(others)})")
        return remarks

    def _repr_html_(self) -> str:
        if self.dtype.names is None or self.ndim != 1:
            return f"<pre>{escape(repr(self.view(np.ndarray)))}</pre>"
        names, others = self._columns()
        left = [' style="text-align: left"' if showing.is_text(self, name) else "" for name in names]
        head = _row("th", left, [escape(name) for name in names])
        body = "".join(_row("td", left, [escape(text) for text in line]) for line in self._cells(names))
        remarks = "".join(
            f'<div style="opacity: 0.6; font-size: smaller">{escape(text)}</div>'
            for text in self._remarks(others)
        )
        return f"<table><thead>{head}</thead><tbody {_MONOSPACE}>{body}</tbody></table>{remarks}"


def as_table(array: NDArray[Any]) -> Table:
    """Give an array of the engine its readable face; nothing is copied."""
    table = array.view(Table)
    table._whole = table.dtype
    return table


def _line(cells: list[str], widths: list[int], left: list[bool]) -> str:
    padded = (
        text.ljust(width) if at_left else text.rjust(width)
        for text, width, at_left in zip(cells, widths, left, strict=True)
    )
    return "  ".join(padded).rstrip()


def _row(tag: str, attributes: list[str], contents: list[str]) -> str:
    cells = zip(attributes, contents, strict=True)
    return "<tr>" + "".join(f"<{tag}{given}>{content}</{tag}>" for given, content in cells) + "</tr>"
