"""What a board starts with: where images go, and what the hart finds when it comes out of reset.

The addresses are those of QEMU's virt board: firmware or a kernel without firmware at the beginning of RAM, a
raw kernel behind the firmware, the initial RAM disk in the upper half, the device tree at the end.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import Any

from .. import program
from ..constants import KERNBASE
from ..errors import ElfError
from ..image import Piece, elf_pieces
from ..isa import asm
from ..symbols import SymbolTable
from .device_tree import Facts, device_tree

ROM = 0x1000
_RAW_KERNEL_OFFSET = 0x20_0000  # behind the firmware
_TREE_ALIGNMENT = 2 << 20
_TREE_LIMIT = 0xC000_0000  # firmware of 32 bits must reach the tree
_DYNAMIC_MAGIC, _DYNAMIC_VERSION, _SUPERVISOR = 0x4942_534F, 2, 1


@dataclass
class Loaded:
    """What is to be in memory when the hart begins, and where it does."""

    entry: int
    pieces: list[Piece] = field(default_factory=list)
    rom: bytes = b""
    symbols: SymbolTable = field(default_factory=SymbolTable)
    tohost: int = 0
    fromhost: int = 0


def read_image(name: str, value: Any) -> bytes:
    """Return the file that `value`, the argument `name`, stands for; here text is a path, too."""
    if isinstance(value, str):
        value = Path(value)
    if isinstance(value, os.PathLike) and not Path(value).is_file():
        raise FileNotFoundError(f"{name}={os.fspath(value)!r} is no file")
    return program.contents(name, value)


def placed(name: str, data: bytes, raw_at: int) -> tuple[int, list[Piece]]:
    """Return the entry point of an image and its pieces: an ELF file's own, or all of it at `raw_at`."""
    if data[:4] == b"\x7fELF":
        return elf_pieces(data)
    if not data:
        raise ValueError(f"{name} is empty")
    return raw_at, [Piece(raw_at, data, len(data))]


def boot(
    *,
    memory: int,
    harts: int,
    svadu: bool,
    bios: bytes | None,
    kernel: bytes | None,
    initrd: bytes | None,
    append: str,
) -> Loaded:
    """Lay out what is given of firmware, kernel and initial RAM disk."""
    loaded = Loaded(KERNBASE)
    parts: dict[str, list[Piece]] = {}
    kernel_entry = 0
    if bios is not None:
        loaded.entry, parts["bios"] = placed("bios", bios, KERNBASE)
        loaded.symbols = SymbolTable(bios)
    if kernel is not None:
        raw_at = KERNBASE if bios is None else KERNBASE + _RAW_KERNEL_OFFSET
        kernel_entry, parts["kernel"] = placed("kernel", kernel, raw_at)
        loaded.symbols = SymbolTable(kernel, bios or b"")
        if bios is None:
            loaded.entry = kernel_entry
    ramdisk = None
    if initrd is not None:
        if not initrd:
            raise ValueError("initrd is empty")
        start = (kernel_entry or KERNBASE) + min(memory // 2, 512 << 20)
        ramdisk = (start, start + len(initrd))
        parts["initrd"] = [Piece(start, initrd, len(initrd))]
    _check(parts, memory)
    tree = device_tree(Facts(memory, harts, svadu, append, ramdisk))
    tree_at = _place_of_tree(len(tree), memory, parts)
    parts["the device tree"] = [Piece(tree_at, tree, len(tree))]
    _check(parts, memory)
    loaded.pieces = [piece for pieces in parts.values() for piece in pieces]
    loaded.rom = reset_code(loaded.entry, tree_at, kernel_entry)
    loaded.tohost = loaded.symbols.get("tohost", 0)
    loaded.fromhost = loaded.symbols.get("fromhost", 0)
    return loaded


def reset_code(start: int, tree: int, kernel: int) -> bytes:
    """Jump to `start` with hartid in a0, the tree in a1, and where the kernel is, for OpenSBI, in a2."""
    code = asm(
        """
        auipc t0, 0
        addi  a2, t0, 40
        csrr  a0, mhartid
        ld    a1, 32(t0)
        ld    t0, 24(t0)
        jr    t0
        """,
        origin=ROM,
    )
    dynamic = struct.pack("<6Q", _DYNAMIC_MAGIC, _DYNAMIC_VERSION, kernel, _SUPERVISOR, 0, 0)
    return code.ljust(24, b"\0") + struct.pack("<QQ", start, tree) + dynamic


def _place_of_tree(size: int, memory: int, parts: dict[str, list[Piece]]) -> int:
    """Return where the device tree goes: as QEMU has it, or in a small memory as high as it can be."""
    end = min(KERNBASE + memory, _TREE_LIMIT)
    usual = (end - size) // _TREE_ALIGNMENT * _TREE_ALIGNMENT
    taken = [piece for pieces in parts.values() for piece in pieces]
    if usual >= KERNBASE and not any(_overlap(Piece(usual, b"", size), piece) for piece in taken):
        return usual
    return (end - size) // 8 * 8


def _overlap(one: Piece, other: Piece) -> bool:
    return one.pa < other.pa + other.memory_size and other.pa < one.pa + one.memory_size


def _check(parts: dict[str, list[Piece]], memory: int) -> None:
    """Refuse what does not fit into RAM, or lies on something else."""
    end = KERNBASE + memory
    for name, pieces in parts.items():
        for piece in pieces:
            if not KERNBASE <= piece.pa <= piece.pa + piece.memory_size <= end:
                raise ElfError(
                    f"{name} reaches from {piece.pa:#x} to {piece.pa + piece.memory_size:#x}, "
                    f"and RAM from {KERNBASE:#x} to {end:#x}: give the machine more memory="
                )
    for (name, pieces), (other, others) in combinations(parts.items(), 2):
        for one, two in product(pieces, others):
            if _overlap(one, two):
                raise ElfError(
                    f"{name} and {other} are both to be at {max(one.pa, two.pa):#x}: "
                    "link one of them elsewhere, or give the machine more memory="
                )
