"""uvmstack and pushargv called by themselves: the pages of a new stack, and what is pushed on it."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel.support import mapped, scratch_table, small
from oracles.exec_layout import Segment, layout

PAGE = hl.PGSIZE
R, W, U, V = hl.PTE_R, hl.PTE_W, hl.PTE_U, hl.PTE_V


def frame(kernel: hl.Kernel, data: bytes) -> int:
    """A frame with these bytes."""
    page = kernel.call("kalloc")
    assert page
    kernel.memory.write(page, data.ljust(PAGE, b"\0"))
    return page


def argv_of(kernel: hl.Kernel, strings: list[bytes]) -> int:
    pointers = [frame(kernel, string) for string in strings]
    return frame(kernel, b"".join(pointer.to_bytes(8, "little") for pointer in [*pointers, 0]))


@pytest.mark.parametrize("sz", [0, 1, PAGE - 1, PAGE, PAGE + 1, 0x20_0000])
@pytest.mark.parametrize("npages", [1, 3])
def test_a_stack_lies_above_a_guard_page(sz: int, npages: int) -> None:
    kernel = small()
    root = scratch_table(kernel)
    guard = -(-sz // PAGE) * PAGE
    assert kernel.call("uvmstack", root, sz, npages) == guard + (npages + 1) * PAGE
    flags = {va: flags for va, (_, flags) in mapped(kernel, root).items()}
    stack = {guard + (number + 1) * PAGE: V | R | W | U for number in range(npages)}
    assert flags == {guard: V | R | W} | stack


def test_a_stack_without_memory_is_0_and_nothing_is_kept() -> None:
    kernel = small()
    root = scratch_table(kernel)
    kernel.call("uvmalloc", root, 0, PAGE, W)  # the page-table pages are there
    free, before = kernel.free_pages, mapped(kernel, root)
    for failing in (1, 2, 3):
        kernel.inject(fail_kalloc=failing)
        assert kernel.call("uvmstack", root, PAGE, 2) == 0
        assert (kernel.free_pages, mapped(kernel, root)) == (free, before)


@pytest.mark.parametrize(
    "strings", [[], [b""], [b"one", b"x" * 15, b"x" * 16], [b"%d" % i for i in range(32)]]
)
def test_arguments_lie_as_the_oracle_has_them(strings: list[bytes]) -> None:
    kernel = small()
    root = scratch_table(kernel)
    expected = layout([Segment(0, b"", PAGE, "rw")], strings)
    assert expected is not None
    assert kernel.call("uvmalloc", root, 0, PAGE, W) == PAGE
    assert kernel.call("uvmstack", root, PAGE, 1) == expected.sz
    sp = kernel.call("pushargv", root, expected.sz, expected.stack, argv_of(kernel, strings))
    assert sp == expected.sp
    pa, _ = mapped(kernel, root)[expected.stack]
    assert kernel.memory.read(pa + sp - expected.stack, expected.sz - sp) == expected.stack_bytes


@pytest.mark.parametrize(
    ("strings", "why"),
    [
        ([b"x"] * 33, "more than 32 arguments"),
        ([b"y" * PAGE], "argument 0 is longer than a page"),
        ([b"", b"z" * 4090], "the arguments do not fit into a stack of 1 page(s)"),
        ([b"w" * 4080], "the arguments do not fit into a stack of 1 page(s)"),
    ],
)
def test_arguments_that_cannot_be_are_0_with_the_reason(strings: list[bytes], why: str) -> None:
    kernel = small()
    root = scratch_table(kernel)
    top = kernel.call("uvmstack", root, 0, 1)
    assert top
    assert kernel.call("pushargv", root, top, top - PAGE, argv_of(kernel, strings)) == 0
    assert kernel.why.startswith(why)


def test_a_stack_that_is_not_there_is_0_with_the_reason() -> None:
    kernel = small()
    assert kernel.call("pushargv", scratch_table(kernel), 3 * PAGE, 2 * PAGE, argv_of(kernel, [b"x"])) == 0
    assert kernel.why == "the arguments cannot be copied to the stack"


def test_an_argv_outside_memory_is_a_panic() -> None:
    kernel = small()
    with pytest.raises(hl.KernelPanic, match="which is not in RAM"):
        kernel.call("pushargv", scratch_table(kernel), PAGE, 0, 0x1000)
