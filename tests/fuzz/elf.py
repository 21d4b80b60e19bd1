"""Fuzzes exec, spawn, Machine.load and the symbol table with broken ELF files.

A file that cannot be loaded must be refused with nothing lost and, in exec, with the old program untouched;
one that can be must run, or die, without a kernel panic.
"""

from __future__ import annotations

import random
import struct

from _harness import Case, main
from _kernels import DEAD, number, small_kernel, sound

import hartlab as hl
from kernel.programs_in_elf import elf
from oracles.exec_layout import Segment

# Name, offset and size of the fields of the file's header and of a program header.
HEADER = [("ident", 0, 8), ("type", 16, 2), ("machine", 18, 2), ("version", 20, 4), ("entry", 24, 8),
          ("phoff", 32, 8), ("shoff", 40, 8), ("ehsize", 52, 2), ("phentsize", 54, 2), ("phnum", 56, 2),
          ("shentsize", 58, 2), ("shnum", 60, 2), ("shstrndx", 62, 2)]  # fmt: skip
PROGRAM = [("type", 0, 4), ("flags", 4, 4), ("offset", 8, 8), ("vaddr", 16, 8), ("paddr", 24, 8),
           ("filesz", 32, 8), ("memsz", 40, 8), ("align", 48, 8)]  # fmt: skip
CODE = [
    hl.asm("j 0"),
    hl.asm("li a0, 3; li a7, 2; ecall"),
    hl.asm("addi sp, sp, -16; sd a0, 0(sp); ld a1, 0(sp); j 0"),
    hl.asm("li a7, 1; ecall; li a7, 2; ecall"),
]
REFUSED = (hl.ElfError, MemoryError, ValueError)


def random_file(rng: random.Random) -> bytes:
    segments, at = [], 0
    for _ in range(rng.choice([1, 1, 2, 3, 9])):
        data = rng.choice(CODE) if rng.random() < 0.8 else rng.randbytes(rng.randrange(9000))
        size = len(data) + rng.choice([0, 0, 1, 4096, 20_000, 300_000])
        segments.append(Segment(at, data, size, rng.choice(["rx", "rw", "rwx", "r", "", "w"])))
        at += (size + 4095) // 4096 * 4096 + rng.choice([0, 0, 4096, 1 << 21])
    file = bytearray(elf(segments, entry=rng.choice([0, 0, 0, 2, 1, number(rng)])))
    if rng.random() < 0.3:
        add_symbols(rng, file)
    return bytes(file)


def add_symbols(rng: random.Random, file: bytearray) -> None:
    """Section headers, symbols and their names, well formed."""
    names = b"\0main\0loop\0"
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", rng.choice([1, 6]), 2, 0, 1, i, 4) for i in range(rng.randrange(5))
    )
    at = len(file)
    file += names + symbols
    table = len(file)
    file += bytes(64)
    file += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, at + len(names), len(symbols), 2, 0, 8, 24)
    file += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, at, len(names), 0, 0, 1, 0)
    struct.pack_into("<Q", file, 40, table)
    struct.pack_into("<HH", file, 58, 64, 3)


def mutate(rng: random.Random, file: bytes) -> bytes:
    data = bytearray(file)
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        kind = rng.randrange(8)
        if kind < 5 and len(data) >= 120:
            fields, base = (HEADER, 0) if kind < 2 else (PROGRAM, 64 + 56 * rng.randrange(3))
            name, offset, size = rng.choice(fields)
            if base + offset + size <= len(data):
                value = rng.choice([number(rng, 8 * size), len(data) % (1 << 8 * size)])
                if name == "vaddr" and rng.random() < 0.7:
                    value &= ~0xFFF
                data[base + offset : base + offset + size] = value.to_bytes(size, "little")
        elif kind == 5 and data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        elif kind == 6:
            del data[rng.randrange(len(data) + 1) :]
        else:
            at = rng.randrange(len(data) + 1)
            data[at:at] = rng.randbytes(rng.randrange(70))
    return bytes(data)


def argv(rng: random.Random) -> list[str]:
    return [
        "x" * rng.choice([0, 1, 15, 16, 100, 4094, 4095, 4096, 5000])
        for _ in range(rng.choice([0, 1, 2, 31, 32, 40]))
    ]


def image(proc: hl.Process) -> object:
    """What exec replaces; A and D of the trapframe's page change with every trap."""
    entries = proc.page_table.entries()
    ptes = entries["pte"] | (hl.PTE_A | hl.PTE_D)
    return entries["va"].tolist(), ptes.tolist(), proc.pc, [*proc.registers], proc.sz, proc.name


def exec_in(case: Case, kernel: hl.Kernel, proc: hl.Process, file: bytes) -> None:
    rng = case.rng
    path = "/f"
    kernel.files[path] = file
    case.note("old image of pid", proc.pid)
    before = image(proc)
    free = kernel.free_pages
    if rng.random() < 0.3:
        kernel.inject(fail_kalloc=rng.randrange(1, 30))
    args = argv(rng)
    result = case.attempt(
        f"exec with {[len(a) for a in args]}", (MemoryError,), lambda: proc.exec(path, args)
    )
    kernel.inject(fail_kalloc=0)
    if result == -1:
        case.counts["exec refused"] += 1
        case.check(kernel.why, "a failed exec gives no reason")
        case.check(kernel.free_pages == free, f"exec lost {free - kernel.free_pages} pages: {kernel.why}")
        case.check(image(proc) == before, f"a failed exec touched the old image: {kernel.why}")


def spawn_from(case: Case, kernel: hl.Kernel, file: bytes) -> None:
    rng, free = case.rng, kernel.free_pages
    proc = case.attempt(
        f"spawn {file[:512].hex()}", (*REFUSED, RuntimeError), lambda: kernel.spawn(file, argv(rng))
    )
    if isinstance(proc, hl.KernelPanic):
        raise proc
    if not isinstance(proc, hl.Process):
        case.check(kernel.free_pages == free, f"spawn lost {free - kernel.free_pages} pages: {proc}")
        return
    case.attempt("symbols and repr", (), lambda: (repr(proc), proc.disassemble(4), proc.areas()))
    case.attempt("run", (), lambda: kernel.run(rng.choice([1, 50, 3000]), max_work=200_000))


def load_in(case: Case, machine: hl.Machine, file: bytes) -> None:
    where = case.rng.choice([hl.KERNBASE, number(case.rng)])
    loaded = (hl.ElfError, IndexError, ValueError)
    case.attempt("Machine.load", loaded, lambda: (machine.load(file, load_address=where), machine.run(100)))


def run_case(case: Case) -> None:
    rng = case.rng
    kernel = small_kernel(case)
    case.attempt("let init begin, which needs memory", (), lambda: kernel.run(10_000))
    keeper = case.attempt("spawn the one that execs", REFUSED, lambda: kernel.spawn(code=CODE[0]))
    for _ in range(6):
        file = mutate(rng, random_file(rng))
        spawn_from(case, kernel, file)
        if isinstance(keeper, hl.Process) and keeper.alive:
            try:
                exec_in(case, kernel, keeper, file)
            except DEAD:
                case.counts["busy"] += 1
        sound(case, kernel)
        load_in(case, hl.Machine(rng.choice(["4KiB", "64KiB", "2MiB"])), file)


if __name__ == "__main__":
    main("elf", run_case)
