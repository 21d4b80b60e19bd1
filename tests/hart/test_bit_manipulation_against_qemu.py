"""Zba, Zbb and Zbs on the hart and on qemu-riscv64: every instruction over random operands.

``HARTLAB_SEED`` changes where it begins.
"""

from __future__ import annotations

import os
import random
import struct

import pytest

from hart.boards import board, run_to_trap
from hart.random_programs import value
from oracles import qemu_user, rv64
from oracles.encode import BIT_MANIPULATION, TABLE, encode

pytestmark = pytest.mark.skipif(not qemu_user.QEMU, reason="qemu-riscv64 is not installed")

SEED = int(os.environ.get("HARTLAB_SEED", "0"))
CASES = 40
ECALL_FROM_M = 11


def program(rng: random.Random) -> tuple[bytes, list[tuple[str, int, int, int]], int]:
    """Each case loads its operands from a table behind the code and stores its result over the first."""
    cases, code = [], []
    for name in BIT_MANIPULATION:
        for _ in range(CASES):
            amount = rng.randrange(32 if TABLE[name][0] == "SH5" else 64)
            cases.append((name, value(rng), value(rng), amount))
            code += [
                encode("ld", 6, 5),
                encode("ld", 7, 5, imm=8),
                encode(name, 28, 6, 7, imm=amount),
                encode("sd", rs1=5, rs2=28),
                encode("addi", 5, 5, imm=16),
            ]
    ending = qemu_user.finish(0, 0)
    table = qemu_user.BASE + 4 * (4 + len(code) + len(ending))
    words = [*qemu_user.address(5, table), *code, *qemu_user.finish(table, 16 * len(cases))]
    image = struct.pack(f"<{len(words)}I", *words) + b"".join(
        struct.pack("<QQ", a, b) for _, a, b, _ in cases
    )
    return image, cases, table


def test_every_instruction_agrees_with_qemu_and_the_reference() -> None:
    image, cases, table = program(random.Random(SEED))
    theirs = qemu_user.run(image, qemu_user.BASE, len(image))
    machine = board(image, at=qemu_user.BASE, memory=-(-len(image) // 4096) * 4096)
    assert run_to_trap(machine, 1 << 20) == ECALL_FROM_M
    ours = machine.memory.read(table, len(theirs))
    for n, (name, a, b, amount) in enumerate(cases):
        got, expected = (struct.unpack_from("<Q", results, 16 * n)[0] for results in (ours, theirs))
        if name == "ctzw" and a & 0xFFFF_FFFF == 0:
            expected = 32  # QEMU 7.2 looks at the upper word then
        operand = amount if TABLE[name][0] in ("SH5", "SH6") else b
        reference = rv64.UNARY[name](a) if name in rv64.UNARY else rv64.COMPUTE[name](a, operand)
        assert got == expected == reference, f"{name} of {a:#x}, {b:#x}, {amount}"
