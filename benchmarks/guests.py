"""The guest programs of benchmarks/guests: compiled, as flat images, with their counts of rounds.

An image goes to 0x8000_0000 on any board with 128 MiB of RAM. It holds numbers at fixed places
(guests/start.S): how many rounds of work to do, which is written before the start; the result and the
instructions that the work took, which are read after the end; and the address at which they are there.
"""

from __future__ import annotations

import functools
import importlib.util
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent / "guests"
BASE = 0x8000_0000
MEMORY = 128 << 20
WRONG = 0  # the result of a guest whose own check failed
ROUNDS, RESULT, FINISHED = BASE + 8, BASE + 16, BASE + 32

COMMON = ["-O2", "-mabi=lp64d", "-mcmodel=medany", "-Wall", "-Wextra"]
COMMON += ["-ffreestanding", "-fno-builtin", "-fno-math-errno", "-fno-stack-protector"]
COMMON += ["-fno-pic", "-fno-pie", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]
COMMON += ["-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096"]
COMMON += ["-Wl,-T,guest.ld", "-Wl,-e,_start"]
# Loops that fill or copy stay loops: there is no memset or memcpy to call.
GCC = ["-march=rv64gc", "-fno-tree-loop-distribute-patterns"]
ZIG = [
    "-target",
    "riscv64-freestanding-none",
    "-mcpu=generic_rv64+m+a+f+d+c",
    "-fno-sanitize=undefined",
    "-g0",
]


@dataclass(frozen=True)
class Guest:
    """A program and how often it does its work: about half a second's worth under QEMU."""

    name: str
    title: str
    rounds: int
    unit: str = "MIPS"  # or that of the time of one operation
    per_round: int = 1  # operations
    unicorn: bool = True  # whether Unicorn can run it: it takes no traps
    floating: bool = False  # whether it computes with floating-point numbers


SPEED = (
    Guest("mix", "integer mix", 8_000),
    Guest("sieve", "sieve, 4 MiB", 9),
    Guest("quicksort", "quicksort, 1 M ints", 3),
    Guest("memory", "memcpy and strides", 40),
    Guest("nbody", "n-body, double", 200, floating=True),
    Guest("fib", "recursive fib", 250),
)
SYSTEM = (
    Guest("chase", "pointer chase, 16 MiB, a step", 20, "ns", 100_000),
    Guest("ecall", "ecall to a handler and back", 1_000_000, "us", unicorn=False),
    Guest("flush", "satp and fence each way, 16 loads", 60_000, "us"),
    Guest("syscall", "system call of a guest kernel", 50_000, "us", unicorn=False),
    Guest("boot", "a guest kernel fills 128 MiB at boot", 1, "ms"),
)
GUESTS = {guest.name: guest for guest in SPEED + SYSTEM}


def compilers() -> dict[str, list[str]]:
    """Those that are here, by the name in the table."""
    there = {}
    if gcc := shutil.which("riscv64-linux-gnu-gcc"):
        there["gcc"] = [gcc, *GCC, *COMMON]
    if importlib.util.find_spec("ziglang"):
        there["zig"] = [sys.executable, "-m", "ziglang", "cc", *ZIG, *COMMON]
    return there


@functools.cache
def image(name: str, compiler: str) -> bytes:
    """The program as it lies in RAM, up to the end of its data; the rest of RAM is zero."""
    sources = [
        "start.S",
        "paging.c",
        "library.c",
        f"{name}.c",
        *(["trampoline.S"] if name == "syscall" else []),
    ]
    with tempfile.TemporaryDirectory() as folder:
        elf = Path(folder) / "guest.elf"
        subprocess.run([*compilers()[compiler], *sources, "-o", str(elf)], cwd=HERE, check=True)
        return flat(elf.read_bytes())


def flat(elf: bytes) -> bytes:
    """The loaded segments of an ELF file, in one piece from BASE on."""
    (table,) = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    data = bytearray()
    for i in range(count):
        kind, _, offset, _, pa, length, _, _ = struct.unpack_from("<IIQQQQQQ", elf, table + i * size)
        if kind == 1 and length:
            data.extend(bytes(max(0, pa - BASE + length - len(data))))
            data[pa - BASE : pa - BASE + length] = elf[offset : offset + length]
    return bytes(data)


def with_rounds(data: bytes, rounds: int) -> bytes:
    at = ROUNDS - BASE
    return data[:at] + struct.pack("<Q", rounds) + data[at + 8 :]


def finished(data: bytes) -> int:
    """The address that a run gets to when its results are in RAM."""
    (address,) = struct.unpack_from("<Q", data, FINISHED - BASE)
    return int(address)
