"""A few machines that many pictures are drawn of."""

from __future__ import annotations

from functools import cache

import hartlab as hl


@cache
def family() -> tuple[hl.Snapshot, hl.Kernel, hl.Process, hl.Process]:
    """A process before it forks with copy on write, and the kernel with the parent and the child after."""
    kernel = hl.Kernel(fork="cow")
    kernel.run()
    parent = kernel.spawn(code=hl.asm("here: j here"), name="parent")
    parent.sbrk(2 * hl.PGSIZE)
    heap = parent.sbrk(4 * hl.PGSIZE, hl.SBRK_LAZY)
    parent.store(heap + 2 * hl.PGSIZE, b"touched")
    before = kernel.snapshot("before")
    child = parent.fork()
    assert isinstance(child, hl.Process)
    return before, kernel, parent, child


@cache
def traced() -> tuple[hl.Kernel, hl.Table]:
    """A program that forks, faults and waits, run to its end, and its events."""
    source = """
        li a7, 1
        ecall                   # fork
        beqz a0, child
        li a0, 0
        li a7, 3
        ecall                   # wait
        li t0, 0x1000
        sd a0, 0(t0)            # the guard page: it is killed
    child:
        li a0, 7
        li a7, 2
        ecall                   # exit
    """
    kernel = hl.Kernel()
    kernel.run()
    with kernel.tracing() as tracing:
        kernel.spawn(code=hl.asm(source), name="family")
        kernel.run()
    return kernel, tracing.table()
