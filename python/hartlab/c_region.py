"""The region of memory beside RAM where C code of the kernel has its stack, data and text, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from . import _engine
from .c_code import CCode
from .table import Table, as_table

_C = _engine.constants()
_PAGE = _C["PGSIZE"]
_DTYPE = np.dtype(
    [("pa", "<u8"), ("owner", "U8"), ("code", "U32"), ("functions", "U120"), ("size", "<u8"), ("flags", "U8")]
)
FIRST = _C["SEAM_STACK"]
END = _C["SEAM_TEXT"] + _C["SEAM_TEXT_SIZE"]


def region_table(codes: Iterable[CCode], flags: Mapping[int, str]) -> Table:
    """Make the table. `flags` says how the kernel's page table maps a page."""
    rows: dict[int, tuple[Any, ...]] = dict.fromkeys(range(FIRST, END, _PAGE), ("free", "", "", 0))
    for pa in range(_C["SEAM_STACK"], _C["SEAM_STACK"] + _C["SEAM_STACK_SIZE"], _PAGE):
        rows[pa] = ("stack", "", "", _PAGE)
    rows[_C["SEAM_TEXT"]] = ("gate", "", "", _PAGE)
    for code in codes:
        linked, functions = code._linked, ", ".join(code.functions)
        parts = (("text", linked.text, linked.text_bytes), ("data", linked.data, linked.data_bytes))
        for owner, start, held in parts:
            for offset in range(0, len(held), _PAGE):
                size = min(_PAGE, len(held) - offset)
                rows[start + offset] = (owner, code.program.name, functions, size)
    table = [(pa, *row, flags.get(pa, "")) for pa, row in rows.items()]
    return as_table(np.array(table, dtype=_DTYPE))
