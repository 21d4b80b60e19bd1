"""Loads and stores that are not naturally aligned: done, or left to a handler. [priv 3.1.15; unpriv 2.6]"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hartlab as hl
from hart.boards import RAM, A, D, R, Tables, V, W, X, board, run_to_trap

DATA, HANDLER, TABLES, PAGES = RAM + 0x3000, RAM + 0x800, RAM + 0x1_0000, 0x4000_0000
LOAD_MISALIGNED, STORE_MISALIGNED = 4, 6
OLD = bytes(range(1, 17))
LOADS = {"lh a0": 2, "lhu a0": 2, "lw a0": 4, "lwu a0": 4, "ld a0": 8, "flw fa0": 4, "fld fa0": 8}
STORES = {"sh a2": 2, "sw a2": 4, "sd a2": 8, "fsw fa2": 4, "fsd fa2": 8}
SHORT = {"c.lw a0": 4, "c.ld a0": 8, "c.fld fa0": 8, "c.sw a2": 4, "c.sd a2": 8, "c.fsd fa2": 8}
ACCESSES = [(text, size, LOAD_MISALIGNED) for text, size in LOADS.items()] + [
    (text, size, STORE_MISALIGNED) for text, size in STORES.items()
]
ACCESSES += [(text, size, 6 if text.startswith(("c.s", "c.fs")) else 4) for text, size in SHORT.items()]


def machine_for(text: str, at: int, **options: object) -> hl.Machine:
    """At RAM an access to `at`; what it would change has known values."""
    registers = {"a0": 99, "a1": at, "a2": 2**64 - 2}
    machine = board(text, x=registers, f={"fa0": 99, "fa2": 2**64 - 2}, **options)
    machine.memory.write(DATA, OLD)
    return machine


@pytest.mark.parametrize(("text", "size", "cause"), ACCESSES)
def test_with_the_option_each_misaligned_access_traps_and_changes_nothing(
    text: str, size: int, cause: int
) -> None:
    for offset in range(1, size):
        machine = machine_for(f"nop; {text}, 0(a1)", DATA + offset, hardware_misaligned=False)
        assert run_to_trap(machine, 2) == cause
        trap = machine.hart.last_trap()
        assert (trap["epc"], trap["tval"]) == (RAM + 4, DATA + offset)
        assert (machine.hart.instructions, machine.hart.x.a0, machine.hart.f["fa0"]) == (1, 99, 99)
        assert machine.memory.read(DATA, 16) == OLD


@pytest.mark.parametrize(("text", "size", "cause"), ACCESSES)
@pytest.mark.parametrize("hardware_misaligned", [True, False])
def test_what_the_option_leaves_alone(text: str, size: int, cause: int, hardware_misaligned: bool) -> None:
    """Aligned accesses; and without it, misaligned ones."""
    for offset in range(0, 8, size) if not hardware_misaligned else range(8):
        machine = machine_for(f"{text}, 0(a1)", DATA + offset, hardware_misaligned=hardware_misaligned)
        assert run_to_trap(machine, 1) is None
        after = OLD
        if cause == STORE_MISALIGNED:
            after = OLD[:offset] + (2**64 - 2).to_bytes(8, "little")[:size] + OLD[offset + size :]
        elif " fa0" in text:
            assert machine.hart.f["fa0"].to_bytes(8, "little")[:size] == OLD[offset : offset + size]
        else:
            assert machine.hart.x.a0 == int.from_bytes(OLD[offset : offset + size], "little")
        assert machine.memory.read(DATA, 16) == after


@pytest.mark.parametrize("text", ["lb a0", "lbu a0", "sb a2"])
def test_a_byte_is_always_aligned(text: str) -> None:
    machine = machine_for(f"{text}, 0(a1)", DATA + 7, hardware_misaligned=False)
    assert run_to_trap(machine, 1) is None


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
@pytest.mark.parametrize(
    ("access", "cause"),
    [("lw a0, (a1)", 4), ("sw a2, (a1)", 6), ("amoadd.w x0, a2, (a1); lw a0, (a1)", 6)],
)
def test_an_access_that_is_a_hit_by_then_traps_too(access: str, cause: int, blocks: bool) -> None:
    """After a hundred that are aligned, in a loop over them."""
    text = f"li t0, 100; loop: {access}; addi t0, t0, -1; bnez t0, loop; addi a1, a1, 2; j loop"
    machine = machine_for(text, DATA, hardware_misaligned=False, blocks=blocks)
    assert run_to_trap(machine) == cause
    assert machine.hart.x.t0 == 0
    assert machine.hart.last_trap()["tval"] == DATA + 2


@pytest.mark.parametrize("off", [0, 2])
def test_a_loop_that_fills_memory_is_no_exception(off: int) -> None:
    text = "loop: sw a2, (a1); addi a1, a1, 4; bne a1, a3, loop; wfi"
    machine = machine_for(text, DATA + off, hardware_misaligned=False)
    machine.hart.x["a3"] = DATA + off + 400
    assert run_to_trap(machine) == (STORE_MISALIGNED if off else None)
    assert machine.hart.x.a1 == DATA + (off or 400)


@pytest.mark.parametrize(("text", "cause"), [("ld a0, (a1)", 4), ("sd a2, (a1)", 6)])
@pytest.mark.parametrize("at", [PAGES + 1, PAGES + 0xFFD, PAGES + 0x1FFD, 1 << 40 | 1])
def test_it_comes_before_page_and_access_faults(text: str, cause: int, at: int) -> None:
    """An implementation's choice [priv Table 3.7]. The page at PAGES is there, and the next is not."""
    machine = machine_for(text, at, hardware_misaligned=False, privilege="S")
    tables = Tables(machine.memory.write, TABLES)
    tables.map(RAM, RAM, V | R | W | X | A | D)
    tables.map(PAGES, DATA, V | R | W | A | D)
    machine.hart.csrs["satp"] = tables.satp()
    assert run_to_trap(machine, 1) == cause
    assert machine.hart.last_trap()["tval"] == at


def test_the_trap_can_be_delegated_and_its_access_done_in_parts() -> None:
    """As firmware does it, here a load of a halfword by a handler in S-mode."""
    handler = "csrr t0, stval; lbu t1, 0(t0); lbu a0, 1(t0); slli a0, a0, 8; or a0, a0, t1"
    skip = "csrr t0, sepc; addi t0, t0, 4; csrw sepc, t0; sret"
    machine = machine_for("lhu a0, (a1); wfi", DATA + 1, hardware_misaligned=False, privilege="S")
    machine.memory.write(HANDLER, hl.asm(f"{handler}; {skip}"))
    machine.hart.csrs["stvec"], machine.hart.csrs["medeleg"] = HANDLER, 1 << LOAD_MISALIGNED
    assert machine.run(100).reason == "waiting"
    assert machine.hart.x.a0 == 0x0302
    assert machine.hart.csrs["scause"] == LOAD_MISALIGNED


def _loaded(machine: hl.Machine, folder: Path) -> hl.Machine:
    machine.save(folder / "machine")
    again = hl.load(folder / "machine")
    assert isinstance(again, hl.Machine)
    return again


@pytest.mark.parametrize("copy", [lambda machine, folder: machine.clone(), _loaded])
@pytest.mark.parametrize("hardware_misaligned", [True, False])
def test_a_copy_of_a_machine_does_as_it_does(
    copy: Callable[[hl.Machine, Path], hl.Machine], hardware_misaligned: bool, tmp_path: Path
) -> None:
    machine = machine_for("lw a0, (a1)", DATA + 1, hardware_misaligned=hardware_misaligned)
    again = copy(machine, tmp_path)
    assert run_to_trap(again, 1) == (None if hardware_misaligned else LOAD_MISALIGNED)
