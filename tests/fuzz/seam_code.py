"""Random bytes, instructions and calls as students' C code in the place of kernel functions.

What may come of it is a SeamError, a panic, or a kernel whose tables say what is wrong; never a crash, a hang
or another exception."""

from __future__ import annotations

import itertools

from _harness import Case, main
from _kernels import INTERESTING

import hartlab as hl
from hartlab import _engine
from hartlab.c_code import SERVICES

TEXT, DATA = 0x1012_1000, 0x1011_0000
NAMES = [row[0] for row in _engine.Kernel.function_facts()]
NUMBERS = {**{name: number for number, name in enumerate(NAMES)}, **SERVICES}
LIST = [(int(row["match"]), int(row["mask"])) for row in hl.instructions()]
ALLOWED = (
    hl.KernelPanic,
    hl.ProcessGone,
    hl.ProcessBusy,
    hl.WouldBlock,
    hl.PageFault,
    MemoryError,
    RuntimeError,
    hl.ElfError,
)
PLACES = [TEXT, TEXT + 8, DATA, DATA + 64, 0x1010_0000, 0x1010_FFF0, 0x1012_0000, 0x1013_FFF8, 0x1014_0000]
PLACES += [hl.KERNBASE, hl.ETEXT, 0x801F_F000, 0x8020_0000, 0, 8]
_numbers = itertools.count(1 << 40)


def instruction(case: Case) -> bytes:
    """One of the list with random operands, most of its registers those that hold something."""
    match, mask = case.rng.choice(LIST)
    word = match | (case.rng.getrandbits(32) & ~mask)
    if case.rng.random() < 0.5:  # arguments and the stack pointer as bases
        word = word & ~(31 << 15) | case.rng.choice([2, 10, 11, 12, 13]) << 15
        word = word & mask | match if (word & mask) != match else word
    return (word & 0xFFFF_FFFF).to_bytes(4, "little")


def call(case: Case) -> bytes:
    """A call of a kernel function or a service, with arguments made up."""
    rng = case.rng
    lines = []
    for register in range(rng.randrange(4)):
        value = rng.choice([*PLACES, *INTERESTING, rng.getrandbits(rng.choice([4, 12, 20, 33, 64]))])
        lines.append(f"li a{register}, {value & (1 << 64) - 1}")
    number = rng.choice([*NUMBERS.values(), rng.getrandbits(10)])
    lines.append(f"li t0, {number}")
    lines.append("ecall")
    if rng.random() < 0.3:
        lines.append(f"mv a{rng.randrange(8)}, a0")
    return hl.asm("; ".join(lines))


def code(case: Case) -> bytes:
    """A few hundred bytes."""
    rng = case.rng
    if rng.random() < 0.15:
        return rng.randbytes(rng.randrange(2, 600))
    parts = []
    for _ in range(rng.randrange(1, 40)):
        pick = rng.random()
        if pick < 0.5:
            parts.append(instruction(case))
        elif pick < 0.9:
            parts.append(call(case))
        elif pick < 0.95:
            parts.append(rng.randbytes(2 * rng.randrange(1, 4)))
        else:
            parts.append(hl.asm("ret"))
    return b"".join([*parts, hl.asm("ret")])


def run_case(case: Case) -> None:
    rng = case.rng
    kernel = hl.Kernel(
        memory="2MiB", fork=rng.choice(["copy", "cow"]), boot=rng.choice(["userinit", "userinit", "none"])
    )
    for _ in range(rng.randrange(1, 3)):
        text = code(case)
        names = rng.sample(NAMES, rng.randrange(1, 5))
        entries = {name: TEXT + 2 * rng.randrange(max(len(text) // 2, 1)) for name in names}
        data = rng.randbytes(rng.choice([0, 8, 4096]))
        case.note("replace", sorted(entries.items()), text.hex())
        kernel._engine.replace_c(next(_numbers), (TEXT, text), (DATA, data), entries, 200_000)
        if rng.random() < 0.3:
            name = rng.choice(NAMES)
            case.note("python", name)
            kernel.replace(name, lambda k, *words, name=name: getattr(k.native, name)(*words))
    if kernel.booted == "none":
        case.attempt("boot", ALLOWED, lambda: kernel.boot())
    start = kernel.snapshot()
    for _ in range(6):
        name = rng.choice([*kernel._engine.function_table()])[1]
        if rng.random() < 0.6:
            name = rng.choice(names)
        count = declared(name)
        words = [rng.choice([*PLACES, *INTERESTING, rng.getrandbits(40)]) & 0x7FFF_FFFF for _ in range(count)]
        case.attempt(
            f"call {name} {words}", ALLOWED, lambda name=name, words=words: kernel.call(name, *words)
        )
        if kernel.panicked:
            kernel.restore(start)
    if kernel.booted == "userinit":
        process = case.attempt("spawn", ALLOWED, lambda: kernel.spawn(code=hl.asm("li a7, 1; ecall; j 0")))
        if isinstance(process, hl.Process):
            case.attempt("fork", ALLOWED, lambda: process.fork())
            case.attempt("sbrk", ALLOWED, lambda: process.sbrk(rng.choice([4096, 40960, -4096, 1])))
            case.attempt("run", ALLOWED, lambda: kernel.run(3000, max_work=100_000))
    case.note("look")
    kernel.audit()
    kernel.frames()
    repr(kernel)
    case.attempt("restore", (), lambda: kernel.restore(start))
    case.attempt("clone", (), lambda: kernel.clone())


def declared(name: str) -> int:
    """How many arguments it takes."""
    parameters = next(row[2] for row in _engine.Kernel.function_table() if row[1] == name)
    return 0 if parameters == "()" else parameters.count(",") + 1


if __name__ == "__main__":
    main("seam_code", run_case)
