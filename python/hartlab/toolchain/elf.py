"""What hartlab's Python side reads from an ELF file: segments, symbols, source lines.

Not the loader: that is the engine's, which trusts no file. This reads what a compiler has just written.
Segments need nothing but the standard library; symbols and lines come through `pyelftools`.
"""

from __future__ import annotations

import bisect
import importlib
import io
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

_PT_LOAD = 1
_FLAGS = (("R", 4), ("W", 2), ("X", 1))  # PF_R, PF_W, PF_X


class Segment(NamedTuple):
    """A loadable segment: where exec() puts it, and with which permissions."""

    va: int
    memory_size: int
    file_size: int
    flags: str
    """``"R-X"`` and the like."""


class Symbol(NamedTuple):
    """A function or variable of a program."""

    name: str
    address: int
    size: int
    kind: str
    """``"function"``, ``"object"`` or ``"label"``."""


def segments(elf: bytes) -> list[Segment]:
    """Return the segments of `elf` that take memory, in the order of the file. [ELF-64 program header]"""
    offset = int.from_bytes(elf[32:40], "little")  # e_phoff
    size, count = struct.unpack_from("<HH", elf, 54)  # e_phentsize, e_phnum
    found = []
    for at in range(offset, offset + size * count, size):
        kind, flags, _, va, _, file_size, memory_size, _ = struct.unpack_from("<IIQQQQQQ", elf, at)
        if kind == _PT_LOAD and memory_size > 0:
            letters = "".join(letter if flags & bit else "-" for letter, bit in _FLAGS)
            found.append(Segment(va, memory_size, file_size, letters))
    return found


def entry(elf: bytes) -> int:
    """Return the address of the first instruction."""
    return int.from_bytes(elf[24:32], "little")


def symbols(elf: bytes) -> dict[str, Symbol]:
    """Return what `elf` defines (functions, variables, labels) by name, in the order of the addresses."""
    kinds = {"STT_FUNC": "function", "STT_OBJECT": "object", "STT_NOTYPE": "label"}
    table = _open(elf).get_section_by_name(".symtab")
    found = []
    for symbol in table.iter_symbols() if table else ():
        kind = kinds.get(symbol["st_info"]["type"])
        # Names with a dot or a dollar in front are the assembler's own.
        if kind and symbol.name and symbol.name[0] not in ".$" and symbol["st_shndx"] != "SHN_UNDEF":
            found.append(Symbol(symbol.name, symbol["st_value"], symbol["st_size"], kind))
    return {symbol.name: symbol for symbol in sorted(found, key=lambda symbol: symbol.address)}


class LineTable:
    """From an address to the source line it was compiled from. [DWARF 4, section 6.2]"""

    def __init__(self, elf: bytes) -> None:
        rows: list[tuple[int, str | None, int]] = []  # address, file (None behind the last line), line
        opened = _open(elf)
        dwarf: Any = opened.get_dwarf_info()
        for unit in dwarf.iter_CUs() if opened.has_dwarf_info() else ():
            if program := dwarf.line_program_for_CU(unit):
                for sequence in _sequences(program):
                    # Functions that the linker dropped are left at address 0, where ulib puts none.
                    if sequence[0][0] != 0:
                        rows.extend(sequence)
        # Where one sequence ends another may begin: the end comes first, so that the beginning wins.
        self._rows = sorted(rows, key=lambda row: (row[0], row[1] is not None))
        self._addresses = [row[0] for row in self._rows]

    def at(self, address: int) -> tuple[str, int] | None:
        """Return (file, line) of the instruction at `address`, or None when it has none."""
        index = bisect.bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        _, file, line = self._rows[index]
        return None if file is None or line == 0 else (file, line)


def _sequences(program: Any) -> Iterator[list[tuple[int, str | None, int]]]:
    """Yield the runs of consecutive instructions in a unit's line program, each with an end mark."""
    files = program["file_entry"]
    first = 1 if program["version"] < 5 else 0  # [DWARF 5, 6.2.4] file numbers begin at 0
    sequence: list[tuple[int, str | None, int]] = []
    for state in (item.state for item in program.get_entries() if item.state is not None):
        if state.end_sequence:
            yield [*sequence, (state.address, None, 0)]
            sequence = []
        else:
            name = files[state.file - first].name.decode("utf-8", "replace")
            sequence.append((state.address, name, state.line))


def _open(elf: bytes) -> Any:
    try:
        elffile = importlib.import_module("elftools.elf.elffile")
    except ImportError:
        raise ImportError("symbols and source lines need pyelftools: pip install pyelftools") from None
    return elffile.ELFFile(io.BytesIO(elf))
