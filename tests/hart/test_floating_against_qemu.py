"""Floating point on the hart and on qemu-riscv64: results and flags of every instruction in every rounding
mode.

Needs qemu-riscv64 (Debian's qemu-user) and nothing else: the program is machine code made here, in an ELF
header made here. ``HARTLAB_SEED`` and ``HARTLAB_RANDOM_PROGRAMS`` change where it begins and how long it goes
on.
"""

from __future__ import annotations

import os
import struct

import pytest

from hart import floating_programs as programs
from hart.boards import board, run_to_trap
from oracles import qemu_user

pytestmark = pytest.mark.skipif(not qemu_user.QEMU, reason="qemu-riscv64 is not installed")

SEED = int(os.environ.get("HARTLAB_SEED", "0"))
SCALE = int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120"))
ECALL_FROM_M = 11


def on_hart(image: programs.Image, blocks: bool = True) -> bytes:
    size = -(-image.memory_size // 4096) * 4096
    machine = board(image.bytes, at=qemu_user.BASE, memory=size, blocks=blocks)
    assert run_to_trap(machine, 1 << 40) == ECALL_FROM_M
    return machine.memory.read(programs.RESULTS, image.result_size)


def on_qemu(image: programs.Image) -> bytes:
    return qemu_user.run(image.bytes, qemu_user.BASE, image.memory_size)


def test_every_instruction_agrees_in_every_rounding_mode():
    cases = 2 * SCALE
    image, blocks = programs.each_instruction(SEED, cases)
    ours, theirs = on_hart(image), on_qemu(image)
    wrong = []
    for number, (name, rounding, table) in enumerate(blocks):
        for case, operands in enumerate(table):
            at = 16 * (number * cases + case)
            got, expected = (struct.unpack_from("<2Q", results, at) for results in (ours, theirs))
            if got != expected:
                wrong.append(f"{name} {rounding} of {[hex(o) for o in operands]}: {got}, QEMU {expected}")
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
def test_random_sequences_agree(blocks):
    count = 4 * SCALE
    image, size = programs.random_sequences(SEED + 1, count, 40)
    ours, theirs = on_hart(image, blocks), on_qemu(image)
    wrong = [n for n in range(count) if ours[n * size : (n + 1) * size] != theirs[n * size : (n + 1) * size]]
    assert not wrong, f"sequences {wrong} of seed {SEED + 1} differ"
