"""Codes of the hardware in words, sizes, numbers and places for people."""

from __future__ import annotations

import sys

# [priv Table 3.6]
_CAUSES = {
    0: "instruction address misaligned",
    1: "instruction access fault",
    2: "illegal instruction",
    3: "breakpoint",
    4: "load address misaligned",
    5: "load access fault",
    6: "store address misaligned",
    7: "store access fault",
    8: "system call from user mode",
    9: "system call from supervisor mode",
    11: "system call from machine mode",
    12: "instruction page fault",
    13: "load page fault",
    15: "store page fault",
}
_INTERRUPTS = {1: "supervisor software", 3: "machine software", 5: "supervisor timer", 7: "machine timer"}
_INTERRUPTS |= {9: "supervisor external", 11: "machine external"}
_INTERRUPT_BIT = 1 << 63
_ILLEGAL_INSTRUCTION = 2


def cause(code: int) -> str:
    """Name what scause or mcause holds."""
    if code & _INTERRUPT_BIT:
        number = code & ~_INTERRUPT_BIT
        return _INTERRUPTS.get(number, f"number {number}") + " interrupt"
    return _CAUSES.get(code, f"cause {code}")


def trap_value(cause: int, value: int) -> str:
    """Write what stval holds, behind the name of an exception: an instruction, or an address."""
    return f" {value:#x}" if cause == _ILLEGAL_INSTRUCTION else f" at address {value:#x}"


def size(count: int) -> str:
    """Write a number of bytes the short way: ``"32 MiB"``, ``"12 KiB"``, ``"100 bytes"``."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count and count % (1 << shift) == 0:
            return f"{count >> shift} {unit}"
    return plural(count, "byte")


def plural(count: int, noun: str) -> str:
    """Write ``"1 page"``, ``"3 pages"``, ``"1,000 pages"``."""
    if count == 1:
        return f"1 {noun}"
    ending = "es" if noun.endswith(("s", "sh", "ch")) else "s"
    return f"{count:,} {noun}{ending}"


def place(file: str, line: int) -> str:
    """Say where a line of Python is: ``"walk.py:3"``, or ``"In[7], line 3"`` for a cell of a notebook."""
    notebook = sys.modules.get("IPython")
    shell = notebook.get_ipython() if notebook else None
    cell = shell.compile.format_code_name(file) if shell else None  # as Jupyter's own tracebacks name it
    return f"{cell[1]}, line {line}" if cell else f"{file}:{line}"
