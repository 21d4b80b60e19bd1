"""qemu-riscv64 as an oracle for user-mode code: raw machine code in, the bytes it left in memory out.

No compiler and no linker: the ELF file is a header around an image that is loaded at BASE, readable, writable
and executable. The image ends in `finish()`, which writes its results to standard output and exits; on
another hart the first of those two ecalls is where to stop and read the same bytes.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from oracles.encode import encode

BASE = 0x8000_0000
QEMU = shutil.which("qemu-riscv64")


def address(register: int, value: int) -> list[int]:
    """Instructions that set `register` to a positive 32-bit value."""
    low = (value & 0xFFF) - (0x1000 if value & 0x800 else 0)
    high = (value - low) >> 12
    words = [encode("lui", register, imm=high), encode("addi", register, register, imm=low)]
    return [*words, encode("slli", register, register, imm=32), encode("srli", register, register, imm=32)]


def finish(first: int, size: int) -> list[int]:
    """write(1, first, size); exit(0) by Linux's numbers. Changes a0, a1, a2 and a7."""
    ecall = 0x73
    write = [
        encode("addi", 10, imm=1),
        *address(11, first),
        *address(12, size),
        encode("addi", 17, imm=64),
        ecall,
    ]
    return [*write, encode("addi", 10), encode("addi", 17, imm=93), ecall]


def elf(image: bytes, entry: int, memory_size: int) -> bytes:
    """A static executable of one segment."""
    headers = 0x1000
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    double_float_abi = 4
    header = ident + struct.pack(
        "<HHIQQQIHHHHHH", 2, 243, 1, entry, 64, 0, double_float_abi, 64, 56, 1, 64, 0, 0
    )  # fmt: skip
    segment = struct.pack("<IIQQQQQQ", 1, 7, headers, BASE, BASE, len(image), memory_size, 0x1000)
    return (header + segment).ljust(headers, b"\0") + image


def run(image: bytes, entry: int, memory_size: int) -> bytes:
    """What the program wrote. Raises if it did not exit with 0."""
    assert QEMU, "qemu-riscv64 is not on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        program.write_bytes(elf(image, entry, memory_size))
        program.chmod(0o755)
        # Not with a sanitizer's runtime, which is preloaded for the engine.
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        done = subprocess.run([QEMU, program], capture_output=True, check=False, env=environment)
    assert done.returncode == 0, f"qemu-riscv64 ended with {done.returncode}: {done.stderr.decode()}"
    return done.stdout
