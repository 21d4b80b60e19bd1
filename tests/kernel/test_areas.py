"""myalloc and myfree: areas with holes between them, what makes them fail, and who else knows of them."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

import hartlab as hl
from compilers import needs_compiler
from kernel import layout
from kernel.programs_in_elf import elf
from kernel.side_by_side import SideBySide, booted
from kernel.support import (
    EDITIONS,
    SPIN,
    assert_no_errors,
    assert_sound,
    mapped,
    owned,
    run_until_current,
    small,
    spin,
)
from oracles.exec_layout import Segment
from replacements import areas as areas_in_python

PAGE = hl.PGSIZE
FIRST = 3 * PAGE  # where the first area of a process that only spins goes


@pytest.fixture(params=list(itertools.product(EDITIONS, ("copy", "cow"))), ids="-".join)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    xv6, fork = request.param
    return small(xv6=xv6, fork=fork)


def areas(process: hl.Process) -> list[tuple[int, int]]:
    """(start, pages) of each."""
    rows = process.areas()
    return [(int(row["start"]), int(row["length"]) // PAGE) for row in rows[rows["kind"] == "vma"]]


def with_holes(kernel: hl.Kernel) -> hl.Process:
    """Areas of 2, 1 and 9 pages, with holes of 3 and 7 between them."""
    process = spin(kernel)
    starts = [process.myalloc(pages * PAGE) for pages in (2, 3, 1, 7, 9)]
    assert starts == [0x3000, 0x5000, 0x8000, 0x9000, 0x10000]
    assert [process.myfree(starts[i]) for i in (1, 3)] == [0, 0]
    return process


def test_area_is_whole_zeroed_pages_above_the_size_which_stays(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    for n, pages in ((1, 1), (PAGE, 1), (PAGE + 1, 2), (10 * PAGE, 10)):
        start, free = process.myalloc(n), kernel.free_pages
        assert process.load(start, pages * PAGE) == bytes(pages * PAGE)
        assert process.page_table.pte(start) & 0x3F == hl.PTE_V | hl.PTE_R | hl.PTE_W | hl.PTE_U
        process.store(start + pages * PAGE - 3, b"end")
        assert kernel.free_pages == free, "its pages are there from the first"
    assert areas(process) == [(0x3000, 1), (0x4000, 1), (0x5000, 2), (0x7000, 10)]
    assert process.sz == FIRST
    assert_sound(kernel)


def test_area_begins_at_a_page_when_the_size_does_not() -> None:
    kernel = small()
    process = spin(kernel)
    process.sbrk(1, hl.SBRK_EAGER)
    assert process.myalloc(1) == FIRST + PAGE
    assert_sound(kernel)


def test_freed_area_is_a_hole_that_faults_and_is_filled_again(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    assert areas(process) == [(0x3000, 2), (0x8000, 1), (0x10000, 9)]
    for va in (0x5000, 0x7FFF, 0x9000, 0xFFFF, 0x19000):
        with pytest.raises(hl.PageFault):
            process.load(va, 1)
        with pytest.raises(hl.PageFault):
            process.store(va, b"x")
    assert process.myalloc(3 * PAGE) == 0x5000
    assert process.load(0x5000, 3 * PAGE) == bytes(3 * PAGE)
    assert_sound(kernel)


@pytest.mark.parametrize(
    ("policy", "starts"),
    [
        # Holes of 3 pages at 0x5000 and of 7 at 0x9000; the last area made ends at 0x19000.
        ("first", [0x5000, 0x6000, 0x9000, 0xC000]),
        ("best", [0x5000, 0x6000, 0x9000, 0xC000]),
        ("next", [0x19000, 0x1A000, 0x1C000, 0x1F000]),
    ],
)
def test_policy_chooses_the_hole(policy: str, starts: list[int]) -> None:
    kernel = small(areas=policy)
    process = with_holes(kernel)
    assert [process.myalloc(n * PAGE) for n in (1, 2, 3, 4)] == starts
    assert_sound(kernel)


def test_best_fit_takes_the_smallest_hole_where_first_fit_takes_the_lowest() -> None:
    found = {}
    for policy in ("first", "best"):
        process = spin(small(areas=policy))
        starts = [process.myalloc(n * PAGE) for n in (7, 1, 3, 1)]
        process.myfree(starts[0]), process.myfree(starts[2])
        found[policy] = process.myalloc(2 * PAGE)
    assert found == {"first": 0x3000, "best": 0xB000}


def test_next_fit_comes_round_when_there_is_nothing_above() -> None:
    kernel = small(areas="next")
    process = spin(kernel)
    low = process.myalloc(PAGE)
    layout.poke(kernel, "proc", process.slot, "vm", 0, "start", value=hl.TRAPFRAME - PAGE)
    assert process.myalloc(2 * PAGE) == low + PAGE, "one page below TRAPFRAME is too few"
    layout.poke(kernel, "proc", process.slot, "vm", 0, "start", value=hl.TRAPFRAME - PAGE)
    assert process.myalloc(PAGE) == hl.TRAPFRAME - PAGE
    assert_sound(kernel)


@pytest.mark.parametrize("policy", ["first", "best", "next"])
@pytest.mark.parametrize(
    ("n", "why"),
    [
        (0, "0 bytes"),
        (-1, "more than fit"),
        (-PAGE, "more than fit"),
        (1 << 63, "more than fit"),
        (hl.TRAPFRAME + 1, "more than fit"),
        (hl.TRAPFRAME, "no gap"),
        (hl.TRAPFRAME - FIRST + 1, "no gap"),
        (1 << 32, "no memory"),
        (64 << 20, "no memory"),
    ],
)
def test_size_that_cannot_be_is_minus_1_and_changes_nothing(policy: str, n: int, why: str) -> None:
    kernel = small(areas=policy)
    process = spin(kernel)
    before, free = kernel.snapshot(), kernel.free_list()["pa"].tolist()
    assert process.myalloc(n) == -1
    assert why in kernel.why
    assert kernel.free_list()["pa"].tolist() == free
    assert len(hl.diff(before, kernel).ptes) == 0
    assert areas(process) == []
    assert_sound(kernel)


def test_there_are_nine_areas(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    starts = [process.myalloc(PAGE) for _ in range(9)]
    before, free = mapped(kernel, process.page_table.root), kernel.free_pages
    assert process.myalloc(PAGE) == -1
    assert "all 9 areas" in kernel.why
    assert (mapped(kernel, process.page_table.root), kernel.free_pages) == (before, free)
    assert process.myfree(starts[4]) == 0
    assert process.myalloc(PAGE) == starts[4]
    assert_sound(kernel)


def test_myfree_of_what_is_no_start_is_minus_1_and_changes_nothing(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    before, free = mapped(kernel, process.page_table.root), kernel.free_pages
    for va in (0, 0x2000, 0x3001, 0x4000, 0x5000, 0x9000, 0x11000, -1, hl.TRAPFRAME, hl.MAXVA):
        assert process.myfree(va) == -1, hex(va)
        assert "no area begins at" in kernel.why
    assert process.myfree(0x8000) == 0
    assert process.myfree(0x8000) == -1, "freed twice"
    assert process.myalloc(PAGE) == 0x5000
    assert process.myfree(0x5000) == 0
    before = {va: leaf for va, leaf in before.items() if va != 0x8000}
    assert (mapped(kernel, process.page_table.root), kernel.free_pages) == (before, free + 1)
    assert_sound(kernel)


FAR = (1 << 30) - PAGE  # two pages here need new tables on two levels


def before_a_far_place(failing: int = 0) -> tuple[hl.Kernel, hl.Process]:
    kernel = small()
    process = spin(kernel)
    process.sbrk(FAR - process.sz, hl.SBRK_LAZY)
    kernel.inject(fail_kalloc=failing)
    return kernel, process


def test_failure_of_any_allocation_leaves_pages_tables_and_the_free_list_as_they_were() -> None:
    kernel, process = before_a_far_place()
    free = kernel.free_pages
    assert process.myalloc(4 * PAGE) == FAR
    allocations = free - kernel.free_pages
    assert allocations == 4 + 3, "one table for the page below 1 GiB, two for those above"
    for failing in range(1, allocations + 1):
        kernel, process = before_a_far_place(failing)
        before, free_list = kernel.snapshot(), kernel.free_list()["pa"].tolist()
        owners = owned(kernel)
        assert process.myalloc(4 * PAGE) == -1
        assert "no memory" in kernel.why
        assert len(hl.diff(before, kernel).ptes) == 0
        assert kernel.free_list()["pa"].tolist() == free_list
        assert owned(kernel) == owners
        assert areas(process) == []
        assert_sound(kernel)


@pytest.mark.parametrize("how", [hl.SBRK_EAGER, hl.SBRK_LAZY])
def test_sbrk_grows_up_to_the_first_area_and_no_further(how: int) -> None:
    kernel = small()
    process = spin(kernel)
    low, high = process.myalloc(2 * PAGE), process.myalloc(PAGE)
    assert (low, high) == (0x3000, 0x5000)
    for n in (1, PAGE, 2 * PAGE + 1, 1 << 30):
        assert process.sbrk(n, how) == -1
        assert "beyond the area at 0x3000" in kernel.why
    assert process.myfree(low) == 0
    assert process.sbrk(2 * PAGE, how) == 0x3000
    assert process.sbrk(1, how) == -1
    assert process.sbrk(0, how) == process.sz == high
    process.store(high - 1, b"x")
    assert_sound(kernel)


def test_size_given_back_below_areas_is_a_hole_for_the_next() -> None:
    kernel = small()
    process = spin(kernel)
    process.sbrk(4 * PAGE, hl.SBRK_EAGER)
    high = process.myalloc(PAGE)
    assert process.sbrk(-3 * PAGE) == high
    assert process.myalloc(2 * PAGE) == high - 3 * PAGE
    assert process.myalloc(2 * PAGE) == high + PAGE
    assert_sound(kernel)


def test_lazy_faults_end_at_the_size_and_never_fill_a_hole() -> None:
    kernel = small(sbrk="lazy")
    process = spin(kernel)
    process.sbrk(2 * PAGE)
    process.myalloc(PAGE), process.myalloc(PAGE)
    process.myfree(5 * PAGE)
    process.store(3 * PAGE, b"granted")
    for va in (5 * PAGE, 7 * PAGE):
        with pytest.raises(hl.PageFault):
            process.store(va, b"x")
    run_until_current(kernel, process)
    assert kernel.call("vmfault", process.page_table.root, 5 * PAGE, False) == 0
    assert_no_errors(kernel)


def test_fork_copies_areas_and_each_goes_its_own_way(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    process.store(0x10000, b"both")
    free = kernel.free_pages
    child = process.fork()
    assert isinstance(child, hl.Process)
    assert areas(child) == areas(process)
    taken = free - kernel.free_pages
    assert taken < 9 if kernel.policies["fork"] == "cow" else taken > 12
    child.store(0x10000, b"mine")
    process.store(0x11000, b"his")
    assert (process.load(0x10000, 4), child.load(0x10000, 4)) == (b"both", b"mine")
    assert (process.load(0x11000, 3), child.load(0x11000, 3)) == (b"his", bytes(3))
    assert child.myfree(0x8000) == 0
    assert process.load(0x8000, 1) == b"\0"
    assert process.myfree(0x3000) == 0
    assert areas(child) == [(0x3000, 2), (0x10000, 9)]
    assert areas(process) == [(0x8000, 1), (0x10000, 9)]
    assert_no_errors(kernel)


def test_fork_that_fails_at_any_allocation_takes_nothing(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    before, start = kernel.free_pages, kernel.snapshot()
    failing = 0
    while True:
        failing += 1
        kernel.restore(start)
        kernel.inject(fail_kalloc=failing)
        if isinstance(process.fork(), hl.Process):
            break
        assert kernel.free_pages == before
        assert len(hl.diff(start, kernel).ptes) == 0
        assert_sound(kernel)
    tables_and_trapframe, pages = 6, 15
    assert failing - 1 == tables_and_trapframe + (0 if kernel.policies["fork"] == "cow" else pages)


def test_exec_drops_areas_and_a_failed_one_keeps_them(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    kernel.files["/prog"] = elf([Segment(0, SPIN, 16, "rx")])
    kernel.files["/bad"] = b"not a program"
    assert process.exec("/bad") == -1
    assert areas(process) == [(0x3000, 2), (0x8000, 1), (0x10000, 9)]
    assert process.exec("/prog") == 1
    assert areas(process) == []
    assert process.myalloc(PAGE) == FIRST
    assert_sound(kernel)


def test_exit_and_wait_give_every_page_back(kernel: hl.Kernel) -> None:
    kernel.run(100_000)  # init has executed /init
    free, parent = kernel.free_pages, spin(kernel)
    with_areas = parent.fork()
    assert isinstance(with_areas, hl.Process)
    for pages in (2, 3, 4):
        with_areas.myalloc(pages * PAGE)
    with_areas.fork()
    with_areas.exit(0)
    assert parent.wait() == with_areas.pid
    assert_sound(kernel)
    assert kernel.free_pages < free
    for process in kernel.processes()["pid"].tolist()[1:]:
        kernel.process(process).exit(0)
    kernel.run(100_000)
    assert len(kernel.processes()) == 1
    assert kernel.free_pages == free
    assert_sound(kernel)


def test_system_calls_read_and_write_in_areas() -> None:
    kernel = small()
    process = spin(kernel)
    start = process.myalloc(2 * PAGE)
    kernel.console.send("typed\n")
    assert process.read(0, 6, va=start + PAGE - 3) == b"typed\n"
    assert process.load(start + PAGE - 3, 6) == b"typed\n"
    assert process.syscall("write", 1, start + PAGE - 3, 6) == 6
    assert kernel.console.text.endswith("typed\n")
    # Across the end of an area only what is there is written.
    assert process.syscall("write", 1, start + 2 * PAGE - 1, 2) <= 1


def test_exec_takes_its_arguments_from_an_area() -> None:
    kernel = small()
    process = spin(kernel)
    kernel.files["/prog"] = elf([Segment(0, SPIN, 16, "rx")])
    start = process.myalloc(PAGE)
    process.store(start, b"/prog\0")
    process.store(start + 64, (start).to_bytes(8, "little") + bytes(8))
    assert process.syscall("exec", start, start + 64) == 1
    process.myalloc(PAGE)
    process.store(0x3000 + PAGE - 8, bytes(8))
    assert process.syscall("exec", 0x3000 + PAGE, 0x3000 + PAGE) == -1, "behind the area"


def test_with_asids_a_freed_area_is_forgotten_by_the_tlb() -> None:
    kernel = small(asid="on")
    process = spin(kernel)
    start = process.myalloc(PAGE)
    run_until_current(kernel, process)
    process.store(start, b"x")
    assert process.myfree(start) == 0
    with pytest.raises(hl.PageFault):
        process.load(start, 1)
    assert_sound(kernel)


def test_functions_can_be_called_one_by_one() -> None:
    kernel = small()
    process = spin(kernel)
    run_until_current(kernel, process)
    root = process.page_table.root
    assert kernel.call("mygrowproc", 5000) == 0x3000
    assert kernel.call("mygrowproc", 0) == (1 << 64) - 1
    assert kernel.call("myreduceproc", 0x4000) == -1
    assert kernel.call("myreduceproc", 0x3000) == 0
    free = kernel.free_pages
    assert kernel.call("myallocuvm", root, 0x8000, 0xA000) == 0
    assert (process.page_table.translate(0x9000) is not None, kernel.free_pages) == (True, free - 2)
    kernel.call("mydeallocuvm", root, 0x8000, 0xA000)
    assert kernel.call("myallocuvm", root, 0x8000, 0x8000) == 0
    assert kernel.free_pages == free


def test_difference_names_areas_that_came_and_went(kernel: hl.Kernel) -> None:
    process = with_holes(kernel)
    before = kernel.snapshot()
    process.myfree(0x8000), process.myalloc(5)
    changed = hl.diff(before, kernel)
    rows = changed.processes[changed.processes["field"] == "area"]
    assert [tuple(row[n] for n in ("before", "after", "text_before", "text_after")) for row in rows] == [
        (0, PAGE, "", "0x5000"),
        (PAGE, 0, "0x8000", ""),
    ]
    assert "area at 0x5000 of 4096 bytes made, area at 0x8000 gone" in str(changed)


# -- data in RAM is hostile -------------------------


def corrupt(kernel: hl.Kernel, process: hl.Process, index: int, field: str, value: int) -> None:
    layout.poke(kernel, "proc", process.slot, "vm", index, field, value=value)


CORRUPTIONS = {
    "loop": (1, "next", "self"),
    "wild": (3, "next", 0xDEAD_BEEF),
    "into another struct": (1, "next", "beside"),
    "between two areas": (1, "next", "between"),
    "to the head": (1, "next", "head"),
    "unaligned": (3, "start", 0x8004),
    "empty": (3, "length", 0),
    "half a page": (1, "length", 0x800),
    "overlapping": (1, "length", 0x6000),
    "out of order": (1, "start", 0x20000),
    "below the size": (1, "start", 0x1000),
    "beyond TRAPFRAME": (5, "length", hl.TRAPFRAME),
    "wrapping": (5, "length", (1 << 64) - 0x1000),
}


@pytest.fixture(params=list(CORRUPTIONS))
def corrupted(request: pytest.FixtureRequest) -> tuple[hl.Kernel, hl.Process]:
    kernel = small()
    process = with_holes(kernel)  # in vm[1], vm[3] and vm[5]
    index, field, value = CORRUPTIONS[request.param]
    vm = layout.address("proc", process.slot, "vm", 0)
    size = layout.address("proc", process.slot, "vm", 1) - vm
    places = {"self": vm + index * size, "beside": vm + 10 * size, "between": vm + 8, "head": vm}
    corrupt(kernel, process, index, field, places[value] if isinstance(value, str) else value)
    return kernel, process


def test_corrupted_list_is_diagnosed_by_whoever_needs_it(corrupted: tuple[hl.Kernel, hl.Process]) -> None:
    kernel, process = corrupted
    state = kernel.snapshot()
    calls = {
        "mygrowproc": lambda: process.myalloc(PAGE),
        "myreduceproc": lambda: process.myfree(0x3000),
        "growproc": lambda: process.sbrk(PAGE, hl.SBRK_EAGER),
        "sbrk": lambda: process.sbrk(PAGE, hl.SBRK_LAZY),
        "fork": process.fork,
    }
    for function, call in calls.items():
        kernel.restore(state)
        with pytest.raises(hl.KernelPanic, match="the list of areas is corrupted") as caught:
            call()
        assert (caught.value.text, caught.value.function) == ("vma", function)


def test_audit_sees_a_corrupted_list_and_looking_at_it_is_safe(
    corrupted: tuple[hl.Kernel, hl.Process],
) -> None:
    kernel, process = corrupted
    report = kernel.audit()
    assert "area" in report["kind"], list(report["message"])
    assert str(process.pid) in str(report["message"][report["kind"] == "area"][0])
    process.areas(), kernel.frames(), repr(kernel), kernel.call("procdump")
    assert len(kernel.console.text) < 1000


def test_audit_sees_a_page_of_an_area_that_is_missing_and_one_that_is_in_no_area() -> None:
    kernel = small()
    process = with_holes(kernel)
    kernel.call("uvmunmap", process.page_table.root, 0x11000, 2, True)
    (message,) = kernel.audit()["message"]
    assert message == f"2 of 9 pages of the area of process {process.pid} at 0x10000 are not mapped"
    kernel.call("myallocuvm", process.page_table.root, 0x11000, 0x13000)
    assert_sound(kernel)
    kernel.call("myallocuvm", process.page_table.root, 0x6000, 0x7000)
    (message,) = kernel.audit()["message"]
    assert "0x6000" in message
    assert "in no area" in message


def test_slots_that_are_not_in_the_list_are_free_whatever_they_hold() -> None:
    kernel = small()
    process = with_holes(kernel)
    corrupt(kernel, process, 2, "start", 0x3000)
    corrupt(kernel, process, 2, "used", 1)
    corrupt(kernel, process, 2, "next", 0x1234)
    assert_sound(kernel)
    assert process.myalloc(PAGE) == 0x5000
    assert areas(process) == [(0x3000, 2), (0x5000, 1), (0x8000, 1), (0x10000, 9)]
    assert_sound(kernel)


# -- the functions in Python and in C -------------------------


@pytest.mark.parametrize("fork", ["copy", "cow"])
@pytest.mark.parametrize("policy", ["first", "best", "next"])
def test_functions_written_in_python_leave_the_same_memory_behind(policy: str, fork: str) -> None:
    kernel, start = booted(fork=fork, areas=policy, asid="on")
    for name, function in areas_in_python.FUNCTIONS.items():
        kernel.replace(name, function)
    walk(kernel, start, f"{policy} {fork}")


@needs_compiler
@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_functions_written_in_c_leave_the_same_memory_behind(fork: str) -> None:
    kernel, start = booted(fork=fork, asid="on")
    kernel.replace_c(Path(areas_in_python.__file__).with_suffix(".c"))
    assert set(kernel.replaced) == {"mygrowproc", "myreduceproc", "myallocuvm"}
    walk(kernel, start, f"c {fork}")


def walk(kernel: hl.Kernel, start: hl.Snapshot, seed: str) -> None:
    """Areas come and go, also where new page tables are needed, and allocations fail."""
    both, rng = SideBySide(kernel, start), random.Random(seed)
    both.spawn("tiny", [5], 0)
    for _ in range(150):
        failure = rng.choice([0, 0, 0, 1, 2, 3, 5])
        far = rng.choice([1 << 21, 1 << 30]) - rng.choice([PAGE, 3 * PAGE])
        rng.choices(
            [
                lambda n=failure: both.myalloc(0, rng.randrange(7) * PAGE, n),
                lambda: both.myfree(0, rng.randrange(9), rng.choice([0, 0, 0, PAGE])),
                lambda n=failure: both.fork(0, n),
                lambda to=far: both.sbrk(0, to - both.pick(0)[1].sz, hl.SBRK_LAZY, 0),  # type: ignore[index]
                lambda: both.sbrk(0, 3 * PAGE - both.pick(0)[1].sz, hl.SBRK_LAZY, 0),  # type: ignore[index]
            ],
            [10, 6, 1, 1, 1],
        )[0]()
        both.compare()
    both.finish()
