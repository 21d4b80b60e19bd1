"""What is different in a second state, as rows: frames by owner, neighbouring pages, fields of processes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import constants
from . import sources
from .lettering import flags, printable
from .sources import Array

_PTE_FLAGS = "VRWXUGAD"


def flows(table: Array) -> Array:
    """How many frames went from one owner to another, or have other contents."""
    kinds = [("owner_before", "U16"), ("owner_after", "U16"), ("frames", "u8")]
    pairs = np.empty(len(table), dtype=kinds[:2])
    pairs["owner_before"], pairs["owner_after"] = table["owner_before"], table["owner_after"]
    unique, counts = np.unique(pairs, return_counts=True)
    made = [(*pair.tolist(), count) for pair, count in zip(unique, counts, strict=True)]
    return np.array(sorted(made, key=lambda row: (row[0] == row[1], -row[2])), dtype=kinds)


def pages(table: Array) -> Array:
    """Changed entries, neighbours that changed in the same way as one."""
    kinds = [
        ("pid", "i4"),
        ("va", "u8"),
        ("pages", "u8"),
        ("change", "U12"),
        ("before", "u8"),
        ("after", "u8"),
    ]
    size = np.uint64(constants.PGSIZE) << (np.uint64(9) * np.maximum(table["level"], 0).astype(np.uint64))
    number = np.cumsum(np.concatenate([[0], size[:-1].astype(np.int64)]))[: len(table)]
    alike = [
        table["pid"],
        table["change"],
        table["before"] & np.uint64(0x3FF),
        table["after"] & np.uint64(0x3FF),
    ]
    runs = sources.runs(table["va"] - number.astype(np.uint64), *alike) if len(table) else []
    made = [
        (
            table["pid"][a],
            table["va"][a],
            int(size[a : b + 1].sum()) // constants.PGSIZE,
            table["change"][a],
            table["before"][a],
            table["after"][a],
        )
        for a, b in runs
    ]
    return np.array(made, dtype=kinds)


def field(row: Any) -> tuple[int, str, str]:
    """A changed field of a process: pid, and what to say of it, as a word and as a change."""
    pid, field = int(row["pid"]), printable(row["field"])
    texts = printable(row["text_before"]), printable(row["text_after"])
    numbers = int(row["before"]), int(row["after"])
    if field == "exists":
        return pid, "", "was made" if numbers[1] else "is gone"
    if any(texts):
        return pid, field, f"{texts[0] or '-'} → {texts[1] or '-'}"
    return pid, field, " → ".join(f"{n:#x}" if n > 4095 else str(n) for n in numbers)


def _changed_flags(before: int, after: int) -> str:
    gained = [_PTE_FLAGS[bit] if bit < 8 else "c" for bit in range(9) if after & ~before & 1 << bit]
    lost = [_PTE_FLAGS[bit] if bit < 8 else "c" for bit in range(9) if before & ~after & 1 << bit]
    return " ".join([*(f"+{flag}" for flag in gained), *(f"−{flag}" for flag in lost)])


def page_words(row: Any) -> str:
    """What has happened to a page, beside the sign for it."""
    before, after = int(row["before"]), int(row["after"])
    change = str(row["change"])
    if change == "mapped":
        return flags(after)
    if change == "unmapped":
        return f"was {flags(before)}"
    if change == "moved":
        moved = f"{constants.PTE2PA(before):#x} → {constants.PTE2PA(after):#x}"
        return f"{moved} {_changed_flags(before, after)}".strip()
    return f"{_changed_flags(before, after)}, now {flags(after)}"
