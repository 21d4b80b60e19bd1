"""The kernel's functions written anew from their contracts, in Python and in C.

They are what a diligent student would hand in for the policies of 2025, with either kind of fork. `in_python`
is all of them by name, `in_c` too, as source; the functions of a file of C call each other directly.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hartlab as hl

C_FILES = sorted(Path(__file__).resolve().parent.glob("*.c"))
# From the first column on: result, name and parameters; and the body up to a brace in the first column.
_HEAD, _BODY = r"^(?!static|#|//)[\w *]+?\b(\w+)\([^;{]*\) ", r"\{(?:[^\n]*\}\n|\n.*?^\}\n)"
_DEFINITION = re.compile(_HEAD + _BODY, re.M | re.S)


@functools.cache
def in_python() -> dict[str, Callable[..., Any]]:
    """Every function of the table."""
    from replacements import allocator, areas, copies, lives, page_tables, processes, programs, user_memory

    found: dict[str, Callable[..., Any]] = {}
    for module in (allocator, page_tables, user_memory, areas, copies, processes, lives, programs):
        found |= module.FUNCTIONS
    return found


@functools.cache
def in_c() -> dict[str, str]:
    """Every function of the table, with the helpers of its file and without the file's other functions."""
    found = {}
    for path in C_FILES:
        text = path.read_text(encoding="utf-8")
        for name in _DEFINITION.findall(text):
            found[name] = _DEFINITION.sub(lambda each, name=name: each[0] if each[1] == name else "", text)
    return found


def replace_all(kernel: hl.Kernel, language: str) -> None:
    """Put all of them in place, those in C with a unit for each file."""
    if language == "python":
        for name, function in in_python().items():
            kernel.replace(name, function)
    else:
        for path in C_FILES:
            kernel.replace_c(path)


def replace_one(kernel: hl.Kernel, language: str, name: str) -> None:
    """Put one of them in place."""
    if language == "python":
        kernel.replace(name, in_python()[name])
    else:
        kernel.replace_c(in_c()[name], name=name)
