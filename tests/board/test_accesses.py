"""Which accesses devices are offered: naturally aligned ones, in one piece. [priv 3.6.2]"""

from __future__ import annotations

import pytest

import hartlab as hl
from board.mmio import Driver
from hart.boards import RAM, A, D, R, Tables, V, W, X, board, run_to_trap

UART, CLINT, VIRTIO, TEST, ROM = 0x1000_0000, 0x0200_0000, 0x1000_1000, 0x10_0000, 0x1000
LOAD_FAULT, STORE_FAULT = 5, 7
TABLES, MEMORY, PAIR = RAM + 0x1_0000, RAM + 0x3000, 0x4000_0000
FULL = V | R | W | X | A | D


@pytest.mark.parametrize("device", [UART, CLINT + 0x4000, VIRTIO + 0x100, TEST, ROM])
@pytest.mark.parametrize(("size", "offset"), [(2, 1), (4, 1), (4, 2), (8, 1), (8, 4)])
def test_a_misaligned_access_to_a_device_is_an_access_fault(device: int, size: int, offset: int) -> None:
    driver = Driver(hl.Machine("1MiB", kernel=hl.asm("loop: j loop")))
    for access, cause in ((driver.read, LOAD_FAULT), (lambda pa, n: driver.write(pa, 0xFF, n), STORE_FAULT)):
        assert not access(device + offset, size)
        trap = driver.machine.hart.last_trap()
        assert (trap["cause"], trap["tval"]) == (cause, device + offset)
    assert driver.machine.console.transcript == ""


@pytest.mark.parametrize("frames", [(MEMORY, UART), (UART, MEMORY), (UART, UART)])
@pytest.mark.parametrize("back", [1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize(("text", "cause"), [("ld a0, 0(a1)", LOAD_FAULT), ("sd a0, 0(a1)", STORE_FAULT)])
def test_an_access_across_pages_to_a_device_is_an_access_fault_and_does_nothing(
    frames: tuple[int, int], back: int, text: str, cause: int
) -> None:
    """The tval is where the first byte lies that is no memory [priv 3.1.16]."""
    machine = board(text, x={"a1": PAIR + 0x1000 - back, "a0": 2**64 - 1}, privilege="S")
    machine.console.send("t")
    tables = Tables(machine.memory.write, TABLES)
    tables.map(RAM, RAM, FULL)
    for page, frame in enumerate(frames):
        tables.map(PAIR + 0x1000 * page, frame, FULL)
    machine.hart.csrs["satp"] = tables.satp()
    assert run_to_trap(machine, 1) == cause
    assert machine.hart.last_trap()["tval"] == PAIR + 0x1000 - (back if frames[0] == UART else 0)
    assert machine.memory.read(MEMORY, 0x1000) == bytes(0x1000)
    assert machine.console.transcript == ""
    assert Driver(machine).read(UART, 1) == ord("t")  # nothing has been taken out of the receiver
