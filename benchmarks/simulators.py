"""Runs a guest image on hartlab and on its peers, and says what came out and what CPU time it cost.

CPU time, not wall-clock: other work of the machine then counts less. QEMU's is that of its whole process,
threads and start-up included, and so a run of zero rounds is subtracted, from all simulators alike.
"""

from __future__ import annotations

import importlib.util
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import guests

import hartlab as hl
from hartlab import _engine

QEMU = "qemu-system-riscv64"
BOARD = [
    "-machine",
    "virt",
    "-m",
    str(guests.MEMORY >> 20),
    "-nodefaults",
    "-display",
    "none",
    "-monitor",
    "none",
]
PATIENCE = 300.0  # seconds for a guest

# The engine built without the host's floating-point unit, which cannot be turned off while it runs.
INTEGER_ONLY = "host floating point off"
INTEGER_ONLY_BUILD = Path(__file__).resolve().parents[1] / "build" / "release-portable-fp" / "python"

# What can be turned off, by the engine's name for it, and how it is called in the table.
TECHNIQUES = {"use_memory_loops": "memory loops off", "use_blocks": "one instruction at a time"}


@dataclass(frozen=True)
class Run:
    """What a guest reported, and the CPU time of running it."""

    seconds: float
    result: int
    instructions: int = 0  # of the work alone; 0 where not known


def on_hartlab(image: bytes, options: Mapping[str, bool] | None = None) -> Run:
    """On a fresh machine; making it is not part of the time."""
    machine = hl.Machine(guests.MEMORY, image)
    engine = machine._engine  # for its options
    for name, value in (options or {}).items():
        setattr(engine, name, value)
    start = time.process_time()
    ended = machine.run(1 << 40)
    seconds = time.process_time() - start
    if ended.reason not in ("waiting", "power_off"):
        raise RuntimeError(f"the guest ended by {ended.reason} at pc {machine.hart.pc:#x}")
    return Run(seconds, *struct.unpack("<QQ", machine.memory.read(guests.RESULT, 16)))


def on_integer_only_build(image: bytes) -> Run:
    """On that engine, in an interpreter of its own: this file as a program."""
    environment = {**os.environ, "PYTHONPATH": str(INTEGER_ONLY_BUILD)}
    done = subprocess.run(
        [sys.executable, __file__],
        input=image,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    seconds, result, instructions = done.stdout.split()
    return Run(float(seconds), int(result), int(instructions))


def on_qemu(image: bytes, *, count: bool = False) -> Run:
    """With `count`, QEMU counts instructions (-icount) and its instret is exact; else it is host ticks."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(image)
        file.flush()
        command = [QEMU, *BOARD, "-serial", "stdio", "-bios", file.name]
        if count:
            command += ["-icount", "shift=0,sleep=off"]
        before = _children()
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        seconds = _children() - before
    numbers = re.findall(r"^[0-9a-f]{16}$", done.stdout, re.MULTILINE)
    if len(numbers) != 2:
        raise RuntimeError(f"QEMU said {done.stdout!r} {done.stderr!r}")
    return Run(seconds, int(numbers[0], 16), int(numbers[1], 16) if count else 0)


def on_unicorn(image: bytes) -> Run:
    """Up to the guest's last ecall: Unicorn takes no traps, so guests that need them cannot run."""
    import unicorn

    emulator = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64)
    emulator.mem_map(guests.BASE, guests.MEMORY)
    emulator.mem_write(guests.BASE, image)
    start = time.process_time()
    emulator.emu_start(guests.BASE, guests.finished(image))
    seconds = time.process_time() - start
    (result,) = struct.unpack("<Q", emulator.mem_read(guests.RESULT, 8))
    return Run(seconds, result)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def have_qemu() -> bool:
    return shutil.which(QEMU) is not None


def have_integer_only_build() -> bool:
    return INTEGER_ONLY_BUILD.is_dir()


def have_unicorn() -> bool:
    return importlib.util.find_spec("unicorn") is not None


def techniques() -> dict[str, dict[str, bool]]:
    """Options that turn one technique off, of those that this engine has."""
    return {words: {name: False} for name, words in TECHNIQUES.items() if hasattr(_engine.Machine, name)}


if __name__ == "__main__":
    run = on_hartlab(sys.stdin.buffer.read())
    print(run.seconds, run.result, run.instructions)
