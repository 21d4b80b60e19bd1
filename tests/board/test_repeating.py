"""A run again: what was typed, at its moments; stepping backwards with devices; back to the last write."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

import hartlab as hl

from .firmware import OPENSBI, UBOOT, at_prompt, command, need
from .test_stepping_back import echo, state
from .test_virtio import CONTENTS, DATA, HEADER, NEXT, SLOT, STATUS, WRITE, Disk

QUEUE_NOTIFY = 0x50


@pytest.mark.parametrize("harts", [1, 3])
def test_what_was_typed_and_when_repeats_a_run_to_the_bit(harts: int, tmp_path: Path) -> None:
    rng = random.Random(harts)
    machine = echo(harts)
    for _ in range(40):
        machine.run(rng.choice([0, 1, 7, 100, 2_000]))
        if rng.random() < 0.7:
            machine.console.send(rng.choice(["x", "some text\n", "a long line " * 3]))
    machine.run(5_000)
    assert "some text" in machine.console.transcript
    np.save(tmp_path / "typed.npy", machine.console.typed)
    again = echo(harts)
    assert again.replay(np.load(tmp_path / "typed.npy"), machine.instructions).reason == "budget"
    assert state(again) == state(machine)


def test_a_record_goes_on_from_a_snapshot_in_the_middle() -> None:
    machine = echo()
    machine.run(500)
    machine.console.send("one ")
    middle = machine.snapshot()
    machine.console.send("two ")
    machine.run(500)
    machine.console.send("three")
    machine.run(5_000)
    again = machine.clone(middle)
    again.replay(machine.console.typed, machine.instructions)
    assert state(again) == state(machine)
    assert again.console.transcript == "one two three"


def test_a_session_with_firmware_is_typed_again() -> None:
    need(OPENSBI / "fw_dynamic.bin", UBOOT)
    machine = at_prompt()
    command(machine, "echo typed by hand")
    again = hl.Machine(bios=OPENSBI / "fw_dynamic.bin", kernel=UBOOT)
    again.replay(machine.console.typed, machine.instructions)
    assert again.console.transcript == machine.console.transcript
    assert state(again) == state(machine)


def test_a_record_of_another_beginning_is_an_error_that_says_so() -> None:
    machine = echo()
    machine.run(700)
    machine.console.send("x")
    machine.run(700)
    other = hl.Machine(code=hl.asm("nop; loop: wfi; j loop"))
    with pytest.raises(
        ValueError, match=r"not come to 700 instructions but stopped at 2 \(.*another beginning"
    ):
        other.replay(machine.console.typed)
    with pytest.raises(ValueError, match="behind 5 already"):
        machine.replay(machine.console.typed, 5)
    with pytest.raises(TypeError, match=r"typed is console\.typed"):
        machine.replay([1, 2])


def test_what_a_device_writes_is_written_by_who_started_it() -> None:
    disk = Disk()
    machine, memory = disk.machine, disk.machine.memory
    memory.write(HEADER, struct.pack("<IIQ", 0, 0, 0))  # to read the first sector
    disk.describe(0, HEADER, 16, NEXT, 1)
    disk.describe(1, DATA, 512, NEXT | WRITE, 2)
    disk.describe(2, STATUS, 1, WRITE)
    memory.write(disk.available + 2, struct.pack("<HH", 1, 0))
    machine.hart.x["a0"], machine.hart.x["a1"] = SLOT + QUEUE_NOTIFY, 0
    code = 0x8008_0000
    memory.write(code, hl.asm("nop; sw a1, 0(a0); loop: j loop"))
    machine.hart.pc = code
    machine.run(10)
    assert memory.read(DATA, 6) == CONTENTS[:6] != bytes(6)
    hart = machine.back_to_last_write(DATA, 6)
    assert hart.disassemble(1)["text"][0] == "sw a1, 0(a0)"
    assert memory.read(DATA, 6) == bytes(6)
    machine.step()
    assert memory.read(DATA, 6) == CONTENTS[:6]
