"""Corrupts the kernel's own data in RAM (proc[] with its areas, cpu, free list, file table, pipes, console,
trapframes, page tables) and goes on. What may come of it is a panic, a dead process, or tables that say what
is wrong; never a crash, a hang or another exception."""

from __future__ import annotations

import struct

import numpy as np
from _harness import Case, main
from _kernels import INTERESTING, number, small_kernel
from _operations import do, operation, populate

import hartlab as hl
from kernel import layout

FRAME_KINDS = ("page_table", "trapframe", "kernel_stack", "pipe", "buffer", "free", "user")


class Corruption:
    """Where a kernel's data are, and what to write over them."""

    def __init__(self, case: Case, kernel: hl.Kernel) -> None:
        self.rng = case.rng
        self.kernel = kernel
        self.first, self.end = hl.ETEXT, kernel._engine.end
        words = kernel.memory.view(self.first, (self.end - self.first) // 8)
        self.used = [self.first + 8 * int(i) for i in np.flatnonzero(words)]
        frames = kernel.frames()
        self.frames = {
            kind: [int(pa) for pa in frames["pa"][frames["owner"] == kind][:50]] for kind in FRAME_KINDS
        }

    def place(self) -> int:
        rng = self.rng
        pick = rng.random()
        if pick < 0.1:
            return self.area()
        if pick < 0.55 and self.used:
            return rng.choice(self.used) + rng.choice([0, 0, 0, 0, 8, -8, 4])
        if pick < 0.65:
            return rng.randrange(self.first, self.end - 8)
        pages = self.frames[rng.choice(FRAME_KINDS)]
        if not pages:
            return rng.choice(self.used)
        return rng.choice(pages) + rng.choice([0, 0, 8, 4088, 8 * rng.randrange(512)])

    def area(self) -> int:
        """A field of a vm[] of one of the first processes."""
        return layout.address(
            "proc", self.rng.randrange(5), "vm", self.rng.randrange(10)
        ) + 8 * self.rng.randrange(4)

    def value(self, place: int) -> int:
        rng = self.rng
        pick = rng.randrange(8)
        if pick == 0:
            return place  # a cycle
        if pick == 1:
            return self.kernel.memory.load(self.place() & ~7)
        if pick == 2:
            return self.place() & ~7
        if pick == 3:
            pages = self.frames[rng.choice(FRAME_KINDS)]
            return rng.choice(pages) if pages else 0
        if pick == 4:
            return rng.choice(
                [self.kernel.memory.end, self.kernel.memory.end - 8, hl.KERNBASE, hl.KERNBASE - 1]
            )
        if pick == 5:
            return self.kernel.memory.load(place & ~7) ^ 1 << rng.randrange(64)
        return rng.choice(
            [rng.choice(INTERESTING), number(rng), rng.randrange(10), -rng.randrange(1, 10) % (1 << 64)]
        )

    def write(self, case: Case) -> None:
        place = min(max(self.place(), self.first), self.kernel.memory.end - 8)
        value, size = self.value(place), self.rng.choice([8, 8, 8, 4, 2, 1])
        case.note(f"{place:#x} = {value:#x}, {size} bytes")
        self.kernel.memory.write(place, struct.pack("<Q", value)[:size])


def run_case(case: Case) -> None:
    rng = case.rng
    kernel = small_kernel(case, orderly=False)
    try:
        populate(case, kernel)
        corruption = Corruption(case, kernel)
        good = kernel.snapshot()
    except hl.KernelPanic:
        return
    for _ in range(6):
        for _ in range(rng.choice([1, 1, 1, 2, 5, 30])):
            corruption.write(case)
        for _ in range(rng.randrange(1, 7)):
            do(case, operation(case, kernel), (hl.KernelPanic,))
            if kernel.panicked and rng.random() < 0.8:
                break
        case.note("diff with the good state, restore")
        if rng.random() < 0.3:
            case.attempt("diff", (), lambda: repr(hl.diff(good, kernel)))
        if kernel.panicked or rng.random() < 0.5:
            kernel.restore(good)


if __name__ == "__main__":
    main("kernel_data", run_case)
