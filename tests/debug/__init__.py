"""A kernel to debug, and what it takes to do so."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import pytest

import hartlab as hl

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "kernel.c"
GDB = shutil.which("gdb-multiarch")


@functools.cache
def kernel(optimize: str = "-O0") -> bytes:
    """The ELF file of kernel.c, with DWARF."""
    return hl.cc(SOURCE, ulib=False, optimize=optimize, script=HERE / "kernel.ld").elf


def need_gdb() -> str:
    """The debugger; the test is skipped, and says why, where there is none."""
    if GDB is None:
        pytest.skip("gdb-multiarch is not here: it is in Debian's package of that name")
    return GDB


def line_of(text: str) -> int:
    """The number of the only line of kernel.c with that text."""
    (number,) = [n for n, line in enumerate(SOURCE.read_text().splitlines(), 1) if text in line]
    return number
