"""stop() in the middle of the kernel's own work: what was done is undone, and the call can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import hartlab as hl
from kernel.programs_in_elf import elf
from kernel.support import SPIN, assert_sound, spin
from oracles.exec_layout import Segment

PAGES = 3000  # the kernel looks for a request to stop about every thousand pages


@pytest.fixture(params=["copy", "cow"])
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    kernel = hl.Kernel(memory="48MiB", fork=request.param)
    kernel.files["/big"] = elf([Segment(0, SPIN, 4, "rx"), Segment(4096, b"", PAGES * hl.PGSIZE, "rw")])
    kernel.files["/text"] = bytes(PAGES * hl.PGSIZE)
    return kernel


@contextmanager
def stopping(kernel: hl.Kernel) -> Iterator[None]:
    """As though another thread called stop() just after the next call has begun."""
    kernel._engine.claim()
    try:
        kernel._engine.stop()
        yield
    finally:
        kernel._engine.release_claim()


def large(kernel: hl.Kernel) -> hl.Process:
    process = spin(kernel)
    assert process.sbrk(PAGES * hl.PGSIZE, hl.SBRK_EAGER) > 0
    return process


def large_area(kernel: hl.Kernel) -> hl.Process:
    process = spin(kernel)
    assert process.myalloc(PAGES * hl.PGSIZE) > 0
    return process


CALLS: dict[str, tuple[Callable[[hl.Kernel], hl.Process], Callable[[hl.Process], object], object]] = {
    "sbrk": (spin, lambda p: p.sbrk(PAGES * hl.PGSIZE, hl.SBRK_EAGER), 3 * hl.PGSIZE),
    "myalloc": (spin, lambda p: p.myalloc(PAGES * hl.PGSIZE), 3 * hl.PGSIZE),
    "fork of areas": (large_area, lambda p: p.syscall("fork"), 4),
    "fork": (large, lambda p: p.syscall("fork"), 4),  # pid 3 was used up
    "exec": (spin, lambda p: p.exec("/big"), 1),
}


@pytest.mark.parametrize("call", CALLS)
def test_call_that_is_interrupted_changes_nothing_and_succeeds_later(kernel: hl.Kernel, call: str) -> None:
    prepare, act, result = CALLS[call]
    process = prepare(kernel)
    before, registers = kernel.snapshot(), process.registers.as_dict()
    with stopping(kernel), pytest.raises(hl.Interrupted):
        act(process)
    assert process.registers.as_dict() == registers
    assert len(hl.diff(before, kernel).ptes) == 0
    assert kernel.free_pages == before.free_pages
    assert kernel.processes()["sz"].tolist() == before.processes()["sz"].tolist()
    assert_sound(kernel)
    assert act(process) == result
    assert_sound(kernel)


def test_spawn_that_is_interrupted_leaves_no_process(kernel: hl.Kernel) -> None:
    free = kernel.free_pages
    with stopping(kernel), pytest.raises(hl.Interrupted):
        kernel.spawn("/big")
    assert len(kernel.processes()) == 1
    assert kernel.free_pages == free
    assert_sound(kernel)
    assert kernel.spawn("/big").name == "big"


def test_access_that_is_interrupted_may_be_made_again(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    heap = process.sbrk(PAGES * hl.PGSIZE, hl.SBRK_LAZY)
    with stopping(kernel), pytest.raises(hl.Interrupted):
        process.store(heap, bytes(PAGES * hl.PGSIZE))
    assert_sound(kernel)
    process.store(heap, b"x" * PAGES * hl.PGSIZE)
    assert process.load(heap + PAGES * hl.PGSIZE - 1, 1) == b"x"
    assert_sound(kernel)


def test_stop_before_a_run_ends_it_at_once(kernel: hl.Kernel) -> None:
    spin(kernel)
    with stopping(kernel):
        result = kernel._engine.run(1000)
    assert result[0] == "interrupted"
    assert kernel.run(1000).reason == "budget"
