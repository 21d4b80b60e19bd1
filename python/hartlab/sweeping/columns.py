"""The table of a sweep: columns whose dtype is chosen by what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..table import Table, as_table
from ..tlb import TlbGeometry
from ..toolchain.program import Program
from .grid import Point
from .worker import Outcome

_ABSENT = object()


def table_of(points: Sequence[Point], outcomes: Sequence[Outcome]) -> Table:
    """Make the table: parameters, then what was returned, then errors, with a row for each point."""
    columns = (
        {name: _column([_shown(name, point[name]) for point in points]) for name in points[0]}
        if points
        else {}
    )
    returned: dict[str, None] = {}
    for outcome in outcomes:
        returned |= dict.fromkeys(outcome.values or ())
    for name in returned:
        columns[name] = _column([(each.values or {}).get(name, _ABSENT) for each in outcomes])
    columns["error"] = _column([each.error for each in outcomes] or [""])
    table = np.empty(len(points), dtype=[(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        table[name] = column[: len(points)]
    return as_table(table)


def _shown(name: str, value: Any) -> Any:
    """A parameter as the table has it: numbers and bools as they are, everything else in words."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Program):
        return value.name
    if isinstance(value, TlbGeometry):
        return f"{value.sets} x {value.ways} {value.replacement}"
    if name == "tlb" and isinstance(value, Mapping):
        return ", ".join(f"{what} {each}" for what, each in value.items())
    return str(value)


def _column(values: list[Any]) -> NDArray[Any]:
    """One column. What is absent is not a number, or empty text; arrays are cells of an object column."""
    present = [value for value in values if value is not _ABSENT]
    kinds = {type(value) for value in present}
    if kinds == {str}:
        return np.array(["" if value is _ABSENT else value for value in values], dtype=np.str_)
    if kinds == {bool} and len(present) == len(values):
        return np.array(values, dtype=np.bool_)
    if kinds == {int} and len(present) == len(values):
        for dtype in (np.int64, np.uint64):
            if np.iinfo(dtype).min <= min(values) and max(values) <= np.iinfo(dtype).max:
                return np.array(values, dtype=dtype)
    if kinds <= {int, float, bool} and not any(_is_inexact(value) for value in present):
        return np.array([np.nan if value is _ABSENT else value for value in values], dtype=np.float64)
    column = np.empty(len(values), dtype=np.object_)
    for i, value in enumerate(values):  # one by one: of arrays in a list NumPy would make a larger array
        column[i] = None if value is _ABSENT else value
    return column


def _is_inexact(value: Any) -> bool:
    return type(value) is int and abs(value) > 1 << 53
