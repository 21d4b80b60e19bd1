"""What happens when the n-th allocation fails, for every n?"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from .errors import KernelPanic, WouldBlock
from .kernel import Kernel
from .progress import bar
from .table import Table, as_table

_DTYPE = np.dtype(
    [
        ("fail_kalloc", "<u8"),
        ("outcome", "U12"),
        ("result", "U80"),
        ("lost_frames", "<i8"),
        ("violations", "<u8"),
    ]
)


class FailureSweep:
    """What a function did under each allocation failure.

    Attributes
    ----------
    table : Table
        A row for each n: fail_kalloc, outcome (``"returned"``, ``"panic"``, ``"blocked"`` for a system call
        that waits, or ``"raised"``), result, lost_frames (free pages fewer than before although no process
        has more) and violations that the audit found.
    allocations : int
        How many allocations the function makes when none fails.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="2MiB")
    >>> proc = kernel.spawn(code=hl.asm("li a7, 2; ecall"))
    >>> sweep = hl.sweep_failures(lambda k: k.process(proc.pid).sbrk(3 * hl.PGSIZE), kernel)
    >>> sweep.allocations, sweep.clean
    (3, True)
    """

    def __init__(self, table: Table, allocations: int) -> None:
        self.table = table
        self.allocations = allocations

    @property
    def clean(self) -> bool:
        """Whether no failure lost a frame, broke an invariant or made the kernel panic."""
        t = self.table
        return not (t["lost_frames"].any() or t["violations"].any() or (t["outcome"] == "panic").any())

    def __repr__(self) -> str:
        verdict = "clean" if self.clean else "NOT clean"
        return f"<FailureSweep over {self.allocations} allocations: {verdict}>\n{self.table!r}"

    def _repr_html_(self) -> str:
        return f"<b>{escape(repr(self).splitlines()[0].strip('<>'))}</b>{self.table._repr_html_()}"


def sweep_failures(
    fn: Callable[[Kernel], Any], kernel: Kernel | None = None, *, limit: int = 10_000, progress: bool = False
) -> FailureSweep:
    """Run a function once for every allocation that it makes, with that allocation failing.

    Each run begins in the same state, on a clone of the kernel.

    Parameters
    ----------
    fn : callable
        Takes a kernel and does something with it; its result is recorded.
    kernel : Kernel, optional
        Where every run begins; a freshly booted one by default. It is left alone.
    limit : int
        Runs at most.
    progress : bool
        Whether to show a bar, in a notebook or a terminal where tqdm is installed.

    Returns
    -------
    FailureSweep
        A row for each run; the last one, in which nothing failed, is not among them.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.sweep_failures(lambda kernel: kernel.call("kalloc")).table["result"]
    array(['0'], dtype='<U80')
    """
    base = Kernel() if kernel is None else kernel
    start = base.snapshot()
    rows: list[tuple[int, str, str, int, int]] = []
    twin = base.clone(start)
    with bar("allocations", on=progress) as shown:
        for number in range(1, limit + 1):
            twin.restore(start)
            pages, free = _pages(twin), twin.free_pages
            twin.inject(fail_kalloc=number)
            outcome, result = _attempt(fn, twin)
            if twin._engine.kalloc_failure_in:  # the function made fewer allocations than that
                return FailureSweep(as_table(np.array(rows, dtype=_DTYPE)), number - 1)
            twin.inject(fail_kalloc=0)
            lost = 0 if twin.panicked else (free - twin.free_pages) - (_pages(twin) - pages)
            violations = 0 if twin.panicked else _errors(twin)
            rows.append((number, outcome, result, lost, violations))
            shown.update()
    raise ValueError(f"limit={limit} runs were not enough: the function makes more allocations than that")


def _attempt(fn: Callable[[Kernel], Any], kernel: Kernel) -> tuple[str, str]:
    try:
        return "returned", repr(fn(kernel))[:80]
    except KernelPanic as panic:
        return "panic", panic.text[:80]
    except WouldBlock as blocked:
        return "blocked", str(blocked)[:80]
    except Exception as error:
        return "raised", f"{type(error).__name__}: {error}"[:80]


def _pages(kernel: Kernel) -> int:
    """Frames that somebody owns who is neither the free list nor the kernel image."""
    owners = kernel.frames()["owner"]
    return int(((owners != "free") & (owners != "kernel_image") & (owners != "lost")).sum())


def _errors(kernel: Kernel) -> int:
    return int((kernel.audit()["severity"] == "error").sum())
