"""The ways in which versions of xv6 differ, each a named choice of `Kernel`."""

from __future__ import annotations

import numpy as np

from . import _engine
from .table import Table, as_table

_MEANINGS = {
    "sbrk": "who decides how sbrk grows: the call's second argument, or the kernel always eagerly or lazily",
    "shrink": "sbrk(-n) by more than the size: -1, or the sum wraps and nothing happens",
    "shrink_call": "which function shrinks a process",
    "fork": "the child gets copies of the pages, or shares them until one writes",
    "uvmunmap": "at a page that is not there",
    "uvmcopy": "at a page that is not there",
    "uvmalloc": "permissions of new pages: asked for, or R W X U always",
    "exec": "permissions of a program's pages: from its segments, or R W X U always",
    "mappages": "panic unless va and size are aligned, or round them",
    "first": "which function gives the first process its memory",
    "clint": "whether the kernel's page table maps the CLINT",
    "areas": "which gap myalloc takes: the lowest that is large enough, the smallest, or the next",
    "asid": "a fence each way through the trampoline, or an address-space identifier a process",
}


def policies() -> Table:
    """List the policies of the kernel model.

    Each is a keyword of `Kernel`; ``Kernel(xv6="2020")`` sets them together.

    Returns
    -------
    Table
        policy, its choices, the choice of xv6 2025 (the default) and of xv6 2020, and what it decides.

    Examples
    --------
    >>> table = policies()
    >>> [str(choice) for choice in table[table["policy"] == "fork"]["choices"]]
    ['copy, cow']
    """
    rows = [
        (name, ", ".join(choices), newer, older, _MEANINGS.get(name, ""))
        for name, choices, older, newer in _engine.policy_table()
    ]
    rows.append(("stack_pages", "1, 2, ...", "1", "1", "pages of the stack that exec makes"))
    dtype = [
        ("policy", "U16"),
        ("choices", "U32"),
        ("xv6_2025", "U12"),
        ("xv6_2020", "U12"),
        ("decides", "U100"),
    ]
    return as_table(np.array(rows, dtype=dtype))
