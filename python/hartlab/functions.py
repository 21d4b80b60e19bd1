"""The kernel's functions as a table: how C declares each, what it does, how it fails."""

from __future__ import annotations

import functools
from html import escape

import numpy as np

from . import _engine
from .table import Table

_COLUMNS = ("name", "signature", "contract", "failure", "file")


@functools.cache
def names() -> tuple[str, ...]:
    """The functions in the order of the engine's table."""
    return tuple(row[0] for row in _engine.Kernel.function_facts())


@functools.cache
def declarations() -> dict[str, str]:
    """How C declares each function, by name."""
    return {row[0]: row[1] for row in _engine.Kernel.function_facts()}


def known(function: str) -> str:
    """Return `function` when it is one of them; ValueError otherwise."""
    if not isinstance(function, str):
        raise TypeError(f"function={function!r} must be a str, the name of a kernel function")
    if function not in declarations():
        raise ValueError(f"function={function!r} is none of {', '.join(names())}")
    return function


class Functions(Table):
    """The table that `functions` gives: it shows every row, a signature with its contract below it."""

    def __repr__(self) -> str:
        if self.dtype.names != _COLUMNS or self.ndim != 1:
            return super().__repr__()
        return "\n".join(
            f"{row['signature']}\n    {row['contract']}\n    fails: {row['failure']}" for row in self
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        if self.dtype.names != _COLUMNS or self.ndim != 1:
            return super()._repr_html_()
        rows = "".join(
            f'<tr><td style="text-align: left"><code>{escape(row["signature"])}</code></td>'
            f'<td style="text-align: left">{escape(row["contract"])}</td>'
            f'<td style="text-align: left">{escape(row["failure"])}</td></tr>'
            for row in self
        )
        return (
            f"<table><thead><tr><th>function</th><th>contract</th><th>failure</th></tr></thead>{rows}</table>"
        )


def functions() -> Functions:
    """List the kernel's functions: those that `Kernel.replace` takes and `Kernel.call` calls.

    Functions that sleep or switch (``sleep``, ``sched``, ``scheduler``, ``wait``) are not among them; the
    scheduler's choice of the next process, ``pick_next``, is.

    Returns
    -------
    Functions
        A table, a copy, a row a function: name, signature in C, contract in a sentence, failure, and the file
        of ``src/kernel`` that the engine's own stands in. The reference page says more about each.

    Examples
    --------
    >>> import hartlab as hl
    >>> table = hl.functions()
    >>> print(table["signature"][table["name"] == "uvmcopy"][0])
    int uvmcopy(pagetable_t old_pagetable, pagetable_t new_pagetable, uint64 sz)
    """
    rows = _engine.Kernel.function_facts()
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    dtype = np.dtype([(name, f"U{width}") for name, width in zip(_COLUMNS, widths, strict=True)])
    return np.array(rows, dtype=dtype).view(Functions)
