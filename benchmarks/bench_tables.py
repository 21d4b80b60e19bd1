"""Tables: a million pages as an array, of a page table and of the census of frames."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from figure import Figure

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
LEAVES = 1 << 20
FRAMES = (1 << 30) // hl.PGSIZE  # the most that a machine has
LIMIT = 20.0  # ms for a million


def figures() -> Iterator[Figure]:
    machine, root = machine_with_leaves()
    # The engine's own call: PageTable.entries stops where pages must have been listed more than once.
    entries = partial(machine._engine.page_table_entries, root, False, 0, (1 << 64) - 1, 2 * LEAVES)
    yield Figure("page table of 1 M pages", "ms", timed(entries, LEAVES)).at_most(LIMIT)
    kernel = hl.Kernel(memory="1GiB")
    for title, census in (("census", kernel.frames), ("free list", kernel.free_list)):
        rows = len(census())
        per_million = [ms * LEAVES / rows for ms in timed(census, rows)]
        figure = Figure(f"{title}, for 1 M pages", "ms", per_million, how=f"from {rows} rows")
        yield figure.at_most(LIMIT) if title == "census" else figure


def timed(make: Callable[[], np.ndarray], rows: int) -> list[float]:
    """CPU milliseconds; the array made before is gone by then."""
    times = []
    for _ in range(REPEAT):
        start = time.process_time()
        made = make()
        times.append((time.process_time() - start) * 1e3)
        if len(made) != rows:
            raise RuntimeError(f"{len(made)} rows in place of {rows}")
        del made
    return times


def machine_with_leaves() -> tuple[hl.Machine, int]:
    """A page table of a million leaves: all of them name the machine's first frames, over and over."""
    machine = hl.Machine(memory="32MiB")
    base, tables = machine.memory.base, LEAVES // 512
    root, middle = base + (16 << 20), base + (16 << 20) + hl.PGSIZE
    lowest = middle + tables // 512 * hl.PGSIZE

    def pointers(first: int, count: int) -> np.ndarray:
        numbers = np.arange(count, dtype=np.uint64) + np.uint64(first >> 12)
        return numbers << np.uint64(10) | np.uint64(hl.PTE_V)

    machine.memory.write(root, pointers(middle, tables // 512).tobytes())
    machine.memory.write(middle, pointers(lowest, tables).tobytes())
    leaf = np.uint64(hl.PTE_V | hl.PTE_R | hl.PTE_W | hl.PTE_A | hl.PTE_D)
    numbers = np.arange(LEAVES, dtype=np.uint64) % np.uint64(4096) + np.uint64(base >> 12)
    machine.memory.write(lowest, (numbers << np.uint64(10) | leaf).tobytes())
    return machine, root
