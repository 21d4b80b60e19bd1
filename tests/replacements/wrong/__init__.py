"""Kernel functions as students get them wrong.

`WRONG` are functions of their own, and the kernel at work notices them; `EDITS` are the right functions with
a piece of text changed, and `IN_C` are in C: for those `hl.compare` has the words.
"""

from __future__ import annotations

from replacements.wrong import page_tables, processes, user_memory  # noqa: F401 - they fill WRONG
from replacements.wrong.cases import WRONG, diagnose
from replacements.wrong.edits import EDITS, RIGHT, Edit
from replacements.wrong.in_c import IN_C

__all__ = ["EDITS", "IN_C", "RIGHT", "WRONG", "Edit", "diagnose"]
