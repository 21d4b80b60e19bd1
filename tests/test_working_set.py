"""hl.working_set: the pages that a program uses in each window, without a change to its kernel."""

from __future__ import annotations

import pytest

import hartlab as hl

WALKER = """
    li t3, {pages}
again:
    li t1, 0x3000
    mv t2, t3
here:
    sd zero, 0(t1)
    li t4, 4096
    add t1, t1, t4
    addi t2, t2, -1
    bnez t2, here
    j again
"""


def walker(pages: int, **options: object) -> hl.Process:
    """A program that writes to so many pages over and over; the text is one more."""
    process = hl.Kernel(**options).spawn(code=hl.asm(WALKER.format(pages=pages)))
    process.sbrk(pages * hl.PGSIZE, hl.SBRK_LAZY)
    return process


@pytest.mark.parametrize("pages", [3, 40])
@pytest.mark.parametrize("tlb", [{"sets": 1, "ways": 1}, {"sets": 512, "ways": 4}])
def test_it_counts_the_pages_in_use_whatever_the_tlb(pages: int, tlb: dict[str, int]) -> None:
    process = walker(pages, tlb=tlb)
    use = hl.working_set(process, window=400, max_instructions=2000)
    assert use["pages"].tolist() == [pages + 1] * 5
    assert use["faults"].tolist() == [pages, 0, 0, 0, 0], "the first window brings the pages"
    assert use["fault_rate"][0] == pages / 400


def test_misses_are_those_of_an_undisturbed_run() -> None:
    process = walker(10)
    use = hl.working_set(process, window=500, max_instructions=3000)
    twin = process._kernel.clone()
    twin.hart.tlb.reset_counts()
    twin.run(max_instructions=3000)
    counts = twin.hart.tlb.counts
    assert use["misses"].sum() == sum(counts.misses.values())
    assert use["lookups"].sum() == sum(counts.misses.values()) + sum(counts.hits.values())


def test_the_kernel_itself_is_not_changed() -> None:
    process = walker(5)
    kernel = process._kernel
    before = kernel.snapshot()
    hl.working_set(kernel, window=100, max_instructions=1000)
    assert not hl.diff(before, kernel)
    assert kernel.instructions == before.instructions


def test_it_ends_when_the_program_does() -> None:
    kernel = hl.Kernel()
    kernel.spawn(code=hl.asm("li a7, 2; ecall"))
    use = hl.working_set(kernel, window=4)
    assert len(use)
    assert use["instructions"].max() <= 4


@pytest.mark.parametrize(
    ("x", "options", "error", "message"),
    [(3, {}, TypeError, "x=3 must be a Kernel or a Process"), (None, {"window": 0}, ValueError, "window=0")],
)
def test_what_cannot_be_measured_is_refused(
    x: object, options: dict[str, int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hl.working_set(hl.Kernel() if x is None else x, **options)
