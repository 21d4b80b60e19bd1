"""How much memory a program really uses: its working set, its TLB misses and its faults, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arguments
from .constants import TRAPFRAME
from .process import Process
from .table import Table, as_table

if TYPE_CHECKING:
    from .kernel import Kernel

_ROW = np.dtype(
    [
        ("time", "<u8"),
        ("instructions", "<u8"),
        ("pages", "<u8"),
        ("lookups", "<u8"),
        ("misses", "<u8"),
        ("miss_rate", "<f8"),
        ("faults", "<u8"),
        ("fault_rate", "<f8"),
    ]
)
_EVENTS = 1 << 18  # of a window at most


def working_set(x: Kernel | Process, window: int = 1000, max_instructions: int = 10_000_000) -> Table:
    """Run copies of a kernel, and count in each window of instructions which pages are used.

    The kernel itself is not changed. One copy begins each window with an empty TLB, so that the pages that
    are used are those of which the TLB is filled; another runs undisturbed, and its TLB counts misses.

    Parameters
    ----------
    x : Kernel or Process
        What to run; of a Process, only its own pages and faults count.
    window : int
        Instructions in a window.
    max_instructions : int
        The budget. It ends sooner when every process has ended.

    Returns
    -------
    Table
        A row a window: time (instructions retired at its end), instructions, pages (different ones below
        TRAPFRAME that were used: the working set), lookups and misses of the TLB with miss_rate, faults, and
        fault_rate in faults for each instruction. Look-ups and misses are those of the whole machine.

    Raises
    ------
    TypeError
        When x is neither.
    ValueError
        When a window is too long for its events to be counted.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(code=hl.asm("here: sd zero, -8(sp); j here"))
    >>> hl.working_set(proc, window=100, max_instructions=300)["pages"]
    array([2, 2, 2], dtype=uint64)
    """
    kernel: Any = x._kernel if isinstance(x, Process) else x
    if not callable(getattr(kernel, "clone", None)) or not hasattr(kernel, "tracing"):
        raise TypeError(f"x={x!r} must be a Kernel or a Process")
    pid = x.pid if isinstance(x, Process) else 0
    window = arguments.integer("window", window, 1)
    budget = arguments.integer("max_instructions", max_instructions, 1)
    rows = [_row(*each, pid) for each in _windows(kernel, window, budget)]
    return as_table(np.array(rows, dtype=_ROW))


def _windows(kernel: Any, window: int, budget: int) -> Iterator[tuple[int, int, Any, int, int]]:
    """Of each window its end, its length, what was traced, and the TLB's look-ups and misses."""
    with kernel.clone() as flushed, kernel.clone() as plain, flushed.tracing(_EVENTS) as tracing:
        plain.hart.tlb.reset_counts()
        lookups = misses = sequence = 0
        while budget > 0:
            before = flushed.instructions
            flushed.hart.tlb.flush()
            flushed.run(min(window, budget))
            done = flushed.instructions - before
            if done == 0:
                return
            events = tracing.table(since=sequence)
            if len(events) and events["sequence"][0] > sequence:
                raise ValueError(f"window={window} is too large: it has more than {_EVENTS:,} events")
            plain.run(done)
            counts = plain.hart.tlb.counts
            missed = sum(counts.misses.values())
            looked = sum(counts.hits.values()) + missed
            yield flushed.instructions, done, events, looked - lookups, missed - misses
            sequence += len(events)
            lookups, misses, budget = looked, missed, budget - done


def _row(time: int, done: int, events: Any, lookups: int, misses: int, pid: int) -> tuple[Any, ...]:
    if pid:
        events = events[events["pid"] == pid]
    fills = events[(events["kind"] == "tlb_fill") & (events["va"] < TRAPFRAME)]
    pages = len(np.unique(np.asarray(fills[["pid", "va"]])))
    faults = int((events["kind"] == "fault").sum())
    return time, done, pages, lookups, misses, misses / lookups if lookups else 0.0, faults, faults / done
