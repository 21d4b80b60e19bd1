"""C that was compiled and never run: its segments stand for the memory of a machine."""

from __future__ import annotations

import struct
from pathlib import Path

import hartlab as hl
from hartlab import debug_info
from hartlab.toolchain.compilers import find_compilers

GCC = "riscv64-linux-gnu-gcc"
PRESENT = {Path(str(each.name)).name for each in find_compilers()}
BUILDS = [(compiler, version) for compiler in ("zig", GCC) for version in (2, 4, 5) if compiler in PRESENT]


class Image:
    """An ELF file, with its memory as exec would make it."""

    def __init__(self, elf: bytes) -> None:
        self.elf = elf
        self.info = debug_info.load(elf)
        self._pieces = []
        offset, count = int.from_bytes(elf[32:40], "little"), struct.unpack_from("<H", elf, 56)[0]
        for i in range(count):
            kind, _, start, va, _, size, memory, _ = struct.unpack_from("<IIQQQQQQ", elf, offset + 56 * i)
            if kind == 1:
                self._pieces.append((va, elf[start : start + size] + bytes(memory - size + 64)))

    def read(self, address: int, size: int) -> bytes:
        for va, data in self._pieces:
            if va <= address and address + size <= va + len(data):
                return data[address - va : address - va + size]
        raise LookupError(f"nothing at {address:#x}")

    def name_at(self, address: int) -> str | None:
        return self.info.symbols.at(address)

    def __getitem__(self, name: str):
        variable = self.info.variable(name)
        return debug_info.read(self, variable.address, variable.type)


def compiled(source: str, compiler: str = "zig", version: int = 4, optimize: str = "-O1") -> Image:
    flags = ["-g", f"-gdwarf-{version}", "-ffreestanding"]
    return Image(hl.cc(source, ulib=False, compiler=compiler, optimize=optimize, flags=flags).elf)
