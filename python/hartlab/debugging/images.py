"""The ELF files of a machine: names, lines and stack frames of what is in its memory."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Sequence
from typing import Any

from ..debug_info.lines import Lines, SourceLine, call_site
from ..debug_info.loading import DebugInfo, load
from ..debug_info.ranges import ranges
from ..errors import DebugInfoError
from ..symbols import SymbolTable
from .unwinding import FrameTable


class Image:
    """What one file says of its code."""

    def __init__(self, info: DebugInfo) -> None:
        self.info = info

    @functools.cached_property
    def lines(self) -> Lines | None:
        """Its lines; None when the table is damaged."""
        try:
            return Lines(self.info.dwarf)
        except DebugInfoError:
            return None

    @functools.cached_property
    def frames(self) -> FrameTable | None:
        """Its stack frames; None when their description is damaged."""
        try:
            return FrameTable(self.info)
        except DebugInfoError:
            return None

    def line(self, address: int) -> SourceLine | None:
        """Return the source line of an instruction."""
        return self.lines.at(address) if self.lines else None

    def call_site(self, inlined: Any) -> SourceLine | None:
        """Return the source line from which an inlined function was called; None when it is not known."""
        try:
            return call_site(self.info.dwarf, inlined)
        except DebugInfoError:
            return None


@functools.lru_cache(maxsize=16)
def image_of(elf: bytes) -> Image | None:
    """Return what a file says of its code; None without debug information, or without pyelftools."""
    try:
        return Image(load(elf))
    except (DebugInfoError, ImportError):
        return None


class Images:
    """All files of a machine: the kernel's, and that of firmware in front of it."""

    def __init__(self, table: SymbolTable) -> None:
        self._table = table
        self._addresses = sorted(set(table.values()))

    @property
    def known(self) -> Sequence[Image]:
        """Those with debug information."""
        return [image for elf in self._table.files if (image := image_of(elf))]

    def at(self, address: int) -> Image | None:
        """Return the file that has a line for the instruction at an address, or stack frames at least."""
        images = self.known
        return next((each for each in images if each.line(address)), images[0] if images else None)

    def symbol_at(self, address: int) -> str | None:
        """Say where an address is: ``"main+0x10"``."""
        return self._table.at(address)

    def start_of(self, address: int) -> int | None:
        """Return the address of the symbol that `symbol_at` names."""
        index = bisect.bisect_right(self._addresses, address) - 1
        return self._addresses[index] if index >= 0 else None

    def end_of(self, start: int) -> int | None:
        """Return where the function at `start` ends: as the compiler says, or where the next one begins."""
        for image in self.known:
            if die := image.info.function_at(start):
                return next((end for first, end in ranges(image.info.dwarf, die) if first == start), None)
        index = bisect.bisect_right(self._addresses, start)
        return self._addresses[index] if index < len(self._addresses) else None

    def begins(self, address: int) -> bool:
        """Whether a symbol is at that very address."""
        return self.start_of(address) == address
