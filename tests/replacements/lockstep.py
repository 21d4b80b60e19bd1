"""Two kernels, one of them with functions replaced, that must be the same at every system call."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import hartlab as hl

PIECE = 5_000_000


def assert_same(native: hl.Kernel, replaced: hl.Kernel, when: str) -> None:
    """RAM to the byte, registers, and the TLB's entries and counts."""
    if not np.array_equal(native.memory.array, replaced.memory.array):
        words = "; ".join(hl.diff(native, replaced).words) or "kernel data"
        raise AssertionError(f"{when}, the memory differs: {words}")
    assert native.instructions == replaced.instructions, when
    assert dict(native.hart.csrs.items()) == dict(replaced.hart.csrs.items()), when
    assert native.hart.pc == replaced.hart.pc, when
    assert native.hart.tlb.counts == replaced.hart.tlb.counts, when


def work_in_lockstep(
    work: Callable[[hl.Kernel], Iterator[Any]], native: hl.Kernel, replaced: hl.Kernel
) -> int:
    """Take the steps of a workload on both, compare them after each, and return how many there were."""
    number = 0
    for ours, theirs in itertools.zip_longest(work(native), work(replaced)):
        number += 1
        assert ours == theirs, f"step {number}"
        assert_same(native, replaced, f"after step {number}, which gave {ours}")
        assert native.console.text == replaced.console.text
    return number


def run_in_lockstep(
    program: hl.Program,
    argv: list[str],
    replace: Callable[[hl.Kernel], None],
    *,
    most: int = 100_000,
    **options: object,
) -> int:
    """Run a program on both, compare them at every system call, and return how many there were."""
    kernels = [hl.Kernel(memory="8MiB", timer_interval=20_000, **options) for _ in range(2)]  # type: ignore[arg-type]
    native, replaced = kernels
    replace(replaced)
    for kernel in kernels:
        kernel.spawn(program, argv)
    for number in range(most):
        ends = [kernel.run(PIECE, max_work=1 << 40, until="syscall") for kernel in kernels]
        assert ends[0].reason == ends[1].reason, f"{number}: {ends}"
        assert ends[0].pid == ends[1].pid, f"{number}: {ends}"
        assert_same(native, replaced, f"before system call {number}")
        if ends[0].reason == "finished":
            assert native.console.text == replaced.console.text
            return number
    raise AssertionError(f"{most} system calls were not enough")
