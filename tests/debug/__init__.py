"""A kernel to debug, and what it takes to do so."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.toolchain.compilers import find_compiler

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "kernel.c"
GDB = shutil.which("gdb-multiarch")


@functools.cache
def kernel(optimize: str = "-O0") -> bytes:
    """The ELF file of kernel.c, with DWARF."""
    made = hl.cc(SOURCE, name="kernel", ulib=False, link=False, optimize=optimize)
    with tempfile.TemporaryDirectory() as name:
        result, objects = Path(name, "kernel.elf"), Path(name, "kernel.o")
        objects.write_bytes(made.elf)
        command = find_compiler("zig").link_command(
            f"-Wl,-T,{HERE / 'kernel.ld'}", "-Wl,-e,_start", "-Wl,--no-gc-sections",
            str(objects), "-o", str(result)
        )  # fmt: skip
        subprocess.run(command, check=True, timeout=120)
        return result.read_bytes()


def need_gdb() -> str:
    """The debugger; the test is skipped, and says why, where there is none."""
    if GDB is None:
        pytest.skip("gdb-multiarch is not here: it is in Debian's package of that name")
    return GDB


def line_of(text: str) -> int:
    """The number of the only line of kernel.c with that text."""
    (number,) = [n for n, line in enumerate(SOURCE.read_text().splitlines(), 1) if text in line]
    return number
