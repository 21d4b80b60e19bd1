"""Names of functions and variables in ELF files, read by hand and without trusting the file."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Mapping

_SYMTAB = 2  # section type
_MOST = 1 << 18  # symbols of a file, and ...
_LONGEST = 1 << 12  # ... bytes of a name: more than any program that runs here has


class SymbolTable(Mapping[str, int]):
    """Addresses by name, and names by address. A file without symbols gives an empty one."""

    def __init__(self, elf: bytes = b"") -> None:
        try:
            found = sorted(_symbols(elf))
        except (struct.error, ValueError, IndexError, OverflowError):
            found = []
        self._by_name = {name: address for address, name in found}
        self._addresses = [address for address, _ in found]
        self._names = [name for _, name in found]

    def __getitem__(self, name: str) -> int:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def at(self, address: int) -> str | None:
        """Say where `address` is: ``"main+0x10"``, or None below the first symbol."""
        index = bisect.bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        offset = address - self._addresses[index]
        return self._names[index] + (f"+{offset:#x}" if offset else "")


def _symbols(elf: bytes) -> Iterator[tuple[int, str]]:
    """Yield (address, name) of what .symtab defines. [System V ABI, "Symbol Table"]"""
    if elf[:5] != b"\x7fELF\x02":
        return
    (section_table,) = struct.unpack_from("<Q", elf, 40)  # e_shoff
    entry_size, count = struct.unpack_from("<HH", elf, 58)  # e_shentsize, e_shnum
    if entry_size < 64:
        return
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, section_table + i * entry_size) for i in range(count)]
    left = _MOST
    for section in sections:
        _, kind, _, _, offset, size, link, *_ = section
        if kind != _SYMTAB or link >= len(sections):
            continue
        names, names_end = sections[link][4], sections[link][4] + sections[link][5]
        count = min(size // 24, left)
        left -= count
        for i in range(count):
            name_at, info, _, defined_in, value, _ = struct.unpack_from("<IBBHQQ", elf, offset + 24 * i)
            start = names + name_at
            name = elf[start : elf.index(b"\0", start, min(start + _LONGEST, names_end))].decode(
                "utf-8", "replace"
            )
            # Functions, objects, plain labels; names with a dot or a dollar in front are internal.
            if defined_in and info & 15 in (0, 1, 2) and name and name[0] not in ".$":
                yield value, name
