"""What the fuzzers in tests/fuzz have found, each as a test."""

from __future__ import annotations

import struct

import pytest

import hartlab as hl
from hart.boards import RAM, A, R, Tables, V, W, X, board, registers

# -- the hart ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize(
    "code", ["amoxor.w a5, t4, (a0)", "amoswap.d zero, t4, (a0)", "amoadd.w a0, t4, (a0)"]
)
def test_an_atomic_that_overwrites_itself_completes(code: str, blocks: bool) -> None:
    machine = board(f"{code}; nop", x={"a0": RAM, "t4": 0x1234_5678}, blocks=blocks)
    word, form = (8, "<q") if ".d" in code else (4, "<i")
    (old,) = struct.unpack(form, machine.memory.read(RAM, word))
    assert machine.step().instructions == 1
    assert machine.hart.pc == RAM + 4
    target = "a5" if "a5" in code else "a0"
    assert registers(machine)[0] == 0
    assert machine.hart.x[target] == (RAM if "zero" in code else old % (1 << 64))


@pytest.mark.parametrize("blocks", [True, False])
def test_a_load_through_a_pte_that_is_the_load_itself_completes(blocks: bool) -> None:
    load = 0x2000_B403  # ld s0, 512(ra): also a PTE with V and R, for the page of RAM chosen by its bits
    assert hl.disasm(struct.pack("<I", load))["text"][0] == "ld s0, 512(ra)"
    page = load >> 10 << 12
    machine = board(memory="256KiB", blocks=blocks)
    tables = Tables(machine.memory.write, RAM + 0x1000)
    tables.map(RAM, RAM, V | R | W | X | A | 1 << 7, level=2)
    at = tables.map(0x5000, page, 0)
    machine.memory.write(at, struct.pack("<Q", load))
    machine.memory.write(page + 0x200, struct.pack("<Q", 77))
    machine.hart.csrs["satp"] = tables.satp()
    machine.hart.privilege, machine.hart.pc, machine.hart.x["ra"] = "S", at, 0x5000
    assert machine.step().instructions == 1
    assert machine.memory.load(at) == load | A
    assert (machine.hart.pc, machine.hart.x["s0"], registers(machine)[0]) == (at + 4, 77, 0)
