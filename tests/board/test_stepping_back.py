"""Stepping backwards on a board: devices, disk and console go along."""

from __future__ import annotations

import random

import pytest

import hartlab as hl

from .firmware import PROMPT, at_prompt, command
from .test_harts import RAM

# Echoes what comes, by interrupt, and waits; the clock ticks meanwhile.
ECHO = """
    li s0, 0x10000000; li t0, 1; sb t0, 1(s0); sb t0, 2(s0)
    li s1, 0x0c000000; li t0, 1; sw t0, 40(s1); li t1, 0x0c002000; li t2, 1024; sw t2, 0(t1)
    li s2, 0x0c200000; sw zero, 0(s2)
    li s3, 0x02004000; li t0, 3000; sd t0, 0(s3)
    la t0, trap; csrw mtvec, t0; li t0, 0x880; csrw mie, t0; csrsi mstatus, 8
rest: wfi; addi s7, s7, 1; j rest
trap:
    csrr t0, mcause; andi t0, t0, 15; li t1, 7; beq t0, t1, tick
    lw s4, 4(s2)
more: lb t0, 5(s0); andi t0, t0, 1; beqz t0, done; lb t0, 0(s0); sb t0, 0(s0); j more
done: sw s4, 4(s2); mret
tick: ld t0, 0(s3); li t1, 3000; add t0, t0, t1; sd t0, 0(s3); addi s8, s8, 1; mret
"""


def echo(harts: int = 1, **options: object) -> hl.Machine:
    return hl.Machine(kernel=hl.asm(ECHO, origin=RAM), harts=harts, **options)


def state(machine: hl.Machine) -> bytes:
    return machine.snapshot()._saved.encode()


def test_stepping_back_takes_devices_along() -> None:
    machine = at_prompt(disk=bytes(range(256)) * 4096)
    command(machine, "virtio scan")
    said = machine.console.transcript
    machine.console.send("virtio read 84000000 0 100\n")
    before, then = state(machine), machine.instructions
    machine.console.expect(PROMPT)
    after, moments = state(machine), machine.instructions
    machine.back(1_000)
    machine.run(1_000)
    assert state(machine) == after
    machine.back(moments - then)
    assert state(machine) == before
    assert machine.console.transcript == said


@pytest.mark.parametrize("harts", [1, 2])
def test_back_by_any_number_and_on_again_is_the_same_state(harts: int) -> None:
    rng = random.Random(harts)
    machine = echo(harts, quantum=50)
    states = {}
    for _ in range(6):
        machine.console.send("abc")
        states[machine.instructions] = state(machine)  # of one moment, that behind what was typed then
        for _ in range(5):
            machine.run(rng.randrange(1, 400))
            states[machine.instructions] = state(machine)
    for count in sorted(states, reverse=True):
        if machine.instructions > count:
            machine.back(machine.instructions - count)
        assert state(machine) == states[count]


def test_back_passes_over_a_reset_that_a_guest_has_asked_for_and_did_not_get() -> None:
    code = "li t0, 0x100000; li t1, 0x7777; sw t1, 0(t0); loop: addi s2, s2, 1; j loop"
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM))
    assert machine.run(100).reason == "reset"
    machine.run(100)
    before, count = state(machine), machine.instructions
    machine.run(100)
    machine.back(100)
    assert (machine.instructions, state(machine) == before) == (count, True)


def test_going_back_once_more_executes_little_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where a guest has written to many pages, checkpoints are far apart.
    fill = "page: sd t0, 0(t0); add t0, t0, t2; bne t0, t1, page"
    pages = f"li t0, 0x80100000; li t1, 0x81100000; li t2, 4096; {fill}"
    count = "count: addi a0, a0, 1; j count"
    machine = hl.Machine(code=hl.asm(f"{pages}; {count}", origin=RAM))
    for _ in range(4):
        machine.run(25_000_000)
    executed: list[int] = []
    replay = machine._history._replay
    monkeypatch.setattr(machine._history, "_replay", lambda count: (executed.append(count), replay(count)))
    machine.back(1)
    assert sum(executed) > 90_000_000
    executed.clear()
    before = machine.hart.x.a0
    machine.back(20)
    assert machine.hart.x.a0 == before - 10
    assert sum(executed) <= 25_000_000
    machine.run(21)
    assert machine.instructions == 100_000_000


def test_stop_on_the_way_back_leaves_the_machine_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = echo()
    machine.run(2_000)
    machine.console.send("a")
    machine.run(2_000)
    before, length, again = state(machine), machine._history.length(), machine._run_again

    def stopped(count: int) -> tuple[str, int]:
        machine.stop()  # as from another thread
        again(count // 2)
        return "interrupted", count // 2

    monkeypatch.setattr(machine, "_run_again", stopped)
    with pytest.raises(hl.Interrupted, match="what it was"):
        machine.back(100)
    monkeypatch.undo()
    assert (state(machine), machine._history.length()) == (before, length)
    assert machine.console.transcript == "a"
    machine.back(2_000)
    assert machine.console.transcript == ""
