"""How tables show themselves: which of their columns, and what a cell says; and text in columns.

A table has more columns than a page is wide, so a whole one leaves out what is rarely asked for and names it
in a line below. A selection of columns, ``table[["va", "pa"]]``, is shown as it was selected.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from . import _engine

_FLAGS = tuple("VRWXUGAD")

# A column that only this kind of table has; then its columns that are left out, and those that are left out
# while all rows have a usual value in them: 0, or what _USUAL says.
_KINDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "stamp",  # the TLB
        ("valid", "flags", *_FLAGS, "global", "dirty", "stamp", "checked", "table_pte"),
        ("asid", "cow", "stale"),
    ),
    ("last", ("pte_address", "next", *_FLAGS, "leaf", "last", "end"), ("cow",)),  # a walk
    (
        "leaf",  # page-table entries
        ("pte_address", *_FLAGS),
        ("size", "cow", "leaf", "broken", "problem"),
    ),
    (
        "kstack",  # processes
        ("slot", "code", "kstack", "chan", "restart", "deadline", "done", "born"),
        ("killed", "xstate", "asid"),
    ),
    ("two_places", ("code",), ("level", "two_places")),  # frames
    (
        "interrupt",  # traps of a machine
        ("sequence", "interrupt", "instructions", "cause", "satp", "a3", "a4", "a5", "a6"),
        ("hart",),
    ),
    ("sequence", ("sequence", "kind_code", "code", "a3", "a4", "a5"), ()),  # the trace
    ("bytes_changed", ("first", "last"), ()),  # frames of a diff
    ("change", (), ("level",)),  # page-table entries of a diff
    ("severity", ("code",), ()),  # the audit
    ("otherwise", ("tried",), ()),  # what was looked for in a guest kernel
    ("verdict", ("code",), ()),  # the free list
    ("error", (), ("error",)),  # a sweep
    ("fd", ("code", "index", "major", "inum", "address"), ("pipe",)),  # open files
)
_USUAL: dict[str, tuple[int | str, ...]] = {"leaf": (1,), "size": (4096,), "level": (0, -1), "error": ("",)}

# Columns of addresses and bit patterns, which read better in hexadecimal.
_IN_HEX = """
    va pa pte pte_address table next start end pagetable trapframe kstack chan pipe address other pc
    tlb_pa tlb_pte table_pte mapped_va scause sepc stval tval cause satp epc kernel_satp kernel_sp
    kernel_trap bits match mask allocated_epc mapped_epc freed_epc value before after
"""
_HEX = frozenset(_IN_HEX.split())
_ARGUMENTS = frozenset(("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "result"))


def listing(text: str) -> str:
    """Write text in columns as HTML: in a plain ``pre``, Jupyter has letters in which they do not line up."""
    return f'<pre style="font-family: var(--jp-code-font-family, monospace)">{escape(text)}</pre>'


def columns(table: Any, whole: bool) -> tuple[list[str], list[str]]:
    """The columns of a table to show, and those to name."""
    names = list(table.dtype.names)
    kind = next((k for k in _KINDS if k[0] in names), None)
    if not whole or kind is None:
        return names, []
    _, never, unless_usual = kind
    shown = [
        name
        for name in names
        if name not in never
        and (
            name not in unless_usual
            or not any((table[name] == usual).all() for usual in _USUAL.get(name, (0,)))
        )
    ]
    if "flags" in names and "flags" not in shown:
        shown.insert(shown.index("pte") + 1, "flags")
    return shown, [name for name in names if name not in shown]


def named(names: list[str]) -> str:
    """Names of columns in a line; the flags of a PTE as one word."""
    text = ", ".join(names)
    return text.replace(", ".join(_FLAGS), " ".join(_FLAGS))


def is_text(table: Any, name: str) -> bool:
    """Whether a column is to be read from the left."""
    return table.dtype[name].kind in "SU" or _is_leaf(table.dtype.names, name)


def _is_leaf(names: tuple[str, ...], name: str) -> bool:
    return name in ("before", "after") and "change" in names  # of a page table, in a diff


def cell(names: tuple[str, ...], name: str, value: Any) -> str:
    """What to show of one value; `names` are the columns that its table has."""
    if "error" in names:  # a sweep, whose columns are called as its author likes
        return _of_sweep(value)
    if isinstance(value, np.bool_):
        if len(name) == 1:  # a flag: its own letter
            return name if value else "-"
        return "yes" if value else ""
    if isinstance(value, np.floating):
        return f"{value:.3f}"
    if not isinstance(value, np.integer):
        return str(value)
    number = int(value)
    if name == "flags":
        return str(_engine.flag_string(number))[: len(_FLAGS)]
    if _is_leaf(names, name):
        return f"{number >> 10 << 12:#x} {_engine.flag_string(number)}" if number else "-"
    if name in _HEX:
        return f"{number:#x}"
    if name in _ARGUMENTS:  # of a system call: a small number or an address
        signed = number - (1 << 64) if number >> 63 else number
        return str(signed) if abs(signed) < 4096 else f"{number:#x}"
    return str(number)


def _of_sweep(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype if value.dtype.names is None else 'record'}{list(value.shape)}"
    return f"{value:.6g}" if isinstance(value, np.floating) else str(value)
