"""Snapshots, restore, clone, diff; stepping forwards and backwards; breakpoints, watchpoints; the trace."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl
from kernel.support import assert_sound, run_until_current, small, spin

PAGE = hl.PGSIZE
COUNT = hl.asm("here: addi s1, s1, 1; sd s1, -8(sp); j here")


@pytest.fixture
def kernel() -> hl.Kernel:
    return small(timer_interval=700)


def fingerprint(kernel: hl.Kernel) -> tuple[object, ...]:
    """All that a guest could see."""
    return (
        kernel.memory.read(hl.KERNBASE, kernel.memory.size),
        kernel.hart.registers()["value"].tolist(),
        [entry.tolist() for entry in kernel.hart.tlb(invalid=True)],
        kernel.console.output,
        kernel.instructions,
    )


# -- snapshots -------------------------


def test_restored_kernel_does_the_same_again(kernel: hl.Kernel) -> None:
    for _ in range(3):
        kernel.spawn(code=COUNT)
    kernel.run(5000)
    before = kernel.snapshot()
    state = fingerprint(kernel)
    kernel.run(12_345)
    later = fingerprint(kernel)
    assert later != state
    kernel.restore(before)
    assert fingerprint(kernel) == state
    kernel.run(12_345)
    assert fingerprint(kernel) == later


def test_runs_in_pieces_equal_one_run(kernel: hl.Kernel) -> None:
    for _ in range(3):
        kernel.spawn(code=COUNT)
    before = kernel.snapshot()
    kernel.run(9000)
    once = fingerprint(kernel)
    kernel.restore(before)
    for piece in (1, 2, 699, 1, 700, 701, 3, 6893):
        kernel.run(piece)
    assert fingerprint(kernel) == once


def test_looking_changes_nothing(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    before = kernel.snapshot()
    kernel.run(3000)
    kernel.run(3000)
    plain = fingerprint(kernel)
    kernel.restore(before)
    kernel.run(3000)
    kernel.snapshot()
    for look in (
        kernel.audit,
        kernel.frames,
        kernel.free_list,
        kernel.processes,
        process.areas,
        process.disassemble,
    ):
        look()
    repr(kernel), repr(process), repr(process.page_table), process.page_table.walk(0)
    kernel.run(3000)
    assert fingerprint(kernel) == plain


def test_clone_goes_its_own_way(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    kernel.run(2000)
    twin = kernel.clone()
    assert fingerprint(twin) == fingerprint(kernel)
    twin.process(process.pid).sbrk(PAGE, hl.SBRK_EAGER)
    twin.run(3000)
    assert process.sz == 3 * PAGE
    kernel.run(1000)
    assert_sound(kernel)
    assert twin.policies == kernel.policies


def test_view_shows_what_was_restored_and_cannot_be_written(kernel: hl.Kernel) -> None:
    view = kernel.memory.array
    before, copy = kernel.snapshot(), view.copy()
    kernel.spawn(code=COUNT)
    assert not np.array_equal(view, copy)
    kernel.restore(before)
    assert np.array_equal(view, copy)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    kernel.close()
    assert np.array_equal(view, copy)


def test_restore_brings_processes_files_and_console_back(kernel: hl.Kernel) -> None:
    before = kernel.snapshot()
    kernel.files["/late"] = b"x"
    spin(kernel).write(1, b"late\n")
    kernel.restore(before)
    assert "/late" not in kernel.files
    assert kernel.console.text == ""
    assert kernel.processes()["pid"].tolist() == [1]


def test_state_of_another_size_is_refused(kernel: hl.Kernel) -> None:
    with pytest.raises(ValueError, match="size"):
        kernel.restore(hl.Kernel(memory="4MiB").snapshot())


# -- diff -------------------------


def test_diff_of_sbrk_is_the_pages_that_came(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    before = kernel.snapshot()
    process.sbrk(2 * PAGE, hl.SBRK_EAGER)
    changes = hl.diff(before, kernel)
    assert sorted(changes.ptes["va"].tolist()) == [0x3000, 0x4000]
    assert set(changes.processes["pid"].tolist()) == {process.pid}
    assert changes.free_before - changes.free_after == 2
    assert len(changes.words) > 0
    backwards = hl.diff(kernel, before)
    assert backwards.free_after - backwards.free_before == 2


def test_diff_of_nothing_is_empty_and_of_fork_is_not(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    before = kernel.snapshot()
    assert not hl.diff(before, kernel)
    process.fork()
    assert hl.diff(before, kernel)


# -- stepping -------------------------


def test_steps_forwards_and_backwards_agree(kernel: hl.Kernel) -> None:
    for _ in range(2):
        kernel.spawn(code=COUNT)
    kernel.run(1000)
    states = [fingerprint(kernel)[:2]]
    for _ in range(60):
        kernel.step(37)
        states.append(fingerprint(kernel)[:2])
    for state in reversed(states[:-1]):
        kernel.back(37)
        assert fingerprint(kernel)[:2] == state
    kernel.step(37 * 60)
    assert fingerprint(kernel)[:2] == states[-1]


def test_back_over_a_call_made_from_python_undoes_it(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    kernel.run(2000)
    process.sbrk(PAGE, hl.SBRK_EAGER)
    kernel.run(500)
    assert process.sz == 4 * PAGE
    kernel.back(501)
    assert process.sz == 3 * PAGE
    with pytest.raises(ValueError, match="further than the history goes"):
        kernel.back(1 << 40)


@pytest.mark.parametrize("until", ["trap", "syscall", "exit", "switch"])
def test_run_stops_at(kernel: hl.Kernel, until: str) -> None:
    process = kernel.spawn(code=hl.asm("li a7, 11; ecall; li a7, 2; ecall"))
    result = kernel.run(until=until)
    assert result.reason == until
    for _ in range(200):
        if result.reason != until:
            break
        result = kernel.run(until=until)
    assert result.reason == "finished"
    assert not process.alive


def test_run_to_a_symbol_and_to_a_pc() -> None:
    kernel = small()
    process = kernel.spawn(code=COUNT)
    result = kernel.run_to(4)
    assert (result.reason, kernel.hart.pc, kernel.current_pid) == ("breakpoint", 4, 1)  # init is there first
    while kernel.current_pid != process.pid:
        result = kernel.run_to(4)
    assert kernel.hart.x.s1 == 1
    kernel.run_to(4)
    assert kernel.hart.x.s1 == 2


def test_breakpoint_stops_before_its_instruction_each_time(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    run_until_current(kernel, process)
    kernel.breakpoints.add(8)
    counts = []
    for _ in range(5):
        assert kernel.run().reason == "breakpoint"
        assert kernel.hart.pc == 8
        counts.append(kernel.hart.x.s1)
    assert counts == list(range(counts[0], counts[0] + 5))
    kernel.breakpoints.remove(8)
    assert kernel.run(3000).reason == "budget"


def test_watchpoint_stops_after_the_store(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    run_until_current(kernel, process)
    address = process.sz - 8
    with kernel.watch(address, 8):
        result = kernel.run()
        assert result.reason == "watchpoint"
        assert f"{address:#x}" in result.detail
        first = process.page_table.peek(address, 8)
        kernel.run()
        assert (
            int.from_bytes(process.page_table.peek(address, 8), "little")
            == int.from_bytes(first, "little") + 1
        )
    with kernel.watch(address, 8, loads=True, stores=False):
        assert kernel.run(2000).reason == "budget"


def test_budget_is_exact_and_zero_executes_nothing(kernel: hl.Kernel) -> None:
    kernel.spawn(code=COUNT)
    for budget in (0, 1, 2, 699, 700, 701, 12_345):
        before = kernel.instructions
        result = kernel.run(budget)
        assert (result.reason, result.instructions, kernel.instructions - before) == (
            "budget",
            budget,
            budget,
        )


def test_work_budget_ends_a_run() -> None:
    kernel = small()
    kernel.spawn(code=hl.asm("again: li a7, 1; ecall; j again"))
    result = kernel.run(1_000_000, max_work=500)
    assert result.reason == "work"
    assert 500 <= result.work < 2000


# -- the trace -------------------------


def test_trace_of_a_run_tells_the_story() -> None:
    kernel = small()
    process = kernel.spawn(
        code=hl.asm("li a0, 0x1000; li a1, 2; li a7, 12; ecall; sd zero, 0(a0); li a0, 5; li a7, 2; ecall")
    )
    with kernel.tracing():
        kernel.run()
    trace = kernel.trace()
    mine = trace[trace["pid"] == process.pid]
    kinds = [str(kind) for kind in mine["kind"]]
    for kind in ("syscall", "fault", "kalloc", "pte_write", "tlb_fill", "tlb_flush", "exit"):
        assert any(kind in k for k in kinds), (kind, set(kinds))
    (sbrk,) = mine[mine["what"] == "sbrk"]
    assert (sbrk["a0"], sbrk["a1"], sbrk["result"]) == (0x1000, 2, 0x3000)
    (fault,) = mine[mine["kind"] == "fault"]
    assert (fault["code"], fault["va"], fault["result"]) == (15, 0x3000, 1)
    assert trace["sequence"].tolist() == list(range(len(trace)))
    assert trace.dropped == 0
    assert "exec" in trace["kind"]
    assert "context_switch" in trace["kind"]
    assert "kfree" in trace["kind"]


def test_ring_keeps_the_newest_events_and_says_how_many_it_dropped() -> None:
    kernel = small()
    with kernel.tracing(capacity=50):
        kernel.run()
    kept = kernel.trace()
    with small().tracing() as everything:
        pass
    assert len(kept) == 50
    assert kept.dropped == kept["sequence"][0] > 0
    assert kept["sequence"].tolist() == list(range(kept.dropped, kept.dropped + 50))
    assert not everything.on


def test_tracing_changes_nothing_that_the_guest_does() -> None:
    one, two = small(timer_interval=900), small(timer_interval=900)
    for kernel in (one, two):
        for _ in range(2):
            kernel.spawn(code=COUNT)
    with one.tracing(capacity=100):
        one.run(20_000)
    two.run(20_000)
    assert fingerprint(one) == fingerprint(two)
