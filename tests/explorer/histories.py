"""Kernels with something behind them, for the explorer to go through."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

import hartlab as hl

FAMILY = """
#include "kernel/types.h"
#include "user/user.h"

int counter = 1;
char big[3 * 4096];

int main(void) {
    for (int i = 0; i < 3; i++) {
        counter = counter + 1;
        if (fork() == 0) {
            counter = 100 + i;
            char *p = sbrk(3 * 4096);
            p[0] = 1;
            big[4096] = 2;
            exit(counter);
        }
        wait(0);
    }
    exit(0);
}
"""


@functools.cache
def family() -> hl.Program:
    return hl.cc(FAMILY, name="family")


def ran(fork: str = "cow") -> hl.Kernel:
    """One run from the first instruction to the last."""
    kernel = hl.Kernel(memory="8MiB", fork=fork)
    kernel.spawn(family())
    kernel.run()
    return kernel


def stepped() -> hl.Kernel:
    """Runs that all end otherwise: budgets, traps, switches, breakpoints, watchpoints, work."""
    kernel = hl.Kernel(memory="8MiB", timer_interval=1000)
    kernel.spawn(family())
    kernel.spawn(family())
    for until in ("trap", "syscall", "switch", "exit", None):
        kernel.run(700, until=until)
    kernel.run_to("main")
    with kernel.watch(family().symbol("counter").address):
        kernel.run()
    kernel.run(100_000, max_work=30)
    kernel.step(3)
    kernel.back(2)
    kernel.run()
    return kernel


def driven() -> hl.Kernel:
    """System calls from Python, between runs and beside other changes; one that fails and one that blocks."""
    kernel = hl.Kernel(memory="8MiB", fork="cow", sbrk="lazy")
    proc = kernel.spawn(code=hl.asm("here: addi t0, t0, 1; j here"), name="spins")
    kernel.run(50)
    start = proc.sbrk(3 * hl.PGSIZE)
    proc.store_int(start, 7)
    child = proc.fork()
    assert isinstance(child, hl.Process)
    kernel.memory.write(kernel.memory.end - 4096, b"!")
    child.store_int(start, 8)
    assert child.load_int(start) == 8
    child.write(1, b"hello")
    kernel.inject(fail_kalloc=1)
    assert proc.myalloc(hl.PGSIZE) == -1
    kernel.step(20)
    snapshot = kernel.snapshot()
    child.exit(3)
    kernel.restore(snapshot)
    try:
        proc.wait()
    except hl.WouldBlock:
        child.exit(4)
    proc.wait()
    kernel.call("kalloc")
    kernel.run(10)
    return kernel


def panicked() -> hl.Kernel:
    """A run that ends in a panic."""
    kernel = hl.Kernel(memory="8MiB")
    kernel.spawn(family())
    kernel.step(40)
    kernel.memory.write(kernel.memory.end - 8, b"\0" * 8)
    top = int(kernel.free_list()["pa"][2])
    kernel.memory.write(top, (0x1234).to_bytes(8, "little"))  # the free list leads nowhere
    try:
        kernel.run()
    except hl.KernelPanic:
        assert kernel.panicked
    return kernel


def replaced() -> hl.Kernel:
    """Functions performed by Python and by C."""
    kernel = hl.Kernel(memory="8MiB")
    kernel.replace("kalloc", lambda k: k.native.kalloc())
    kernel.replace_c("void uvmclear(pagetable_t p, uint64 va) { *walk(p, va, 0) &= ~PTE_U; }")
    kernel.spawn(family())
    kernel.run()
    return kernel


HISTORIES: dict[str, Callable[[], hl.Kernel]] = {
    "ran": ran,
    "stepped": stepped,
    "driven": driven,
    "panicked": panicked,
    "replaced": replaced,
}


def at_random(seed: int) -> hl.Kernel:
    """Runs of all kinds, calls and changes, in any order; traced from the beginning."""
    chance = random.Random(seed)
    kernel = hl.Kernel(
        memory=chance.choice(["2MiB", "8MiB"]),
        fork=chance.choice(["cow", "copy"]),
        sbrk=chance.choice(["lazy", "eager"]),
        asid=chance.choice(["on", "off"]),
        timer_interval=chance.choice([500, 3000, 100_000]),
    )
    kernel.tracing(1 << 17)
    for _ in range(chance.randrange(5, 60)):
        try:
            _one_operation(kernel, chance)
        except hl.KernelPanic:
            break
        except (LookupError, RuntimeError, ValueError, MemoryError, hl.WouldBlock):
            pass  # what a process is not there for, or not in the state for
    return kernel


def _one_operation(kernel: hl.Kernel, chance: random.Random) -> None:
    pids = [int(pid) for pid in kernel.processes()["pid"] if pid > 1]
    process = kernel.process(chance.choice(pids)) if pids else kernel.spawn(family())
    va = chance.randrange(0x9000)
    chance.choice(
        [
            lambda: kernel.spawn(family()),
            lambda: kernel.run(chance.randrange(1, 5000), max_work=chance.choice([None, 5, 50])),
            lambda: kernel.run(5000, until=chance.choice(["trap", "syscall", "exit", "switch"])),
            lambda: kernel.step(chance.randrange(1, 30)),
            lambda: kernel.run_to("main", 3000),
            lambda: kernel.inject(fail_kalloc=chance.randrange(1, 20)),
            lambda: kernel.memory.write(kernel.memory.end - 4096, b""),
            process.fork,
            process.wait,
            process.exit,
            lambda: process.sbrk(chance.choice([4096, -4096, 10_000])),
            lambda: process.load(va, 4),
            lambda: process.store(va, b"abc"),
            lambda: process.myalloc(5000),
            lambda: process.exec(family()),
        ]
    )()
