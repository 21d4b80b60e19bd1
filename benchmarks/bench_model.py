"""What the kernel model does for a process, beside the host's own Linux doing it for the same program."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import programs
from figure import Figure, alternate

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
ROUNDS = 400
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
        return ROUNDS / (run("children", ROUNDS, *arguments) - run("children", 0, *arguments))

    contenders = [partial(rate, programs.on_model, becomes)]
    if programs.have_host():
        contenders.append(partial(rate, programs.on_host, programs.for_host(becomes) if becomes else ""))
    mine, *host = alternate(contenders, REPEAT)
    size = (len(programs.for_model("children").elf) + 1023) // 1024
    figure = Figure(
        title, "a second", mine, *host, "Linux" if host else "", how=f"a static program, {size} KiB"
    )
    yield figure.beside_peer(f"{times:g} times Linux", least=times) if times else figure


def growth(title: str, how: str) -> Iterator[Figure]:
    """Time of a page: in frames that nobody has touched since boot, and in those just given back."""
    arguments = ("growth", 3, PAGES, how)
    contenders = [partial(programs.phases_on_model, *arguments)]
    if programs.have_host():
        contenders.append(partial(programs.phases_on_host, *arguments))
    phases = [[contender() for contender in contenders] for _ in range(REPEAT)]
    for words, limit, which in (("cold", 4, slice(0, 1)), ("warm", 1, slice(1, None))):
        mine, *host = (
            [statistics.median(one[i][which]) / PAGES * US for one in phases] for i in range(len(contenders))
        )
        figure = Figure(f"{title}, frames {words}", "us", mine, *host, "Linux" if host else "")
        yield figure.at_most(limit)


def fork_beside_memcpy() -> Figure:
    """The call alone, made for a process of 64 pages; its child is gone again before the next."""
    kernel = hl.Kernel()
    process = kernel.spawn(programs.for_model("nothing"))
    process.sbrk(FORKED * hl.PGSIZE - process.sz)
    present = len(process.page_table.entries(last=process.sz - 1))

    def fork() -> float:
        total, calls = 0.0, 50
        for _ in range(calls):
            start = time.process_time()
            child = process.fork()
            total += time.process_time() - start
            child.exit(0)
            process.wait()
        return total / calls * US

    def memcpy() -> float:
        rounds = 500
        return programs.phases_on_host("copies", rounds, present)[0] / rounds * US

    contenders = [fork, memcpy] if programs.have_host() else [fork]
    mine, *host = alternate(contenders, REPEAT)
    figure = Figure(f"fork of {present} pages, frames warm", "us", mine, *host, "memcpy" if host else "")
    return figure.beside_peer("3 times memcpy", most=3)
