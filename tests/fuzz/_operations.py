"""What can be done with a kernel and its processes, for fuzzers that differ in what they break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from _harness import Case
from _kernels import DEAD, LOOKS, LOOKS_BY_NAME, number

import hartlab as hl
from kernel.programs_in_elf import elf
from oracles.exec_layout import Segment

SPIN = hl.asm("j 0")
PROGRAM = elf([Segment(0, SPIN, 16, "rx"), Segment(0x2000, b"data", 5000, "rw")])
BAD_PROGRAM = elf([Segment(0, SPIN, 1 << 40, "rx")])
CALLS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 21, 23, 24]
TOUCH = hl.asm("""
    li a0, 20000; li a1, 1; li a7, 12; ecall
loop: sd a0, 0(a0); ld a2, -8(a0); addi a0, a0, 8; j loop""")
FAMILY = hl.asm("""
    li a7, 1; ecall; bnez a0, parent
    li a0, 3; li a7, 2; ecall
parent: li a0, 0; li a7, 3; ecall; j 0""")
TALK = hl.asm("""
    addi sp, sp, -64; mv a0, sp; li a7, 4; ecall
    li a7, 1; ecall; mv s0, a0
again: lw a0, 4(sp); mv a1, sp; li a2, 700; li a7, 16; bnez s0, go
    lw a0, 0(sp); addi a1, sp, -1000; li a2, 300; li a7, 5
go: ecall; j again""")
AREAS = hl.asm("""
again: li a0, 9000; li a7, 23; ecall; mv s0, a0
    sd a0, 0(a0); li a0, 1; li a7, 23; ecall
    mv a0, s0; li a7, 24; ecall; j again""")
SLEEPER = hl.asm("li a0, 5; li a7, 13; ecall; j 0")
READER = hl.asm("li a0, 0; addi a1, sp, -100; li a2, 100; li a7, 5; ecall; j 0")
CODES = [SPIN, TOUCH, AREAS, FAMILY, TALK, SLEEPER, READER]

# What a caller may be told, whatever the state of the kernel.
TOLD = (*DEAD, hl.PageFault, hl.ElfError, MemoryError)
NO_ROOM = ("there is no room", "proc[]", "no process has")


def populate(case: Case, kernel: hl.Kernel) -> None:
    """Some processes, at some point of what they do."""
    kernel.files["/prog"] = PROGRAM
    kernel.files["/bad"] = BAD_PROGRAM
    for code in case.rng.sample(CODES, case.rng.randint(1, 4)):
        case.attempt("spawn", TOLD, lambda made=code: kernel.spawn(code=made))
    case.attempt("run", (), lambda: kernel.run(case.rng.choice([0, 30, 500, 3000]), max_work=300_000))


def operation(case: Case, kernel: hl.Kernel) -> Callable[[], object]:
    """One thing to do, noted; what the call raises is the caller's concern."""
    rng = case.rng
    pick = rng.random()
    if pick < 0.25:
        budget, until = (
            rng.choice([1, 20, 300, 5000]),
            rng.choice([None, None, "trap", "syscall", "exit", "switch"]),
        )
        case.note(f"run({budget}, until={until!r})")
        return lambda: kernel.run(budget, max_work=300_000, until=until)
    if pick < 0.65:
        return driven(case, kernel)
    if pick < 0.75:
        name = rng.choice(LOOKS)
        case.note(name)
        return lambda: LOOKS_BY_NAME[name](kernel)
    if pick < 0.80:
        code = rng.choice([*CODES, PROGRAM, BAD_PROGRAM])
        case.note(f"spawn {code[:8].hex()}")
        keyword = {} if code[:4] == b"\x7fELF" else {"code": code}
        return lambda: kernel.spawn(**keyword) if keyword else kernel.spawn(code)
    if pick < 0.84:
        text = rng.choice(["hello\n", "\x04", "\x10", "x" * 200, "a\x15\x08\x7f\n", "\n" * 50])
        case.note(f"type {text!r}")
        return lambda: kernel.console.send(text)
    if pick < 0.88:
        count = rng.choice([1, 1, 2, 3, 7, 20])
        case.note(f"inject {count}")
        return lambda: kernel.inject(fail_kalloc=count)
    return state_as_value(case, kernel)


def state_as_value(case: Case, kernel: hl.Kernel) -> Callable[[], object]:
    rng = case.rng
    pick = rng.randrange(5)
    case.note(["diff of two snapshots", "clone and run it", "tables of a snapshot", "trace", "back"][pick])

    def work() -> None:
        before = kernel.snapshot()
        if pick == 0:
            kernel.run(200, max_work=100_000)
            repr(hl.diff(before, kernel))
        elif pick == 1:
            kernel.clone().run(200, max_work=100_000)
        elif pick == 2:
            for name in rng.sample(LOOKS, 3):
                LOOKS_BY_NAME[name](before)
        elif pick == 3:
            kernel.provenance(True)
            with kernel.tracing(100):
                kernel.run(200, max_work=100_000)
            kernel.provenance(False), kernel.trace()
        else:
            kernel.run(100, max_work=100_000)
            if kernel._history.length() > 50:
                kernel.back(rng.randrange(1, 50))

    return work


def driven(case: Case, kernel: hl.Kernel) -> Callable[[], object]:
    """A system call or an access on a process's behalf."""
    rng = case.rng
    pids = [int(pid) & 0x7FFF_FFFF for pid in kernel.processes()["pid"]]
    pid = rng.choice([p for p in pids if p != 1] or pids or [1])
    if rng.random() < 0.05:
        pid = rng.choice([1, 0, 77])
    pick = rng.randrange(19)
    va, n = (
        address(case),
        rng.choice([0, 1, 100, 4096, -4096, 20_000, -20_000, number(rng, 31), -number(rng, 31)]),
    )
    size = rng.choice([0, 1, 8, 100, 600, 5000])
    case.note(f"pid {pid}, operation {pick}, va {va:#x}, n {n}, size {size}")

    def on(work: Callable[[hl.Process], object]) -> Callable[[], object]:
        return lambda: work(kernel.process(pid))

    if pick < 3:
        return on(lambda p: p.sbrk(max(n, -(1 << 31)), rng.choice([1, 1, 2, 0, number(rng)])))
    if pick >= 17:
        return on(lambda p: p.myalloc(n))
    if pick == 16:
        return on(lambda p: p.myfree(rng.choice([va, *an_area(p)])))
    if pick < 5:
        return on(lambda p: p.fork())
    if pick == 5:
        return on(lambda p: p.wait(rng.choice([0, va])))
    if pick == 6:
        return on(lambda p: p.load(va, size))
    if pick == 7:
        return on(lambda p: p.store(va, bytes(size)))
    if pick == 8:
        args = ["x" * rng.choice([1, 100, 4095]) for _ in range(rng.randrange(4))]
        return on(lambda p: p.exec(rng.choice(["/prog", "/bad", "/none", "/init"]), args))
    if pick == 9:
        return on(lambda p: rng.choice([p.pipe, lambda: p.dup(n % 20), lambda: p.close(n % 20)])())
    if pick == 10:
        return on(lambda p: rng.choice([lambda: p.write(n % 8, b"abc" * 50), lambda: p.read(n % 8, size)])())
    if pick == 11:
        return on(
            lambda p: rng.choice([lambda: p.open("/prog"), lambda: p.fstat(n % 8), lambda: p.sleep(0)])()
        )
    if pick == 12 and rng.random() < 0.5:
        return on(lambda p: p.exit(n % 100) if pid != 1 else None)
    if pick == 13 and rng.random() < 0.5:
        return on(lambda p: p.kill(rng.choice([None, n % 70]) if pid != 1 else 12_345))
    number_of_call = rng.choice([*CALLS, *CALLS, 0, 9, 17, 22, number(rng)])
    if number_of_call == 2 and pid == 1:
        number_of_call = 11
    arguments = [
        rng.choice([va, n % (1 << 64), size, number(rng), address(case), rng.randrange(8)]) for _ in range(6)
    ]
    if number_of_call == 6 and arguments[0] & 0xFFFF_FFFF == 1:
        arguments[0] = 3  # not init
    return on(lambda p: p.syscall(number_of_call, *arguments[: rng.randrange(7)]))


def an_area(process: hl.Process) -> list[int]:
    """The start of an area of the process's, if it has one."""
    rows = process.areas()
    return [int(start) for start in rows["start"][rows["kind"] == "vma"]][:1]


def address(case: Case) -> int:
    rng = case.rng
    if rng.random() < 0.7:
        return max(0, 4096 * rng.randrange(14) + rng.choice([0, 0, 8, -8, -1, 1, rng.randrange(4096)]))
    return number(rng)


def expected_refusal(error: BaseException) -> bool:
    """Whether a ValueError or RuntimeError is one that the methods above document."""
    return any(words in str(error) for words in NO_ROOM)


def do(case: Case, work: Callable[[], Any], allowed: tuple[type[BaseException], ...] = ()) -> Any:
    """Do an operation that may be refused; the result or the exception."""
    try:
        result = work()
    except (*TOLD, *allowed) as error:
        case.counts[type(error).__name__] += 1
        return error
    except (ValueError, RuntimeError) as error:
        if isinstance(error, hl.KernelPanic) or not expected_refusal(error):
            raise
        case.counts["no room"] += 1
        return error
    case.counts["returned"] += 1
    return result
