"""What the kernel model does for a process, beside the host's own Linux doing it for the same program."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import compiled
from figure import Figure, alternate

import hartlab as hl
from hartlab.system_calls import NUMBERS

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
ROUNDS = {compiled.on_model: 2000, compiled.on_host: 400}
PAGES = 512  # of the heap that grows
FORKED = 64  # pages of the process whose fork is compared with memcpy
DATA = 128  # pages of data of the larger process
US = 1e6


def figures() -> Iterator[Figure]:
    yield from children("fork + exit + wait", 5)
    yield from children(f"fork + exit + wait, {DATA} more pages of data", None, pages=DATA)
    yield from children("fork + exec + wait", 10, becomes="nothing")
    yield from growth("sbrk of a page and touch", "sbrk")
    yield from growth("lazy page fault and the instruction again", "fault")
    yield fork_beside_memcpy()


def children(title: str, times: float | None, *, pages: int = 0, becomes: str = "") -> Iterator[Figure]:
    """Rate of a process that has children, a run of none subtracted."""

    def rate(run: Callable[..., float], program: str) -> float:
        arguments = (pages, program) if program else (pages,)
        return ROUNDS[run] / (run("children", ROUNDS[run], *arguments) - run("children", 0, *arguments))

    contenders = [partial(rate, compiled.on_model, becomes)]
    if compiled.have_host():
        contenders.append(partial(rate, compiled.on_host, compiled.for_host(becomes) if becomes else ""))
    figure = paired(title, "a second", alternate(contenders, REPEAT), "Linux")
    figure.how = f"a static program, an ELF file of {len(compiled.for_model('children').elf) >> 10} KiB"
    yield figure.beside_peer(f"{times:g} times Linux", least=times) if times else figure


def growth(title: str, how: str) -> Iterator[Figure]:
    """Time of a page: in frames that nobody has touched since boot, and in those just given back."""
    arguments = ("growth", 3, PAGES, how)
    contenders = [partial(compiled.phases_on_model, *arguments)]
    if compiled.have_host():
        contenders.append(partial(compiled.phases_on_host, *arguments))
    rounds = [[contender() for contender in contenders] for _ in range(REPEAT)]
    for words, limit, which in (("cold", 4, slice(0, 1)), ("warm", 1, slice(1, None))):
        samples = [
            [statistics.median(phases[which]) / PAGES * US for phases in one]
            for one in zip(*rounds, strict=True)
        ]
        yield paired(f"{title}, frames {words}", "us", samples, "Linux").at_most(limit)


def fork_beside_memcpy() -> Figure:
    """The call alone, made for a process of 64 pages; its child is gone again before the next."""
    kernel = hl.Kernel()
    process = kernel.spawn(compiled.for_model("nothing"))
    process.sbrk(FORKED * hl.PGSIZE - process.sz)
    present = len(process.page_table.entries(last=process.sz - 1))
    rounds = 100

    def call(name: str) -> tuple[float, int]:
        start = time.process_time()
        _, result = kernel._engine.drive(process.pid, NUMBERS[name], [0] * 6)
        return time.process_time() - start, result

    def fork() -> float:
        total = 0.0
        for _ in range(rounds):
            seconds, pid = call("fork")
            total += seconds - call("getpid")[0]  # which does nothing but get there and back
            kernel.process(pid).exit(0)
            process.wait()
        return total / rounds * US

    def memcpy() -> float:
        return compiled.phases_on_host("copies", rounds, present)[0] / rounds * US

    contenders = [fork, memcpy] if compiled.have_host() else [fork]
    figure = paired(f"fork of {present} pages, frames warm", "us", alternate(contenders, REPEAT), "memcpy")
    return figure.beside_peer("3 times memcpy", most=3)


def paired(title: str, unit: str, samples: list[list[float]], peer: str) -> Figure:
    """A figure of the model's samples, and the peer's if there are any."""
    mine, theirs = samples if len(samples) == 2 else (samples[0], [])
    return Figure(title, unit, mine, theirs, peer if theirs else "")
