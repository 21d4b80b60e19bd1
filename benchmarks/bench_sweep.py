"""Sweeps: points a second, by executor. A sweep of each is run before, so that no process has to be started.

Wall-clock time, unlike most: the work is other processes'.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from figure import Figure, alternate

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "5"))
POINTS = 2000
LOOP = hl.asm("loop: addi a0, a0, 1\nj loop")
TURNS = 1_000_000


def figures() -> Iterator[Figure]:
    with ThreadPoolExecutor(os.cpu_count()) as threads, dask_client() as client:
        executors = {"serial": "serial", "processes": None, "threads": threads, "dask, local workers": client}
        for what, experiment, points in (
            ("clone and count free pages", count, POINTS),
            (f"clone and run {TURNS:,} instructions", run, POINTS // 4),
        ):
            work = [throughput(experiment, points, executor) for executor in executors.values()]
            for one in work:
                one()
            for name, samples in zip(executors, alternate(work, REPEAT), strict=True):
                yield Figure(f"{what}, {name}", "points/s", samples)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results"
        hl.sweep(count, {"i": range(POINTS)}, executor="serial", results=file, progress=False)
        resume = throughput(count, POINTS, "serial", results=file)
        yield Figure("read from a results file", "points/s", [resume() for _ in range(REPEAT)])


def dask_client() -> Any:
    from distributed import Client

    return Client(n_workers=os.cpu_count(), threads_per_worker=1, dashboard_address=None)


def count(kernel: hl.Kernel, i: int) -> int:
    return kernel.free_pages


def run(kernel: hl.Kernel, i: int) -> int:
    kernel.spawn(code=LOOP)
    return kernel.run(TURNS + i).instructions


def throughput(
    experiment: Callable[..., int], points: int, executor: Any, **options: Any
) -> Callable[[], float]:
    def sample() -> float:
        start = time.perf_counter()
        hl.sweep(experiment, {"i": range(points)}, executor=executor, progress=False, **options)
        return points / (time.perf_counter() - start)

    return sample
