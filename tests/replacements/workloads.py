"""What kernels are made to do, step by step, while one of them has functions replaced.

A workload is a generator: it works on a kernel, and after each step it yields what came of it. Two kernels
that are the same yield the same, and are the same after each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hartlab as hl
from kernel.programs_in_elf import elf
from kernel.support import SPIN
from oracles.exec_layout import Segment

Workload = Callable[[hl.Kernel], Iterator[Any]]
PAGE = hl.PGSIZE
FILES = {
    "tiny": [Segment(0, SPIN, len(SPIN), "rx")],
    "bss": [Segment(0, SPIN, len(SPIN), "rx"), Segment(PAGE, b"data", 3 * PAGE + 5, "rw")],
}

# The parent waits for the child and then writes to memory granted lazily. The child writes to an area, gives
# it back, and kills itself.
GUEST = hl.asm("""
    li a7, 1; ecall
    beqz a0, child
    li a0, 0; li a7, 3; ecall
    li a0, 8192; li a1, 2; li a7, 12; ecall
    sd a0, 0(a0)
    li a0, -4096; li a7, 12; ecall
    li a0, 7; li a7, 2; ecall
child:
    li a0, 8192; li a7, 23; ecall
    mv s0, a0
    sd s0, 8(s0)
    li a7, 24; ecall
    li a7, 11; ecall
    li a7, 6; ecall
    sd s0, 0(s0)
""")


def outcome(call: Callable[..., Any], *args: Any) -> Any:
    """What a call returns, or the name of what it raises."""
    try:
        result = call(*args)
    except (hl.PageFault, hl.WouldBlock, hl.ProcessGone) as error:
        return type(error).__name__
    return result.pid if isinstance(result, hl.Process) else result


def start(kernel: hl.Kernel) -> hl.Process:
    """A process with three pages of its own beside its program."""
    process = kernel.spawn(code=SPIN, name="first")
    top = process.sbrk(3 * PAGE)
    process.store(top, bytes(range(256)) * 48)
    return process


def fork(process: hl.Process) -> hl.Process:
    child = process.fork()
    assert isinstance(child, hl.Process)
    return child


def forks(kernel: hl.Kernel) -> Iterator[Any]:
    parent = start(kernel)
    yield parent.pid
    child, other = fork(parent), fork(parent)
    yield child.pid, other.pid
    parent.store(parent.sz - PAGE - 4, b"parent's")
    yield child.load(child.sz - PAGE - 4, 8)
    child.store(child.sz - 2 * PAGE, b"child's")
    yield parent.load(parent.sz - 2 * PAGE, 7)
    grandchild = fork(child)
    yield grandchild.pid
    yield outcome(parent.wait, parent.sz - 8)
    yield child.exit(-3)
    yield kernel.run(500_000).reason
    yield outcome(parent.wait, parent.sz - 8), parent.load(parent.sz - 8, 8)
    yield parent.kill(other.pid), parent.kill(9999)
    yield kernel.run(500_000).reason
    yield outcome(parent.wait, 1 << 40), outcome(parent.wait, 0)
    yield outcome(parent.wait, 0)
    yield grandchild.exit(0), parent.exit(0)
    yield kernel.run(500_000).reason


def programs(kernel: hl.Kernel) -> Iterator[Any]:
    process = start(kernel)
    for name, segments in FILES.items():
        kernel.files[name] = elf(segments)
    kernel.files["long"] = b"\x7fELF" + bytes(100)
    for path, args in (
        ("/bss", ["bss", "one", "two" * 100]),
        ("/nothing", []),
        ("/long", ["long"]),
        ("/tiny", ["x" * 3000, "y" * 3000]),
        ("/tiny", ["z"] * 31),
    ):
        yield process.exec(path, args)
        yield process.sz, process.load(process.sz - 64, 64)
    yield fork(process).exec("/bss", ["bss"])
    yield kernel.run(500_000).reason


def sizes(kernel: hl.Kernel) -> Iterator[Any]:
    process = start(kernel)
    for n, how in (
        (1, 1),
        (5 * PAGE, 1),
        (-PAGE - 1, 1),
        (6 * PAGE, 2),
        (1 << 30, 1),
        (-(1 << 20), 1),
        (0, 2),
    ):
        yield process.sbrk(n, how)
    top = process.sz
    yield outcome(process.store, top - PAGE - 2, b"four")
    yield outcome(process.load, top - 3 * PAGE, 8)
    yield outcome(process.load, top + PAGE, 8)
    yield outcome(process.store, 1 << 38, b"x")
    yield outcome(process.syscall, "write", 1, top - 4 * PAGE, 20)
    yield (
        outcome(process.syscall, "write", 1, top - 2 * PAGE - 10, 20),
        outcome(process.syscall, "write", 1, 1 << 38, 1),
    )
    yield process.sbrk(-3 * PAGE)
    yield kernel.run(200_000).reason
    yield process.exit(0)


def pipes(kernel: hl.Kernel) -> Iterator[Any]:
    writer = start(kernel)
    ends = writer.pipe()
    assert isinstance(ends, tuple)
    reader = fork(writer)
    yield ends
    yield writer.write(ends[1], b"through a pipe" * 10)
    yield reader.read(ends[0], 100)
    yield reader.sbrk(2 * PAGE, hl.SBRK_LAZY)
    yield outcome(reader.syscall, "read", ends[0], reader.sz - PAGE - 8, 40)
    yield outcome(reader.syscall, "read", ends[0], 0x3FFFFFE000, 4)
    yield writer.write(1, b"on the console\n")
    yield outcome(reader.syscall, "fstat", ends[0], 0)
    yield reader.close(ends[0]), writer.close(ends[0])
    yield outcome(writer.write, ends[1], b"nobody reads")
    yield writer.exit(0), reader.exit(0)
    yield kernel.run(200_000).reason


def areas(kernel: hl.Kernel) -> Iterator[Any]:
    process = start(kernel)
    starts = [process.myalloc(pages * PAGE) for pages in (2, 3, 1, 7)]
    yield starts
    process.store(starts[2], b"in an area")
    yield process.myfree(starts[1]), process.myfree(starts[1]), process.myfree(starts[2] + 8)
    child = fork(process)
    yield child.load(starts[2], 10)
    child.store(starts[3] + PAGE, b"the child's own")
    yield [process.myalloc(n) for n in (PAGE, 1, 3 * PAGE, 0, 1 << 40, -1)]
    kernel.console.send("\x10")
    yield kernel.console.text
    yield [process.myalloc(PAGE) for _ in range(5)]
    yield process.sbrk(1 << 24), process.sbrk(-PAGE)
    yield outcome(child.load, starts[1], 4)
    kernel.files["tiny"] = elf(FILES["tiny"])
    yield process.exec("/tiny", [])
    yield kernel.run(200_000).reason
    yield process.exit(0)


def failures(kernel: hl.Kernel) -> Iterator[Any]:
    """Each allocation of each call fails once."""
    process = start(kernel)
    kernel.files["bss"] = elf(FILES["bss"])
    yield process.sbrk(2 * PAGE, hl.SBRK_LAZY)
    attempts: list[Callable[[], Any]] = [
        lambda: process.myalloc(3 * PAGE),
        lambda: outcome(process.fork),
        lambda: process.sbrk(3 * PAGE),
        lambda: outcome(process.store, process.sz - PAGE, b"lazy"),
        lambda: outcome(process.pipe),
        lambda: process.exec("/bss", ["bss"]),
    ]
    for attempt in attempts:
        for number in range(1, 20):
            kernel.inject(fail_kalloc=number)
            result = attempt()
            left = kernel._engine.kalloc_failure_in
            kernel.inject(fail_kalloc=0)
            yield result
            if left:  # it needs no more allocations than that
                break


def guests(kernel: hl.Kernel) -> Iterator[Any]:
    """A program that does all of it by itself, looked at whenever it enters the kernel."""
    kernel.spawn(code=GUEST, name="guest")
    while True:
        end = kernel.run(1_000_000, until="trap")
        yield end.reason, end.pid, str(end)
        if end.reason in ("finished", "budget"):
            return


WORKLOADS: dict[str, Workload] = {
    each.__name__: each for each in (forks, programs, sizes, pipes, areas, failures, guests)
}
