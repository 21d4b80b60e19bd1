"""Machine code with the source that it was compiled from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..isa import disasm_at
from ..showing import listing
from ..table import Table, as_table
from .images import Images
from .sources import Sources


class Disassembly:
    """Instructions, and the source lines in front of them.

    Attributes
    ----------
    table : Table
        A row an instruction: pc (uint64), length (uint8), bits (uint32), text, symbol, file and line (0 where
        it is not known). A copy.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.Machine(code=hl.asm("nop; loop: j loop")).disassemble(count=2)
    => 0x80000000  nop
       0x80000004  j 0x80000004
    """

    def __init__(self, table: Table, sources: Sources, here: int | None) -> None:
        self.table = table
        self._sources = sources
        self._here = here

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        shown: list[str] = []
        before: tuple[str, int] = ("", 0)
        for row in self.table:
            place = (str(row["file"]), int(row["line"]))
            if place != before and place[1]:
                text = self._sources.line(*place)
                shown.append(
                    f"{place[0].rpartition('/')[2]}:{place[1]}" + (f"  {text.strip()}" if text else "")
                )
            before = place
            mark = "=>" if int(row["pc"]) == self._here else "  "
            where = f" <{row['symbol']}>" if row["symbol"] else ""
            shown.append(f"{mark} {int(row['pc']):#x}{where}  {row['text']}")
        return "\n".join(shown) or "<Disassembly: there is no code>"

    def _repr_html_(self) -> str:
        return listing(repr(self))


def disassemble(
    read: Callable[[int, int], bytes],
    images: Images,
    sources: Sources,
    start: int,
    *,
    end: int | None,
    count: int,
    here: int | None,
) -> Disassembly:
    """Disassemble from `start`: to `end` if that is known, and not more than `count` instructions."""
    size = 4 * count if end is None else min(4 * count, end - start)
    rows = disasm_at(read, start, size)[:count]
    found = []
    for row in rows:
        pc = int(row["pc"])
        image = images.at(pc)
        file, line = (image.line(pc) if image else None) or ("", 0)
        found.append((*row.tolist(), images.symbol_at(pc) or "", file, line))
    return Disassembly(_table(found, rows.dtype), sources, here)


def _table(rows: list[tuple[Any, ...]], dtype: Any) -> Table:
    width = {index: max((len(row[index]) for row in rows), default=1) or 1 for index in (3, 4, 5)}
    fields = [(name, dtype[name]) for name in ("pc", "length", "bits")]
    fields += [
        ("text", f"<U{width[3]}"),
        ("symbol", f"<U{width[4]}"),
        ("file", f"<U{width[5]}"),
        ("line", "<i4"),
    ]
    return as_table(np.array(rows, dtype=fields))
