"""Names of functions and variables in ELF files, read by hand and without trusting the file."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_SYMTAB = 2  # section type
_MOST = 1 << 18  # symbols of a file, and ...
_LONGEST = 1 << 12  # ... bytes of a name: more than any program that runs here has
_NO_TYPE = 0


class _Symbol(NamedTuple):
    address: int
    typed: bool  # a function or a variable, and not merely a label
    name: str
    end: int  # where what it names ends: its size says so, or its section


class SymbolTable(Mapping[str, int]):
    """Addresses by name, and names by address. A file without symbols gives an empty one.

    Parameters
    ----------
    *elfs : bytes
        The files; where two have the same name, the first one's counts.
    """

    def __init__(self, *elfs: bytes) -> None:
        self.files = tuple(elf for elf in elfs if elf)
        found: list[_Symbol] = []
        for elf in self.files:
            try:
                found += _symbols(elf)
            except (struct.error, ValueError, IndexError, OverflowError):
                continue
        self._by_name: dict[str, int] = {}
        for symbol in found:
            self._by_name.setdefault(symbol.name, symbol.address)
        self._symbols = sorted(found)
        self._addresses = [symbol.address for symbol in self._symbols]

    def __getitem__(self, name: str) -> int:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def at(self, address: int) -> str | None:
        """Say where `address` is: ``"main+0x10"``, or None where no symbol is responsible."""
        index = bisect.bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        symbol = self._symbols[index]
        if address == symbol.address:
            return symbol.name
        return f"{symbol.name}+{address - symbol.address:#x}" if address < symbol.end else None

    def extent(self, address: int) -> tuple[int, int] | None:
        """Say from where to where the thing at `address` reaches: to the next symbol or its section's end."""
        index = bisect.bisect_right(self._addresses, address) - 1
        if index < 0 or address >= self._symbols[index].end:
            return None
        start = self._addresses[index]
        behind = bisect.bisect_right(self._addresses, start)
        ends = [self._symbols[index].end, *self._addresses[behind : behind + 1]]
        return start, min(ends)


def _symbols(elf: bytes) -> list[_Symbol]:
    """Return what .symtab defines. [System V ABI, "Symbol Table"]"""
    if elf[:5] != b"\x7fELF\x02":
        return []
    (section_table,) = struct.unpack_from("<Q", elf, 40)  # e_shoff
    entry_size, count = struct.unpack_from("<HH", elf, 58)  # e_shentsize, e_shnum
    if entry_size < 64:
        return []
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, section_table + i * entry_size) for i in range(count)]
    ends = [section[3] + section[5] for section in sections]
    found = []
    left = _MOST
    for section in sections:
        _, kind, _, _, offset, size, link, *_ = section
        if kind != _SYMTAB or link >= len(sections):
            continue
        names, names_end = sections[link][4], sections[link][4] + sections[link][5]
        count = min(size // 24, left)
        left -= count
        for i in range(count):
            name_at, info, _, defined_in, value, length = struct.unpack_from("<IBBHQQ", elf, offset + 24 * i)
            start = names + name_at
            name = elf[start : elf.index(b"\0", start, min(start + _LONGEST, names_end))].decode(
                "utf-8", "replace"
            )
            # Functions, objects, plain labels; names with a dot or a dollar in front are internal.
            if defined_in and info & 15 in (0, 1, 2) and name and name[0] not in ".$":
                end = ends[defined_in] if defined_in < len(ends) else value + length
                found.append(_Symbol(value, info & 15 != _NO_TYPE, name, end))
    return found
