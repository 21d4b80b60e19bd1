"""Fuzzes the system calls: random numbers, arguments and pointers, from user code and from Python, with
failing allocations and little memory. After each one every frame must have its one owner, and nothing may
panic."""

from __future__ import annotations

import random

from _harness import Case, main
from _kernels import number, small_kernel, sound
from _operations import CALLS, TOLD, do, operation, populate

import hartlab as hl

NO_INIT = "init exiting"  # without memory for /init, or killed by an allocation that failed, as in xv6


def caller(rng: random.Random) -> bytes:
    """User code that makes random calls with random registers, and goes on."""
    code = ""
    for _ in range(rng.randrange(1, 40)):
        for register in range(rng.randrange(5)):
            value = rng.choice(
                [number(rng), rng.randrange(20_000), rng.randrange(10), -rng.randrange(30_000)]
            )
            code += f"li a{register}, {value % (1 << 64)}; "
        if rng.random() < 0.3:
            code += f"addi a{rng.randrange(3)}, sp, {-8 * rng.randrange(60)}; "
        code += f"li a7, {rng.choice([*CALLS, *CALLS, number(rng, 31)])}; ecall\n"
    return hl.asm(code + rng.choice(["j 0", "li a7, 2; ecall", "ebreak"]))


def run_case(case: Case) -> None:
    rng = case.rng
    kernel = small_kernel(case)
    try:
        populate(case, kernel)
        for _ in range(rng.randrange(3)):
            code = caller(rng)
            case.attempt("spawn a caller", TOLD, lambda made=code: kernel.spawn(code=made))
        for _ in range(25):
            result = do(case, operation(case, kernel))
            if isinstance(result, Exception) and "panic" in str(result):
                raise result
            if kernel.panicked:
                break
            sound(case, kernel, kernel.why)
    except hl.KernelPanic as panic:
        if NO_INIT not in str(panic):
            raise
        case.counts[NO_INIT] += 1


if __name__ == "__main__":
    main("system_calls", run_case)
