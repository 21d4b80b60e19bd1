"""sbrk: eager, lazy, negative, huge, overflowing, under both editions; growproc and shrinkproc."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel import layout
from kernel.support import EDITIONS, assert_sound, run_until_current, small, spin

PAGE = hl.PGSIZE
INT_MAX, INT_MIN = (1 << 31) - 1, -(1 << 31)
EAGER, LAZY = hl.SBRK_EAGER, hl.SBRK_LAZY


@pytest.fixture(params=EDITIONS)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param)


def pages(process: hl.Process) -> int:
    return sum(va < hl.TRAPFRAME for va in process.page_table.entries()["va"].tolist())


@pytest.mark.parametrize(
    ("n", "new_pages"), [(0, 0), (1, 1), (PAGE - 1, 1), (PAGE, 1), (PAGE + 1, 2), (10 * PAGE, 10)]
)
def test_eager_sbrk_returns_the_old_size_and_maps_zeroed_writable_pages(
    kernel: hl.Kernel, n: int, new_pages: int
) -> None:
    process = spin(kernel)
    old, before = process.sz, pages(process)
    assert process.sbrk(n, EAGER) == old
    assert process.sz == old + n
    assert pages(process) == before + new_pages
    for i in range(new_pages):
        assert process.page_table.peek(old + i * PAGE, PAGE) == bytes(PAGE)
        flags = process.page_table.pte(old + i * PAGE) & 0x1F
        rwx = kernel.policies["uvmalloc"] == "rwx"
        assert flags == hl.PTE_V | hl.PTE_R | hl.PTE_W | hl.PTE_U | (hl.PTE_X if rwx else 0)
    assert_sound(kernel)


def test_lazy_sbrk_moves_the_size_alone_and_pages_come_with_the_first_touch() -> None:
    kernel = small()
    process = spin(kernel)
    old, before, free = process.sz, pages(process), kernel.free_pages
    assert process.sbrk(8 * PAGE, LAZY) == old
    assert (process.sz, pages(process), kernel.free_pages) == (old + 8 * PAGE, before, free)
    assert process.load(old + 5 * PAGE + 9, 4) == bytes(4)
    process.store(old + 2 * PAGE - 1, b"xy")
    assert pages(process) == before + 3
    assert_sound(kernel)


@pytest.mark.parametrize(
    ("xv6", "sbrk", "how", "lazy"),
    [
        ("2025", None, EAGER, False),
        ("2025", None, LAZY, True),
        ("2025", "eager", LAZY, False),
        ("2025", "lazy", EAGER, True),
        ("2020", None, LAZY, False),
        ("2020", None, 0xDEAD_BEEF_0000, False),
        ("2020", "lazy", EAGER, True),
        ("2020", "call", LAZY, True),
        ("2020", "call", 0xFFFF_FFFF_0000_0001, False),  # an int: the high half does not count
    ],
)
def test_who_decides_between_eager_and_lazy(xv6: str, sbrk: str | None, how: int, lazy: bool) -> None:
    kernel = small(xv6=xv6, sbrk=sbrk)
    process = spin(kernel)
    before = pages(process)
    assert process.sbrk(3 * PAGE, how) == process.sz - 3 * PAGE
    assert pages(process) == before + (0 if lazy else 3)


@pytest.mark.parametrize("n", [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_shrinking_frees_the_whole_pages_beyond(kernel: hl.Kernel, n: int) -> None:
    process = spin(kernel)
    process.sbrk(3 * PAGE, EAGER)
    old, before, free = process.sz, pages(process), kernel.free_pages
    assert process.sbrk(-n) == old
    assert process.sz == old - n
    assert before - pages(process) == n // PAGE == kernel.free_pages - free
    with pytest.raises(hl.PageFault):
        process.load(hl.PGROUNDUP(process.sz), 1)
    assert_sound(kernel)


def test_shrinking_to_nothing_is_possible(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    assert process.sbrk(-process.sz) == 3 * PAGE
    assert (process.sz, pages(process)) == (0, 0)
    assert_sound(kernel)


@pytest.mark.parametrize("excess", [1, PAGE, 1 << 30])
def test_shrinking_by_more_than_there_is_changes_nothing(kernel: hl.Kernel, excess: int) -> None:
    process = spin(kernel)
    old, before = process.sz, kernel.snapshot()
    result = process.sbrk(-old - excess)
    assert result == (old if kernel.policies["shrink"] == "wrap" else -1)
    assert process.sz == old
    changes = hl.diff(before, kernel)
    assert len(changes.ptes) == len(changes.free_list) == 0


def test_shrinking_by_the_smallest_int(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    old = process.sz
    assert process.sbrk(INT_MIN) == (old if kernel.policies["shrink"] == "wrap" else -1)
    assert process.sz == old


def test_shrinking_by_the_smallest_int_when_there_is_as_much() -> None:
    kernel = small()
    process = spin(kernel)
    process.sbrk(INT_MAX, LAZY)
    old = process.sz
    assert process.sbrk(INT_MIN) == old
    assert process.sz == old + INT_MIN


def test_eager_growth_beyond_memory_is_minus_1_and_changes_nothing(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    old, before, free = process.sz, pages(process), kernel.free_pages
    for n in (INT_MAX, kernel.memory.size, (free + 1) * PAGE):
        assert process.sbrk(n, EAGER) == -1
        assert "memory" in kernel.why
    assert (process.sz, pages(process), kernel.free_pages) == (old, before, free)
    assert_sound(kernel)


@pytest.mark.parametrize("failing", [1, 2, 3, 4, 5])
def test_eager_growth_is_undone_when_an_allocation_fails(kernel: hl.Kernel, failing: int) -> None:
    process = spin(kernel)
    before = kernel.snapshot()
    kernel.inject(fail_kalloc=failing)
    assert process.sbrk(5 * PAGE, EAGER) == -1
    assert len(hl.diff(before, kernel).ptes) == 0
    assert kernel.free_pages == before.free_pages
    assert process.sz == 3 * PAGE
    assert_sound(kernel)


def grown_to(kernel: hl.Kernel, size: int) -> hl.Process:
    process = spin(kernel)
    while process.sz < size:
        step = min(INT_MAX, size - process.sz)
        assert process.sbrk(step, LAZY) == process.sz - step
    return process


def test_lazy_growth_ends_at_trapframe() -> None:
    kernel = small()
    process = grown_to(kernel, hl.TRAPFRAME - PAGE)
    assert process.sbrk(PAGE + 1, LAZY) == -1
    assert process.sbrk(INT_MAX, LAZY) == -1
    assert process.sbrk(INT_MAX, EAGER) == -1
    assert process.sz == hl.TRAPFRAME - PAGE
    assert process.sbrk(PAGE, LAZY) == hl.TRAPFRAME - PAGE
    assert process.sbrk(1, LAZY) == -1
    assert process.sbrk(1, EAGER) == -1
    assert process.sbrk(0, LAZY) == process.sbrk(0, EAGER) == hl.TRAPFRAME
    process.store(hl.TRAPFRAME - 1, b"!")
    with pytest.raises(hl.PageFault):
        process.load(hl.TRAPFRAME, 1)
    assert_sound(kernel)


def test_fork_unmap_and_exit_of_hundreds_of_gigabytes_cost_little() -> None:
    kernel = small()
    process = grown_to(kernel, hl.TRAPFRAME)
    process.store(hl.TRAPFRAME - 8, b"the last")
    work = kernel._engine.work
    child = process.fork()
    assert isinstance(child, hl.Process)
    assert child.load(hl.TRAPFRAME - 8, 8) == b"the last"
    child.exit()
    assert process.wait() == child.pid
    assert process.exec("/init") == 1
    assert kernel._engine.work - work < 1000
    assert_sound(kernel)


def test_eager_growth_after_lazy_growth_leaves_the_hole_lazy() -> None:
    kernel = small()
    process = spin(kernel)
    hole = process.sz
    process.sbrk(PAGE + 100, LAZY)
    process.sbrk(PAGE, EAGER)
    assert [hole + i * PAGE in process.page_table for i in range(3)] == [False, False, True]
    assert process.load(hole + PAGE, 8) == bytes(8)
    assert_sound(kernel)


def test_program_uses_memory_that_it_has_just_been_granted(kernel: hl.Kernel) -> None:
    code = hl.asm(
        """
        li a0, 0x2000
        li a1, 2
        li a7, 12
        ecall               # sbrk(0x2000, LAZY)
        mv s1, a0
        li t0, 42
        sd t0, 0(s1)
        sd t0, -8(s1)       # the stack's last word
        li t1, 0x1ff8
        add t1, s1, t1
        ld t2, 0(t1)
        add s2, t0, t2
        li a0, -0x2000
        li a7, 12
        ecall               # sbrk(-0x2000)
        sd t0, 0(s1)        # and now it is gone
        """
    )
    process = kernel.spawn(code=code)
    kernel.run()
    assert process.exit_status == -1
    assert (
        process.killed_by == "store page fault at address 0x3000, pc " + process.killed_by.rsplit(" ", 1)[1]
    )


# -- growproc and shrinkproc -------------------------


def test_growproc_returns_0_and_minus_1(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    run_until_current(kernel, process)
    assert kernel.call("growproc", 2 * PAGE) == 0
    assert process.sz == 5 * PAGE
    assert kernel.call("growproc", 0) == 0
    assert kernel.call("growproc", -PAGE) == 0
    assert process.sz == 4 * PAGE
    kernel.inject(fail_kalloc=1)
    assert kernel.call("growproc", 1) == -1
    assert process.sz == 4 * PAGE


def test_growproc_stops_at_trapframe() -> None:
    kernel = small()
    process = spin(kernel)
    run_until_current(kernel, process)
    layout.poke(kernel, "proc", process.slot, "sz", value=hl.TRAPFRAME - PAGE)
    assert kernel.call("growproc", PAGE + 1) == -1
    assert kernel.call("growproc", PAGE) == 0
    assert process.sz == hl.TRAPFRAME


def test_shrinkproc_returns_0_and_minus_1(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    run_until_current(kernel, process)
    assert kernel.call("shrinkproc", PAGE) == 0
    assert process.sz == 2 * PAGE
    assert kernel.call("shrinkproc", 3 * PAGE) == -1
    assert kernel.call("shrinkproc", 0) == 0
    assert process.sz == 2 * PAGE


@pytest.mark.parametrize(("xv6", "function"), [("2025", "shrinkproc"), ("2020", "growproc")])
def test_policy_names_the_function_that_shrinks(xv6: str, function: str) -> None:
    assert small(xv6=xv6).policies["shrink_call"] == function
