"""Random programs of M-, S- and U-mode on the board and on qemu-system-riscv64: what every trap and block
saw agrees.

Needs qemu-system-riscv64 (Debian's qemu-system-misc). ``HARTLAB_RANDOM_PROGRAMS`` over 120 is how many
programs there are, ``HARTLAB_SEED`` the first one's seed; ``make conformance`` has a hundred. Where QEMU 7.2
has its own way, the record is made what the specification says, or no program goes there:

- An atomic that may not read, or is misaligned, is a fault of a load there; it is one of a store [priv
  3.7.1, 4.3.1].
- mtval after ebreak is 0 there, and the address here; both may be [priv 3.1.16].
- scounteren has 64 bits there, pmpaddr and the epc registers all of theirs, and there are interrupts of a
  hypervisor, and VS.
- stimecmp moves mip.STIP there even while menvcfg.STCE is clear, so that it is left alone then [Sstc 2.1].
- Of several interrupts the one of lowest number is first there, so that no program has several for one mode.
"""

from __future__ import annotations

import os

import pytest

import hartlab as hl
from hart.privileged_kinds import random_program
from hart.privileged_programs import Record, records
from oracles import qemu_system

pytestmark = pytest.mark.skipif(not qemu_system.QEMU, reason="qemu-system-riscv64 is not installed")

SEED = int(os.environ.get("HARTLAB_SEED", "0"))
PROGRAMS = max(1, int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120")) // 120)
BLOCKS = 480  # of a program

STATUS = 0x7F_F9AA  # the fields below UXL, but VS and XS
INTERRUPTS = 0xAAA
EVEN = (1 << 64) - 2
RESULTS = {
    "mstatus": STATUS, "sstatus": STATUS, "scounteren": 0xFFFF_FFFF, "pmpaddr3": (1 << 54) - 1,
    "mideleg": 0x222, "mie": INTERRUPTS, "mip": INTERRUPTS, "sie": INTERRUPTS, "sip": INTERRUPTS,
    "medeleg": 0xB3FF, "mepc": EVEN, "sepc": EVEN,
}  # fmt: skip
ATOMIC = {13: 15, 4: 6, 5: 7}  # a load's fault as a store's


def comparable(record: Record, name: str) -> tuple[int, ...]:
    """What must agree."""
    cause, tval, result = record.cause, record.tval, record.result
    if "amo" in name:
        cause = ATOMIC.get(cause, cause)
    if name.startswith("ebreak") and cause == 3:
        tval = 0
    if name.startswith("csr") and record.kind == 3:
        result &= RESULTS.get(name.split()[1].rstrip(","), (1 << 64) - 1)
    extra = record.extra & INTERRUPTS if record.kind < 3 else record.extra
    return (
        record.kind,
        cause,
        record.epc,
        tval,
        record.status & STATUS,
        record.pending & INTERRUPTS,
        result,
        extra,
    )


@pytest.mark.parametrize("seed", range(SEED, SEED + PROGRAMS))
def test_what_every_trap_and_block_saw_agrees_with_qemu(seed: int) -> None:
    program = random_program(seed, BLOCKS)
    image = program.image()
    machine = hl.Machine(kernel=image)
    result = machine.run(100_000_000)
    assert (result.reason, result.exit_code) == ("power_off", 0)
    ours, theirs = records(machine.console.output), records(qemu_system.run(image))
    block, seen = 0, set()
    for own, other in zip(ours, theirs, strict=True):
        name = program.names[min(block, len(program.names) - 1)]
        if own.kind == 4:  # what was in memory after the block
            name = program.names[block - 1]
        assert comparable(own, name) == comparable(other, name), (
            f"seed {seed}, block {block}: {name}\n{own}\n{other}"
        )
        seen.add((own.kind, own.cause))
        block += own.kind == 3
    assert block == BLOCKS
    # The programs get where they are meant to: nearly every kind of trap to M-mode, most of them to S-mode.
    assert len({cause for kind, cause in seen if kind == 1}) >= 12
    assert len({cause for kind, cause in seen if kind == 2}) >= 6
