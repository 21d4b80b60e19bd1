"""What of a program is shown: the instructions around pc, their source lines, the registers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ..constants import PGSIZE
from ..isa import disasm_at
from ..programs import Programs
from ..toolchain.elf import LineTable
from .moment import Moment

_BEFORE, _AFTER = 5, 8  # instructions around pc
_LINES = 4  # of source around the one that pc is in


@functools.lru_cache(maxsize=16)
def _line_table(elf: bytes) -> LineTable | None:
    try:
        return LineTable(elf)
    except Exception:  # pyelftools is not there, or cannot read what somebody else's compiler wrote
        return None


class Code:
    """The instructions of a process around a place, and where they come from."""

    def __init__(self, programs: Programs, moment: Moment, pid: int, pc: int) -> None:
        process = moment.process(pid)
        self._name = "" if process is None else str(process["name"])
        self._elf, self._sources = programs.file_and_sources(self._name)
        self._symbols = programs.symbols(self._name)
        self._table = moment.page_table(pid)
        self.pc = pc

    def symbol(self, address: int) -> str:
        """``"main+0x10"``; empty where no symbol is."""
        return self._symbols.at(address) or ""

    def line(self, address: int) -> tuple[str, int] | None:
        """File and line that an instruction was compiled from."""
        lines = _line_table(self._elf) if self._elf else None
        return lines.at(address) if lines else None

    def instructions(self, selected: int | None) -> list[dict[str, Any]]:
        """The instructions around pc; none where nothing is mapped."""
        rows = self._disassemble(self._start())
        here = next((i for i, row in enumerate(rows) if int(row["pc"]) == self.pc), None)
        if here is None:
            rows, here = self._disassemble(self.pc), 0
        return [
            {
                "pc": f"{int(row['pc']):#x}",
                "bits": f"{int(row['bits']):0{2 * int(row['length'])}x}",
                "text": str(row["text"]),
                "line": (self.line(int(row["pc"])) or ("", 0))[1],
                "symbol": self.symbol(int(row["pc"])),
                "here": int(row["pc"]) == self.pc,
                "selected": int(row["pc"]) == selected,
            }
            for row in rows[max(0, here - _BEFORE) : here + _AFTER]
        ]

    def source(self, address: int, ra: int) -> dict[str, Any] | None:
        """The source around an address; of a function of the library, that of its caller, as `ra` says."""
        place, called = self.line(address), ""
        if self._sources and (place is None or place[0] not in self._sources):
            caller = self.line(ra - 1)
            if caller and caller[0] in self._sources:
                place, called = caller, self.symbol(address).partition("+")[0]
        if place is None:
            return None
        file, line = place
        text = self._sources.get(file, "").splitlines()
        first = max(1, line - _LINES)
        return {
            "file": file,
            "line": line,
            "called": called,
            "lines": [
                {"number": number, "text": text[number - 1], "here": number == line}
                for number in range(first, min(len(text), line + _LINES) + 1)
            ],
        }

    def _start(self) -> int:
        """An address before pc where an instruction begins: its function, or its page."""
        symbol = self.symbol(self.pc)
        offset = int(symbol.rpartition("+")[2], 16) if "+" in symbol else 0
        start = self.pc - offset if symbol else self.pc // PGSIZE * PGSIZE
        return max(start, self.pc - PGSIZE)

    def _disassemble(self, start: int) -> Any:
        return disasm_at(self._table.peek, start, self.pc + 4 * _AFTER - start)


def registers(before: Mapping[str, int] | None, now: Mapping[str, int]) -> list[dict[str, Any]]:
    """The registers by name; `changed` where they are not what they were."""
    return [
        {
            "name": name,
            "value": f"{value:#x}",
            "signed": value - (1 << 64) if value >> 63 else value,
            "changed": before is not None and before[name] != value,
        }
        for name, value in now.items()
    ]
