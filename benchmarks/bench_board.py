"""Boards that have booted: what a clone, a snapshot and a restore of OpenSBI and U-Boot at their prompt cost.

Needs the firmware of Debian's packages opensbi and u-boot-qemu; without it there are no figures.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from figure import Figure

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
BIOS = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")
UBOOT = Path("/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin")
PROMPT = "\n=> "
DISK = 64 << 20


def figures() -> Iterator[Figure]:
    if not (BIOS.exists() and UBOOT.exists()):
        return
    machine = at_prompt()
    here = machine.snapshot()
    machine.clone(here).close()
    how = f"128 MiB of RAM, a disk of {DISK >> 20} MiB, OpenSBI and U-Boot at the prompt"
    for title, work, prepare in (
        ("clone of a booted board", lambda: machine.clone(here), lambda: None),
        ("snapshot of a booted board", machine.snapshot, lambda: None),
        ("restore of a booted board", lambda: machine.restore(here), lambda: None),
        (
            "restore of a booted board after a command",
            lambda: machine.restore(here),
            lambda: version(machine),
        ),
    ):
        samples = [microseconds(work, prepare) for _ in range(20 * REPEAT)]
        yield Figure(title, "us", samples, how=how).at_most(200)
    tests = [microseconds(lambda: version(machine.clone(here))) for _ in range(REPEAT)]
    yield Figure("clone of a booted board, and a command there", "us", tests, how=how)


def at_prompt() -> hl.Machine:
    machine = hl.Machine(bios=BIOS, kernel=UBOOT, disk=bytes(DISK))
    machine.console.expect("Hit any key")
    machine.console.send(" ")
    machine.console.expect(PROMPT)
    return machine


def version(machine: hl.Machine) -> None:
    machine.console.send("version\n")
    machine.console.expect(PROMPT)


def microseconds(work: Callable[[], object], prepare: Callable[[], None] = lambda: None) -> float:
    prepare()
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6
