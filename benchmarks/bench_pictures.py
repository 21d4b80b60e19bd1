"""Pictures: what a notebook's cell waits for, of a small machine and of one with 128 MiB."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from figure import Figure

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
SMALL, LARGE = 300.0, 2000.0  # ms
EVENTS = 100_000


def figures() -> Iterator[Figure]:
    hl.pictures.address(0).svg()  # matplotlib is loaded once in a session
    for memory, limit in (("32MiB", SMALL), ("128MiB", LARGE)):
        for name, make in drawings(memory).items():
            yield Figure(f"{name}, {memory[:-3]} MiB", "ms", timed(make)).at_most(limit)
    yield Figure(f"timeline of {EVENTS:,} events", "ms", timed(partial(hl.pictures.timeline, many_events())))


def drawings(memory: str) -> dict[str, Callable[[], hl.pictures.Picture]]:
    """Each picture, of a machine in which half of the memory is a process's."""
    kernel = hl.Kernel(memory=memory, fork="cow")
    with kernel.tracing() as tracing:
        kernel.run()
        process = kernel.spawn(code=hl.asm("here: j here"), name="busy")
        process.sbrk(kernel.free_pages // 2 * hl.PGSIZE)
        before = kernel.snapshot()
        child = process.fork()
        assert isinstance(child, hl.Process)
        for page in range(0, 400, 2):
            child.store(0x3000 + page * hl.PGSIZE, b"its own")
    p = hl.pictures
    use = hl.working_set(kernel, window=500, max_instructions=50_000)
    return {
        "address": partial(p.address, 0x3FFFFFE010),
        "page_table": partial(p.page_table, process),
        "page_table of the kernel": partial(p.page_table, kernel),
        "walk": partial(p.walk, process, 0x5010),
        "address_space of two": partial(p.address_space, process, child),
        "frames": partial(p.frames, kernel),
        "free_list": partial(p.free_list, kernel),
        "timeline": partial(p.timeline, tracing),
        "fork_tree": partial(p.fork_tree, kernel),
        "tlb": partial(p.tlb, kernel),
        "curves": partial(p.curves, use),
        "bits of a PTE": partial(p.bits, process.page_table.pte(0x3000)),
        "bits of a trapframe": partial(p.bits, process, "trapframe"),
        "difference": partial(p.difference, before, kernel),
        "squares": partial(p.squares, ["text", "", "heap"] * 100),
    }


def timed(make: Callable[[], hl.pictures.Picture]) -> list[float]:
    """CPU milliseconds from the state to what a notebook shows: drawing, PNG and text."""
    times = []
    for _ in range(REPEAT):
        start = time.process_time()
        shown = make()._repr_mimebundle_()
        times.append((time.process_time() - start) * 1e3)
        if "image/png" not in shown:
            raise RuntimeError("the picture was not drawn")
    return times


def many_events() -> np.ndarray:
    """A trace as of a long run: that of a short one over and over, at random times."""
    kernel = hl.Kernel()
    with kernel.tracing() as tracing:
        kernel.spawn(code=hl.asm("li a7, 11\nagain: ecall\nj again"))
        kernel.run(2000)
    events = np.resize(tracing.table(), EVENTS)
    events["time"] = np.sort(np.random.default_rng(1).integers(0, 10_000_000, EVENTS))
    return events
