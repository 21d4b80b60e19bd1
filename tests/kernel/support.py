"""What the tests of this folder share: small programs and machines, and a look at all invariants at once."""

from __future__ import annotations

from typing import Any

import numpy as np

import hartlab as hl
from oracles.page_table import leaves

EDITIONS = ("2025", "2020")
SPIN = hl.asm("j 0")


def small(**options: Any) -> hl.Kernel:
    """A kernel with as little RAM as does."""
    return hl.Kernel(memory="2MiB", **options)


def spin(kernel: hl.Kernel, name: str = "spin") -> hl.Process:
    """A process that loops on its first instruction and can be driven from Python."""
    return kernel.spawn(code=SPIN, name=name)


def exit_with(status: int) -> bytes:
    return hl.asm(f"li a0, {status}; li a7, 2; ecall")


def assert_sound(kernel: hl.Kernel) -> None:
    """The audit has nothing to say, not even a note."""
    report = kernel.audit()
    assert len(report) == 0, "\n".join(str(message) for message in report["message"])


def assert_no_errors(kernel: hl.Kernel) -> None:
    """The audit finds no violation. Notes, such as a stale TLB entry that awaits its fence, are allowed."""
    report = kernel.audit()
    errors = report[report["severity"] == "error"]
    assert len(errors) == 0, "\n".join(str(message) for message in errors["message"])


def mapped(kernel: hl.Kernel, root: int) -> dict[int, tuple[int, int]]:
    """va to (pa, flags without A and D) of a page table, read from RAM by the oracle."""
    found = leaves(kernel.memory.load, root)
    return {va: (pa, flags & ~(hl.PTE_A | hl.PTE_D)) for va, (pa, flags) in found.items()}


def owned(kernel: hl.Kernel) -> dict[str, int]:
    """How many frames each kind of owner has."""
    names, counts = np.unique(kernel.frames()["owner"], return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def scratch_table(kernel: hl.Kernel) -> int:
    """An empty page table that belongs to nobody: the audit would call it lost."""
    root = kernel.call("uvmcreate")
    assert root
    return root


def run_until_current(kernel: hl.Kernel, process: hl.Process) -> None:
    """Lets the scheduler put that process on the hart: kernel functions then work for it."""
    for _ in range(200):
        if kernel.current_pid == process.pid:
            return
        kernel.run(10_000_000, until="switch")
    raise AssertionError(f"pid {process.pid} was never scheduled")
