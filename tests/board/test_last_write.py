"""Back to the last write: right before the instruction, whatever hart it is of and however long ago."""

from __future__ import annotations

import pytest

import hartlab as hl

from .test_harts import COUNTER, INCREMENT, LOCK, RAM, ROUNDS
from .test_stepping_back import state


def next_instruction(hart: hl.Hart) -> str:
    return str(hart.disassemble(1)["text"][0]).split()[0]


def test_the_machine_is_right_before_the_store() -> None:
    code = (
        f"li s0, {COUNTER}; li t1, 5; sd t1, 0(s0); li t1, 6; sw t1, 4(s0); addi t2, t2, 1; sb t2, 9(s0); "
        "li t3, 30; loop: addi t3, t3, -1; bnez t3, loop; done: j done"
    )
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM))
    machine.run(100)
    end = state(machine)
    assert next_instruction(machine.back_to_last_write(COUNTER, 8)) == "sw"
    assert machine.memory.read(COUNTER, 8) == bytes([5, 0, 0, 0, 0, 0, 0, 0])
    machine.step()
    assert machine.memory.read(COUNTER, 8) == bytes([5, 0, 0, 0, 6, 0, 0, 0])
    machine.run(100 - machine.instructions)
    assert state(machine) == end
    assert next_instruction(machine.back_to_last_write(COUNTER + 9, 1)) == "sb"
    assert next_instruction(machine.back_to_last_write(COUNTER, 4)) == "sd"
    now = state(machine)
    with pytest.raises(LookupError, match=r"none of the .* instructions on record writes to 0x80018000"):
        machine.back_to_last_write(0x8001_8000)
    assert state(machine) == now


def test_it_may_be_of_another_hart() -> None:
    code = (
        f"li s0, {COUNTER}; li s2, {LOCK}; li s1, {ROUNDS}; "
        f"round: {INCREMENT['a spinlock']}; addi s1, s1, -1; bnez s1, round; done: wfi; j done"
    )
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM), harts=2, quantum=60)
    machine.run(9_000)
    assert next_instruction(machine.back_to_last_write(LOCK)) in ("amoswap.w.aq", "amoswap.w.rl")
    before = machine.memory.read(LOCK, 8)
    machine.step()
    assert machine.memory.read(LOCK, 8) != before


def test_it_is_found_across_checkpoints_and_what_python_has_done() -> None:
    code = (
        f"li s0, {COUNTER}; sd s0, (s0); li t0, 11000000; loop: addi t0, t0, -1; bnez t0, loop; done: j done"
    )
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM))
    machine.run(21_000_000)
    machine.console.send("x")
    machine.run(1_000)
    assert next_instruction(machine.back_to_last_write(COUNTER)) == "sd"
    assert machine.instructions < 20
