"""An array of structs as a table to read: a row an element."""

from __future__ import annotations

import numpy as np

from .c_types import Aggregate, Array, CType, Number
from .values import StructArray, short

_ROWS = 24
_WIDTH = 108


def struct_table(array: StructArray) -> str:
    """Show as many fields as a page is wide, and name the rest."""
    if array.type is None or array.dtype.names is None:
        return repr(array.view(np.ndarray))
    flat = array.reshape(-1).view(StructArray)
    flat.addresses = None if array.addresses is None else array.addresses.reshape(-1)
    records = [flat[i] for i in range(min(len(flat), _ROWS))]
    columns, left_out, width = [["", *(f"[{i}]" for i in range(len(records)))]], [], 8
    for member in array.type.members:
        if not member.name:
            continue
        cells = [member.name]
        if fits := not _is_wide(member.type.plain):
            cells += [short(each[member.name], member.type) for each in records]
            fits = width + max(map(len, cells)) + 2 <= _WIDTH
        if not fits:
            left_out.append(member.name)
            continue
        columns.append(cells)
        width += max(map(len, cells)) + 2
    widths = [max(map(len, cells)) for cells in columns]
    lines = [
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]
    if len(flat) > _ROWS:
        lines.append(f"({len(flat):,} elements in all)")
    if left_out:
        lines.append(f"(fields not shown: {', '.join(left_out)})")
    return "\n".join([_head(array), *lines])


def _head(array: StructArray) -> str:
    shape = "".join(f"[{length}]" for length in array.shape)
    name = "" if array.type is None else array.type.name
    if array.addresses is None or not array.size:
        return f"{name}{shape}"
    return f"{name}{shape} from {int(array.addresses.flat[0]):#x} on"


def _is_wide(plain: CType) -> bool:
    """Whether it takes more than a cell: a struct, an array, but not text."""
    if isinstance(plain, Array):
        element = plain.element.plain
        return not (len(plain.shape) == 1 and isinstance(element, Number) and element.kind == "S")
    return isinstance(plain, Aggregate)
