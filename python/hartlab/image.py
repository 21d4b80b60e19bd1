"""What a bare machine starts with: an ELF file or a raw image, taken apart without trusting it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .errors import ElfError

_MAGIC = b"\x7fELF"
_RISCV = 243
_LOAD = 1


@dataclass(frozen=True)
class Piece:
    """Bytes and the physical address where they go, with zeros behind them up to `memory_size`.

    `va` is where an ELF file was linked to have them.
    """

    pa: int
    data: bytes
    memory_size: int
    va: int | None = None


def elf_pieces(elf: bytes) -> tuple[int, list[Piece]]:
    """Return the entry point of an ELF file, and its segments. [System V ABI, chapter 5]"""
    if elf[:4] != _MAGIC:
        raise ElfError("not an ELF file: it does not begin with 7f 45 4c 46")
    if len(elf) < 64:
        raise ElfError(f"not an ELF file: {len(elf)} bytes are too few for its header")
    if elf[4] != 2 or elf[5] != 1:
        raise ElfError(f"class {elf[4]}, data encoding {elf[5]}; a 64-bit little-endian file has 2 and 1")
    machine, _, entry, offset = struct.unpack_from("<HIQQ", elf, 18)
    if machine != _RISCV:
        raise ElfError(f"machine {machine} instead of 243, RISC-V")
    size, count = struct.unpack_from("<HH", elf, 54)
    if size != 56 or offset + size * count > len(elf):
        raise ElfError(f"{count} program headers of {size} bytes at {offset:#x} are not inside the file")
    pieces = []
    for number in range(count):
        kind, _, start, va, pa, file_size, memory_size, _ = struct.unpack_from(
            "<IIQQQQQQ", elf, offset + number * size
        )
        if kind != _LOAD or memory_size == 0:
            continue
        if memory_size < file_size:
            raise ElfError(f"segment {number}: memsz {memory_size:#x} is smaller than filesz {file_size:#x}")
        if start + file_size > len(elf):
            raise ElfError(f"segment {number}: its {file_size} bytes at {start:#x} are not inside the file")
        pieces.append(Piece(pa, elf[start : start + file_size], memory_size, va))
    if not pieces:
        raise ElfError("no segment to load")
    return entry, pieces


def segments(elf: bytes) -> list[Piece]:
    """Return the segments of a file; none where it is no ELF file that can be loaded."""
    try:
        return elf_pieces(elf)[1]
    except ElfError:
        return []
