"""What hartlab's Python side reads from an ELF file: segments, symbols, source lines.

Not the loader: that is the engine's, which trusts no file. This reads what a compiler has just written.
Segments need nothing but the standard library; symbols and lines come through `pyelftools`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import struct
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
    """From an address to the source line it was compiled from; nothing without debug information."""

    def __init__(self, elf: bytes) -> None:
        from ..debug_info.lines import Lines
        from ..debug_info.loading import open_dwarf
        from ..errors import DebugInfoError

        self._lines: Lines | None = None
        with contextlib.suppress(DebugInfoError):
            self._lines = Lines(open_dwarf(elf))

    def at(self, address: int) -> tuple[str, int] | None:
        """Return (file, line) of the instruction at `address`, or None when it has none."""
        found = self._lines.at(address) if self._lines else None
        return None if found is None else (found.file.rpartition("/")[2], found.number)


def _open(elf: bytes) -> Any:
    try:
        elffile = importlib.import_module("elftools.elf.elffile")
    except ImportError:
        raise ImportError("symbols and source lines need pyelftools: pip install pyelftools") from None
    return elffile.ELFFile(io.BytesIO(elf))
