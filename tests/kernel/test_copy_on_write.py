"""fork="cow": sharing, last owner, copyout, exhaustion in the fault, the parent's fence, reference counts."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel.programs_in_elf import elf
from kernel.support import (
    EDITIONS,
    SPIN,
    assert_no_errors,
    assert_sound,
    mapped,
    run_until_current,
    small,
    spin,
)
from oracles.exec_layout import Segment

PAGE = hl.PGSIZE
COW = 1 << 8
W = hl.PTE_W


@pytest.fixture(params=EDITIONS)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param, fork="cow")


@pytest.fixture
def family(kernel: hl.Kernel) -> tuple[hl.Process, hl.Process]:
    parent = spin(kernel)
    parent.sbrk(3 * PAGE, hl.SBRK_EAGER)
    parent.store(0x3000, b"shared")
    child = parent.fork()
    assert isinstance(child, hl.Process)
    return parent, child


def references(kernel: hl.Kernel, pa: int) -> int:
    frames = kernel.frames()
    return int(frames["reference_count"][frames["pa"] == pa][0])


def user_pages(kernel: hl.Kernel, process: hl.Process) -> dict[int, tuple[int, int]]:
    table = mapped(kernel, process.page_table.root)
    return {va: entry for va, entry in table.items() if va < hl.TRAPFRAME}


def test_fork_takes_frames_for_tables_alone(kernel: hl.Kernel) -> None:
    parent = spin(kernel)
    parent.sbrk(50 * PAGE, hl.SBRK_EAGER)
    free = kernel.free_pages
    parent.fork()
    assert free - kernel.free_pages == 1 + 3 + 2
    assert_sound(kernel)


def test_both_tables_map_the_same_frames_without_w(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    first, second = (user_pages(kernel, p) for p in family)
    assert first == second
    assert all(not flags & W and flags & COW for _, flags in first.values())
    assert {references(kernel, pa) for pa, _ in first.values()} == {2}


def test_store_copies_the_page_for_who_stores(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    parent, child = family
    shared = parent.page_table.translate(0x3000)
    free = kernel.free_pages
    child.store(0x3002, b"!!")
    assert free - kernel.free_pages == 1
    assert (parent.load(0x3000, 6), child.load(0x3000, 6)) == (b"shared", b"sh!!ed")
    own = child.page_table.translate(0x3000)
    assert parent.page_table.translate(0x3000) == shared != own
    assert (references(kernel, shared), references(kernel, own)) == (1, 1)
    assert child.page_table.pte(0x3000) & (W | COW) == W
    assert parent.page_table.pte(0x3000) & (W | COW) == COW
    assert_sound(kernel)


def test_last_owner_keeps_the_frame(kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]) -> None:
    parent, child = family
    shared = parent.page_table.translate(0x3000)
    child.exit()
    parent.wait()
    free = kernel.free_pages
    parent.store(0x3000, b"mine")
    assert kernel.free_pages == free
    assert parent.page_table.translate(0x3000) == shared
    assert parent.page_table.pte(0x3000) & (W | COW) == W
    assert_sound(kernel)


def test_loads_copy_nothing(kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]) -> None:
    free = kernel.free_pages
    for process in family:
        process.load(0, PAGE)
        process.load(0x3000, 3 * PAGE)
    assert kernel.free_pages == free


def test_three_owners_and_their_counts(kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]) -> None:
    parent, child = family
    grandchild = child.fork()
    pa = parent.page_table.translate(0x3000)
    assert references(kernel, pa) == 3
    child.store(0x3000, b"x")
    assert references(kernel, pa) == 2
    grandchild.exit()
    child.wait()
    assert references(kernel, pa) == 1
    assert_sound(kernel)


def test_read_only_text_stays_read_only(kernel: hl.Kernel) -> None:
    if kernel.policies["exec"] == "rwx":
        return
    kernel.files["/p"] = elf([Segment(0, SPIN, PAGE, "rx"), Segment(PAGE, b"data", PAGE, "rw")])
    parent = kernel.spawn("/p")
    child = parent.fork()
    assert child.page_table.pte(0) & (W | COW) == 0
    for process in (parent, child):
        with pytest.raises(hl.PageFault):
            process.store(0, b"x")
    child.store(PAGE, b"mine")
    assert parent.load(PAGE, 4) == b"data"
    assert_sound(kernel)


def test_copyout_copies_the_page_first(kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]) -> None:
    kernel.files["/f"] = b"FILE"
    parent, child = family
    assert child.syscall("read", child.open("/f"), 0x3000, 4) == 4
    assert (parent.load(0x3000, 6), child.load(0x3000, 6)) == (b"shared", b"FILEed")
    assert_sound(kernel)


def test_copyout_to_the_guard_page_is_minus_1(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    kernel.files["/f"] = b"FILE"
    _, child = family
    fd = child.open("/f")
    assert child.syscall("read", fd, PAGE, 4) == -1
    assert child.load(0x3000, 6) == b"shared"


def test_exhaustion_in_the_fault_kills_the_process_and_loses_nothing(kernel: hl.Kernel) -> None:
    storing = kernel.spawn(code=hl.asm("here: sd zero, -8(sp); j here"))
    child = storing.fork()
    while kernel.current_pid not in (storing.pid, child.pid):
        kernel.run(1, until="switch")
    victim, survivor = (storing, child) if kernel.current_pid == storing.pid else (child, storing)
    kernel.inject(fail_kalloc=1)
    kernel.run(1000, until="exit")
    assert victim.exit_status == -1
    assert "store page fault" in str(victim.killed_by)
    assert survivor.alive
    assert_no_errors(kernel)


def test_store_from_python_without_memory_raises_and_the_page_stays_shared(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    parent, child = family
    kernel.inject(fail_kalloc=1)
    with pytest.raises(hl.PageFault) as caught:
        child.store(0x3000, b"x")
    assert (caught.value.cause, caught.value.address) == (15, 0x3000)
    assert child.load(0x3000, 6) == b"shared"
    assert references(kernel, parent.page_table.translate(0x3000)) == 2
    child.store(0x3000, b"x")
    assert_sound(kernel)


@pytest.mark.parametrize("asid", ["off", "on"])
def test_parent_that_was_writing_is_fenced(asid: str) -> None:
    """Its TLB holds the page writable when it forks; without a fence it would write to its child's."""
    kernel = small(fork="cow", asid=asid)
    code = hl.asm(
        """
        li t0, 1
        sd t0, -8(sp)        # the translation is in the TLB, writable
        li a7, 1
        ecall                # fork
        beqz a0, child
        li t0, 2
        sd t0, -8(sp)        # the parent writes before the child has read
        li a0, 0
        li a7, 3
        ecall                # wait
        ld s1, -8(sp)
    here:
        j here
    child:
        ld a0, -8(sp)
        li a7, 2
        ecall                # exit(what it sees)
        """
    )
    parent = kernel.spawn(code=code)
    kernel.hart.stale_check = True
    kernel.run(400_000)
    assert kernel._engine.exit_of(parent.pid + 1)[1] == 1
    assert parent.registers.s1 == 2
    assert len(kernel.hart.stale_uses()) == 0
    assert_no_errors(kernel)


def test_pages_go_back_when_the_last_of_many_owners_has_gone(kernel: hl.Kernel) -> None:
    free = kernel.free_pages
    processes = [spin(kernel)]
    for _ in range(9):
        processes.append(processes[len(processes) // 2].fork())
    for process in processes:
        process.store(0x2FF8, process.pid.to_bytes(8, "little"))
    assert [p.load_int(0x2FF8) for p in processes] == [p.pid for p in processes]
    assert_sound(kernel)
    for process in processes[::2] + processes[1::2]:
        process.exit()
        assert_sound(kernel)
    while kernel.process(1).wait() > 0:
        assert_sound(kernel)
    assert kernel.free_pages == free


def test_cowfault_is_minus_1_for_what_fork_did_not_share(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    _, child = family
    run_until_current(kernel, child)
    root = child.page_table.root
    refused = [PAGE, child.sz, 0x4000_0000, hl.TRAPFRAME, hl.MAXVA, (1 << 64) - 1]
    assert [kernel.call("cowfault", root, va) for va in refused[1:]] == [-1] * 5
    assert kernel.call("cowfault", root, PAGE) == -1
    assert kernel.call("cowfault", root, 0x3123) == 0
    assert kernel.call("cowfault", root, 0x3123) == 0


def test_reference_counts_are_right_after_every_failing_allocation(
    kernel: hl.Kernel, family: tuple[hl.Process, hl.Process]
) -> None:
    pid = family[1].pid

    def act(k: hl.Kernel) -> str:
        child = k.process(pid)
        forked = child.fork()
        try:
            child.store(0x3000, b"a" * 2 * PAGE)
        except hl.PageFault:
            return "fault"
        return "forked" if isinstance(forked, hl.Process) else "failed"

    sweep = hl.sweep_failures(act, kernel)
    assert sweep.clean, sweep
    assert set(sweep.table["result"]) == {"'failed'", "'fault'"}
