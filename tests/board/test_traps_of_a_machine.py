"""machine.tracing and machine.trace: the traps that the harts of a machine take."""

from __future__ import annotations

import pytest

import hartlab as hl

KERNBASE, INTERRUPT = hl.KERNBASE, 1 << 63
# In M-mode: an ecall, an illegal instruction, then an ecall from U-mode that S-mode handles.
SOURCE = """
    la   t0, machine_handler
    csrw mtvec, t0
    la   t0, supervisor_handler
    csrw stvec, t0
    li   t0, 0x100
    csrw medeleg, t0
    li   a7, 64
    li   a0, 5
    ecall
    .word 0
    li   t0, 0x1800
    csrc mstatus, t0
    la   t0, user
    csrw mepc, t0
    mret
user:
    li   a7, 93
    ecall
    j    user
machine_handler:
    csrr t1, mepc
    addi t1, t1, 4
    csrw mepc, t1
    mret
supervisor_handler:
    csrr t1, sepc
    addi t1, t1, 4
    csrw sepc, t1
    sret
"""


def machine(**options: object) -> hl.Machine:
    return hl.Machine("64KiB", code=hl.asm(SOURCE), **options)


def test_traps_are_recorded_with_modes_and_arguments() -> None:
    board = machine()
    with board.tracing() as tracing:
        board.run(60)
    rows = tracing.table()
    assert [*zip(rows["from"], rows["to"], rows["cause"], strict=True)][:3] == [
        ("M", "M", 11),
        ("M", "M", 2),
        ("U", "S", 8),
    ]
    assert rows["what"][:3].tolist() == ["ecall from M-mode", "illegal instruction", "ecall from U-mode"]
    assert (rows["a7"][0], rows["a0"][0], rows["a7"][2]) == (64, 5, 93)
    code = {row["text"]: int(row["pc"]) for row in hl.disasm(hl.asm(SOURCE), pc=KERNBASE)}
    assert rows["epc"][0] == code["ecall"] or rows["epc"][2] == code["ecall"]
    assert rows["sequence"].tolist() == [*range(len(rows))]
    assert (rows["instructions"][1:] >= rows["instructions"][:-1]).all()
    assert not rows["interrupt"].any()
    assert "ecall from U-mode" in repr(rows)


def test_a_fault_has_its_address() -> None:
    board = hl.Machine("64KiB", code=hl.asm("li t0, 0x40; ld t1, 0(t0)"))
    with board.tracing():
        board.run(3)
    assert (board.trace()["what"][0], board.trace()["tval"][0]) == ("load access fault", 0x40)


def test_a_timer_interrupt_is_one() -> None:
    board = hl.Machine(
        "64KiB",
        code=hl.asm(
            """
            li   t0, 0x2004000
            li   t1, 100
            sd   t1, 0(t0)
            li   t0, 0x80
            csrw mie, t0
            csrsi mstatus, 8
            loop: j loop
            """
        ),
    )
    with board.tracing():
        board.run(200)
    row = board.trace()[0]
    assert (row["cause"], bool(row["interrupt"]), int(row["time"])) == (INTERRUPT | 7, True, 100)


def test_every_hart_is_recorded_in_one_sequence() -> None:
    board = hl.Machine(
        "4MiB", kernel=hl.asm("la t0, end; csrw mtvec, t0; ecall; end: j end", origin=KERNBASE), harts=3
    )
    with board.tracing():
        board.run(3000)
    rows = board.trace()
    assert set(rows["hart"].tolist()) == {0, 1, 2}
    assert rows["sequence"].tolist() == [*range(len(rows))]


def test_nothing_is_recorded_unless_somebody_asks() -> None:
    board = machine()
    board.run(60)
    assert len(board.trace()) == 0
    tracing = board.tracing()
    board.run(7)
    tracing.stop()
    count = len(board.trace())
    board.run(60)
    assert len(board.trace()) == count > 0
    assert len(board.clone().trace()) == 0


def test_the_newest_are_kept() -> None:
    board = machine()
    with board.tracing(capacity=4):
        board.run(200)
    rows = board.trace()
    assert len(rows) == 4
    assert rows.dropped == rows["sequence"][0] > 0
    assert board.tracing(2).table(since=1).tolist() == []


def test_going_back_begins_the_record_again() -> None:
    board = machine()
    board.tracing()
    board.run(60)
    whole = board.trace()
    board.back(20)
    board.run(20)
    assert board.trace().tolist() == whole.tolist()
    start = hl.Machine("64KiB", code=hl.asm(SOURCE)).snapshot()
    board.restore(start)
    assert len(board.trace()) == 0


def test_recording_changes_nothing() -> None:
    plain, recorded = machine(), machine()
    recorded.tracing()
    plain.run(500)
    recorded.run(500)
    assert not hl.diff(plain.snapshot(), recorded.snapshot())


@pytest.mark.parametrize("capacity", [0, -1, 1 << 40])
def test_a_capacity_that_is_none(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        machine().tracing(capacity)
