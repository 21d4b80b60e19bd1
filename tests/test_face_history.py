"""Runs that stop where they were asked to, and stepping back."""

from __future__ import annotations

import pytest

import hartlab as hl

COUNT = hl.asm("loop: addi t0, t0, 1; addi t1, t1, 2; j loop")


@pytest.fixture
def kernel() -> hl.Kernel:
    kernel = hl.Kernel(memory="4MiB")
    kernel.spawn(code=COUNT)
    kernel.run(500)
    return kernel


def state(kernel: hl.Kernel) -> tuple[int, int, dict[str, int]]:
    return kernel.instructions, kernel.hart.pc, kernel.hart.x.as_dict()


def test_step_executes_exactly_so_many(kernel: hl.Kernel) -> None:
    before = kernel.instructions
    assert kernel.step().instructions == 1
    assert kernel.step(7).reason == "budget"
    assert kernel.instructions == before + 8


def test_back_undoes_steps_one_by_one_and_many(kernel: hl.Kernel) -> None:
    states = [state(kernel)]
    for _ in range(10):
        kernel.step()
        states.append(state(kernel))
    for past in reversed(states[:-1]):
        kernel.back()
        assert state(kernel) == past
    kernel.step(10)
    assert state(kernel) == states[-1]
    kernel.run(100_000)
    kernel.back(100_000)
    assert state(kernel) == states[-1]


def test_back_over_a_change_made_from_python_undoes_the_change(kernel: hl.Kernel) -> None:
    proc = kernel.current
    assert proc is not None
    kernel.step(5)
    old, before = proc.sz, state(kernel)
    proc.sbrk(hl.PGSIZE)
    kernel.memory.write(kernel.memory.end - 8, b"!")
    kernel.step(5)
    kernel.back(5)
    assert proc.sz == old + hl.PGSIZE  # the stretch began after the change
    kernel.step(5)
    kernel.back(6)
    assert proc.sz == old
    kernel.step()
    assert state(kernel) == before


def test_back_over_a_restore(kernel: hl.Kernel) -> None:
    kernel.step(3)
    before = kernel.snapshot()
    kernel.step(30)
    there = state(kernel)
    kernel.restore(before)
    kernel.step(2)
    kernel.back(3)
    kernel.step()
    assert state(kernel) == there


def test_back_does_not_stop_at_breakpoints_and_keeps_them(kernel: hl.Kernel) -> None:
    there = state(kernel)
    kernel.step(30)
    kernel.breakpoints.add(0)
    kernel.back(30)
    assert state(kernel) == there
    assert list(kernel.breakpoints) == [0]
    assert kernel.run(1000).reason == "breakpoint"
    assert kernel.hart.pc == 0


def test_an_injected_failure_happens_again_after_back() -> None:
    kernel = hl.Kernel(memory="4MiB")
    proc = kernel.spawn(code=hl.asm("li a0, 4096; li a1, 1; li a7, 12; ecall; mv s0, a0; loop: j loop"))
    while kernel.run(until="syscall").pid != proc.pid:
        pass
    kernel.inject(fail_kalloc=1)
    kernel.step(20)
    assert proc.registers["s0"] == (1 << 64) - 1
    kernel.back(18)
    kernel.step(18)
    assert proc.registers["s0"] == (1 << 64) - 1


def test_run_until_a_system_call_a_trap_and_a_switch() -> None:
    kernel = hl.Kernel(memory="4MiB", timer_interval=1000)
    one = kernel.spawn(code=hl.asm("li a7, 11; loop: ecall; j loop"))
    kernel.spawn(code=COUNT)
    result = kernel.run(until="syscall")
    while result.pid != one.pid:
        result = kernel.run(until="syscall")
    assert result.reason == "syscall"
    assert kernel.hart.x["a7"] == 11
    assert kernel.hart.csrs["scause"] == 8
    assert kernel.run(until="switch").reason == "switch"
    assert kernel.run(until="trap").reason == "trap"


def test_run_to_an_address_and_breakpoints_by_symbol(kernel: hl.Kernel) -> None:
    assert kernel.run_to(4).reason == "breakpoint"
    assert kernel.hart.pc == 4
    assert len(kernel.breakpoints) == 0
    with pytest.raises(KeyError):
        kernel.run_to("main")


def test_a_watchpoint_stops_after_the_access() -> None:
    kernel = hl.Kernel(memory="4MiB")
    proc = kernel.spawn(code=hl.asm("loop: addi t0, t0, 1; sd t0, -8(sp); j loop"))
    va = proc.sz - 8
    with kernel.watch(va, 8) as watch:
        result = kernel.run()
        assert result.reason == "watchpoint"
        assert f"store of 8 bytes at {va:#x}" in result.detail
        assert proc.load_int(va) == 1
        assert kernel.run().reason == "watchpoint"
        assert "stores" in repr(watch)
    assert "removed" in repr(watch)
    assert kernel.run(1000).reason == "budget"


def test_snapshot_restore_and_clone(kernel: hl.Kernel) -> None:
    there, before = state(kernel), kernel.snapshot()
    twin = kernel.clone()
    kernel.run(1000)
    twin.run(1000)
    assert state(twin) == state(kernel) != there
    assert not hl.diff(kernel, twin)
    kernel.restore(before)
    assert state(kernel) == there
    third = twin.clone(before)
    assert state(third) == there
    third.run(1000)
    assert not hl.diff(third, twin)


def test_diff_in_words_and_tables(kernel: hl.Kernel) -> None:
    proc = kernel.current
    assert proc is not None
    before = kernel.snapshot()
    proc.sbrk(2 * hl.PGSIZE)
    change = hl.diff(before, kernel)
    assert change
    assert (change.ptes["change"] == "mapped").sum() == 2
    assert change.free_before - change.free_after == 2
    assert "sz" in change.processes["field"]
    assert change.words
    assert change.words[0] in repr(change)
    assert "<table>" in change._repr_html_()
    assert not hl.diff(before, before)
    assert "nothing has changed" in repr(hl.diff(before, before))


def test_the_trace_is_bounded_and_says_what_it_dropped(kernel: hl.Kernel) -> None:
    assert len(kernel.trace()) == 0
    with kernel.tracing(16) as tracing:
        assert tracing.on
        child = kernel.spawn(code=hl.asm("li a7, 2; ecall"))
        kernel.run(300_000)
    assert not tracing.on
    events = kernel.trace()
    assert len(events) == 16
    assert events.dropped > 0
    assert events["sequence"][0] == events.dropped
    assert "dropped" in repr(events)
    kernel.run(1000)
    assert len(kernel.trace()) == 16
    assert child.exit_status is not None


def test_many_calls_and_runs_are_forgotten_in_the_end_and_calls_before_runs(
    kernel: hl.Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hartlab.history._OPERATIONS", 8)
    monkeypatch.setattr("hartlab.history._MOST_OPERATIONS", 64)
    proc, there = kernel.current, state(kernel)
    assert proc is not None
    for _ in range(300):
        proc.load_int(0)
    assert kernel._history._operations() <= 64 + 8
    length = kernel._history.length()
    kernel.run(500)
    kernel.back(500 + length)  # over all of them, to the first instruction
    kernel.step(length)
    assert state(kernel) == there
    for _ in range(300):
        kernel.run(50, until="trap")
        kernel.run_to(0)
    assert kernel._history._operations() <= 64 + 8
    kernel.step(7)
    there = state(kernel)
    kernel.step(2)
    kernel.back(2)
    assert state(kernel) == there
    assert not hl.diff(hl.explore(kernel).state, kernel)
