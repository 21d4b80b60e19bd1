"""Kernels to look at, compiled once for each way of building them."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.toolchain.compilers import find_compilers
from hartlab.toolchain.workshop import Workshop

SOURCE = Path(__file__).with_name("kernel.c")
SCRIPT = """
ENTRY(_start)
SECTIONS {
  . = 0x80000000;
  .text : { *(.text .text.*) }
  PROVIDE(etext = .);
  .data : { *(.rodata .rodata.* .srodata .srodata.* .data .data.* .sdata .sdata.*) }
  .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) }
  PROVIDE(end = .);
}
"""


def link(elf: bytes, compiler: str = "zig", script: str = SCRIPT) -> bytes:
    """Make a kernel of an object file; for 0x8000_0000, if the linker script does not say otherwise."""
    found = next((each for each in find_compilers() if each.name == compiler), None)
    if found is None:
        pytest.skip(f"there is no {compiler}")
    with Workshop(found, 60.0) as work:
        return work.link_with(script, [elf], []).read_bytes()


@functools.cache
def kernel(*choices: str, compiler: str = "zig", debug: str = "-g") -> bytes:
    """The kernel of this folder, with the choices that its first lines name."""
    if not any(each.name == compiler for each in find_compilers()):
        pytest.skip(f"there is no {compiler}")
    flags = [debug, "-ffreestanding", *(f"-D{each}" for each in choices)]
    made = hl.cc(SOURCE, ulib=False, link=False, compiler=compiler, flags=flags, optimize="-O2")
    return link(made.elf, compiler)


@functools.cache
def _started(*choices: str, **options: str) -> hl.Machine:
    machine = hl.Machine("4MiB", kernel=kernel(*choices, **options))
    assert machine.run_to("done", 40_000_000).reason == "breakpoint"
    return machine


def started(*choices: str, **options: str) -> hl.Machine:
    """A machine with that kernel, whose tables are made: one of your own."""
    return _started(*choices, **options).clone()
