"""Harts whose trap handler only traps: the others go on, the run ends, and it is the same run each time."""

from __future__ import annotations

import pytest

import hartlab as hl

RAM, COUNTER, MENDED = 0x8000_0000, 0x8001_0000, 0x8002_0000
MTIMECMP = 0x0200_4000

# Hart 0 works. The others begin at `lost`, whose first trap finds no handler.
SPLIT = "csrr t0, mhartid; bnez t0, lost; "
COUNT = f"li s0, {COUNTER}; count: ld t1, (s0); addi t1, t1, 1; sd t1, (s0); "
LOST = "lost: csrw mtvec, zero; ecall; "
IN_SUPERVISOR = (
    "lost: li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0; li t0, 0xb1ff; csrw medeleg, t0; "
    "li t0, 0x1800; csrc mstatus, t0; li t0, 0x800; csrs mstatus, t0; la t0, deeper; csrw mepc, t0; "
    "la t0, machine; csrw mtvec, t0; mret; deeper: csrw stvec, zero; ebreak; "
)


def booted(code: str, **options: object) -> hl.Machine:
    return hl.Machine(kernel=hl.asm(code, origin=RAM), **({"harts": 2, "quantum": 100} | options))


def counter(machine: hl.Machine) -> int:
    return int.from_bytes(machine.memory.read(COUNTER, 8), "little")


def state(machine: hl.Machine) -> bytes:
    return machine.snapshot()._saved.encode()


@pytest.mark.parametrize("harts", [2, 3, 8])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_other_harts_go_on_and_the_budget_ends_the_run(harts: int, seed: int) -> None:
    machine = booted(f"{SPLIT}{COUNT}j count; {LOST}", harts=harts, seed=seed)
    result = machine.run(50_000)
    assert (result.reason, result.instructions) == ("budget", 50_000)
    assert counter(machine) > 12_000
    assert [hart.in_trap_loop for hart in machine.harts] == [False] + [True] * (harts - 1)
    assert all(f"hart {number} at 0x0" in result.detail for number in range(1, harts))
    assert "in a trap loop" in repr(machine.harts[1])
    assert machine.run(1_000).reason == "budget"
    with pytest.raises(hl.ExpectError, match=r"hart 1 at 0x0"):
        machine.console.expect("login", 10_000)


def test_time_goes_on_for_all() -> None:
    machine = booted(f"{SPLIT}{COUNT}j count; {LOST}", harts=3)
    machine.run(100_000)
    times = [hart.time for hart in machine.harts]
    assert min(times) > 9_000
    assert max(times) - min(times) < 40  # a turn


def test_a_run_ends_when_nobody_goes_on() -> None:
    everyone = booted(LOST, harts=3)
    for _ in range(3):
        result = everyone.run(10**15)
        assert result.reason == "trap_loop"
        assert result.detail == "in a trap loop: hart 0 at 0x0, hart 1 at 0x0, hart 2 at 0x0"
    assert everyone.instructions == everyone.harts[0].instructions * 3
    with_waits = booted(f"{SPLIT}wfi; {LOST}", harts=3)
    for _ in range(3):
        result = with_waits.run(10**15)
        assert (result.reason, with_waits.harts[0].waiting) == ("trap_loop", True)


def test_the_timer_of_a_hart_that_waits_is_not_missed() -> None:
    set_timer = f"li t0, {MTIMECMP}; li t1, 5000; sd t1, (t0); li t0, 128; csrs mie, t0; "
    machine = booted(f"{SPLIT}{set_timer}wfi; {COUNT}wfi; {LOST}")
    result = machine.run(10**15)
    assert (result.reason, counter(machine)) == ("trap_loop", 1)
    assert machine.harts[0].time >= 5_000


def test_what_another_hart_mends_is_gone_on_with() -> None:
    """The handler is written while the hart traps on its absence, by a hart that waits for nothing then."""
    handler = hl.asm("li a0, 42; wfi")
    stores = "".join(
        f"li t1, {int.from_bytes(handler[at : at + 4], 'little')}; sw t1, {at}(t0); "
        for at in range(0, len(handler), 4)
    )
    for delay in (1, 50, 300, 1_000):
        machine = booted(
            f"{SPLIT}li t2, {delay}; pause: addi t2, t2, -1; bnez t2, pause; li t0, {MENDED}; {stores}wfi; "
            f"lost: li t0, {MENDED}; csrw mtvec, t0; ecall"
        )
        assert machine.run(10**15).reason == "waiting"
        assert machine.harts[1].x.a0 == 42


def test_an_interrupt_to_machine_mode_ends_a_loop_in_supervisor_mode() -> None:
    timer = f"li t0, {MTIMECMP + 8}; li t1, 7000; sd t1, (t0); li t0, 128; csrs mie, t0; "
    loop = IN_SUPERVISOR.replace("lost: ", f"lost: {timer}")
    machine = booted(f"{SPLIT}wfi; {loop}.align 2; machine: csrr a0, mcause; csrw mie, zero; wfi")
    assert machine.run(10**15).reason == "waiting"
    assert machine.harts[1].x.a0 == 1 << 63 | 7
    assert 7_000 <= machine.harts[1].time < 7_200


@pytest.mark.parametrize("harts", [2, 3])
def test_what_the_host_mends_is_gone_on_with(harts: int) -> None:
    machine = booted(LOST, harts=harts)
    assert machine.run(10**6).reason == "trap_loop"
    machine.memory.write(MENDED, hl.asm("wfi"))
    for hart in machine.harts:
        hart.pc = MENDED
    assert machine.run(10**6).reason == "waiting"
    assert not any(hart.in_trap_loop for hart in machine.harts)


def test_it_is_the_same_run_in_pieces_from_its_schedule_and_backwards() -> None:
    code = f"{SPLIT}{COUNT}j count; {LOST}"
    whole, pieces = booted(code, harts=3, seed=5), booted(code, harts=3, seed=5)
    whole.run(20_000)
    executed = 0
    for length in (1, 1, 1, 2, 3, 500, 1, 7_777, 1) * 3:
        executed += pieces.run(min(length, 20_000 - executed)).instructions
    assert executed == 20_000
    assert state(whole) == state(pieces)
    again = booted(code, harts=3, seed=6, schedule=whole.schedule)
    again.run(20_000)
    assert not hl.diff(whole.snapshot(), again.snapshot())
    assert [hart.time for hart in again.harts] == [hart.time for hart in whole.harts]
    machine = booted(code, harts=3, seed=5)
    machine.run(10_000)
    before = state(machine)
    machine.run(10_000)
    machine.back(10_000)
    assert state(machine) == before


def test_who_stops_at_each_trap_is_not_held_up_by_a_hart_that_only_traps() -> None:
    machine = booted(f"{SPLIT}{COUNT}j count; {LOST}")
    stops = 0
    while (result := machine.run(1_000, until="trap")).reason == "trap":
        stops += 1
        assert stops < 10
    assert (result.reason, result.instructions) == ("budget", 1_000)
    assert counter(machine) > 100
