"""The C header of the kernel's data: what the engine has, and what compilers make of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.toolchain import find_compilers

ROOT = Path(__file__).resolve().parent.parent
SOURCE = """
#include "kernel/layout.h"
int first_pid(void) { return kernel_data.proc[0].pid; }
struct proc *on_hart(void) { return kernel_data.cpus[0].proc; }
"""


def test_the_header_is_what_would_be_made_of_the_layout():
    run = [sys.executable, str(ROOT / "tools" / "kernel_header.py"), "--check"]
    result = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("compiler", find_compilers(), ids=lambda compiler: compiler.name)
def test_every_compiler_gives_the_structs_the_engine_s_offsets(compiler):
    include = Path(hl.__file__).parent / "include"
    flags = (f"-I{include}", "-Wall", "-Werror")
    program = hl.cc(SOURCE, name="layout", compiler=compiler.name, flags=flags, link=False, ulib=False)
    assert program.elf[:4] == b"\x7fELF"
