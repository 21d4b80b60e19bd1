"""The kernel's functions written anew from their contracts, in Python and in C.

They are what a diligent student would hand in for the policies of 2025, with either kind of fork. `in_python`
is all of them by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def in_python() -> dict[str, Callable[..., Any]]:
    """Every function of the table."""
    from replacements import allocator, areas, copies, lives, page_tables, processes, programs, user_memory

    found: dict[str, Callable[..., Any]] = {}
    for module in (allocator, page_tables, user_memory, areas, copies, processes, lives, programs):
        found |= module.FUNCTIONS
    return found
