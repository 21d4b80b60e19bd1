"""Tables: NumPy structured arrays that know how to show themselves to a person."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Columns of addresses and bit patterns, which read better in hexadecimal.
_HEX = frozenset(
    [
        "va",
        "pa",
        "pte",
        "pte_address",
        "table",
        "next",
        "start",
        "end",
        "pagetable",
        "trapframe",
        "kstack",
        "chan",
        "pipe",
        "address",
        "other",
        "pc",
        "tlb_pa",
        "tlb_pte",
        "table_pte",
        "mapped_va",
        "scause",
        "sepc",
        "stval",
        "epc",
        "kernel_satp",
        "kernel_sp",
        "kernel_trap",
        "bits",
        "match",
        "mask",
        "flags",
        "allocated_epc",
        "mapped_epc",
        "freed_epc",
        "value",
        "result",
        "before",
        "after",
    ]
)
_SHOWN = 24  # rows; the rest is counted


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

    def __array_finalize__(self, source: Any) -> None:
        self.dropped = getattr(source, "dropped", 0)

    def __getitem__(self, key: Any) -> Any:
        item = super().__getitem__(key)
        if isinstance(item, Table) and item.dtype.names is None:
            return item.view(np.ndarray)  # a column is a plain array
        return item

    def __repr__(self) -> str:
        if self.dtype.names is None or self.ndim != 1:
            return repr(self.view(np.ndarray))
        names, lines = self.dtype.names, _cells(self)
        widths = [max([len(name), *(len(line[i]) for line in lines)]) for i, name in enumerate(names)]
        text = [_line(names, widths), *(_line(line, widths) for line in lines)]
        return "\n".join([*text, *self._remarks()])

    __str__ = __repr__

    def _remarks(self) -> list[str]:
        remarks = []
        if len(self) == 0:
            remarks.append("(no rows)")
        if len(self) > _SHOWN:
            remarks.append(f"... {len(self):,} rows in all")
        if self.dropped:
            remarks.append(f"({self.dropped:,} older events have been dropped)")
        return remarks

    def _repr_html_(self) -> str:
        if self.dtype.names is None or self.ndim != 1:
            return f"<pre>{escape(repr(self.view(np.ndarray)))}</pre>"
        head = "".join(f"<th>{escape(name)}</th>" for name in self.dtype.names)
        body = "".join(
            "<tr>" + "".join(f"<td><code>{escape(cell)}</code></td>" for cell in line) + "</tr>"
            for line in _cells(self)
        )
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in self._remarks())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{remarks}"


def as_table(array: NDArray[Any]) -> Table:
    """Give an array of the engine its readable face; nothing is copied."""
    return array.view(Table)


def _line(cells: tuple[str, ...] | list[str], widths: list[int]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(table: Table) -> list[list[str]]:
    names = table.dtype.names or ()
    return [[_cell(name, row[name]) for name in names] for row in table[:_SHOWN]]


def _cell(name: str, value: Any) -> str:
    if isinstance(value, np.bool_):
        if len(name) == 1:  # a flag: its own letter
            return name if value else "-"
        return "yes" if value else ""
    if isinstance(value, np.integer) and name in _HEX:
        return f"{int(value):#x}"
    return str(value)
