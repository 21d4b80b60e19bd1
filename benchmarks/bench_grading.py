"""Grading the copy-on-write lab: submissions a second, in C, cold and warm, in Python, and on each executor.

Wall-clock time on all cores, unlike most: the work is other processes'; and processor time on one core, with
that of compilers and players, which a busy computer changes less. Submissions differ from one another in a
comment, so that none finds another's compiled code. One of three is right, the others are the lab's wrong
ones.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from figure import Figure, seconds

import hartlab as hl
from hartlab.grading import grade
from hartlab.grading.isolating import isolation_of

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "3"))
COUNT = int(os.environ.get("HARTLAB_BENCH_SUBMISSIONS", "300"))
SOME = max(COUNT // 5, 2)
LAB = hl.lab("copy-on-write")


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HARTLAB_CACHE"] = str(Path(folder, "cache"))
        level = isolation_of().level
        c, python = (written(Path(folder, language), language) for language in ("c", "py"))
        grade(LAB.name, [c[0], python[0]], progress=False)  # the processes are there, and the stubs compiled
        cold = [throughput(c)]
        yield Figure(f"{COUNT} of C, nothing compiled before, {level}", "submissions/s", cold)
        yield Figure(
            f"{COUNT} of C, compiled before, {level}", "submissions/s", [throughput(c) for _ in range(REPEAT)]
        )
        fresh = [written(Path(folder, f"fresh_{i}"), "c", f"{i} of") for i in range(REPEAT)]
        cost = [processor_time(each[:SOME]) for each in fresh]
        yield Figure("one of C, nothing compiled before, processor", "ms", cost)
        cost = [processor_time(c[:SOME]) for _ in range(REPEAT)]
        yield Figure("one of C, compiled before, processor", "ms", cost).at_most(100, "10 a second a core")
        yield Figure(
            "one of Python, processor, landlock",
            "ms",
            [processor_time(python[:SOME], isolation="landlock") for _ in range(REPEAT)],
        )
        yield Figure(
            f"{COUNT} of Python, {level}", "submissions/s", [throughput(python) for _ in range(REPEAT)]
        )
        for weaker in ("landlock", "limits"):
            samples = [throughput(python[:SOME], isolation=weaker) for _ in range(REPEAT)]
            yield Figure(f"{SOME} of Python, {weaker}", "submissions/s", samples)
        yield from by_executor(c[:SOME])
        base = LAB.kernel()
        yield Figure("a clone for a check", "us", [1e4 * seconds(lambda: clones(base)) for _ in range(10)])


def by_executor(handed: list[Path]) -> Iterator[Figure]:
    from distributed import Client

    with (
        ThreadPoolExecutor(os.cpu_count()) as threads,
        Client(n_workers=os.cpu_count(), threads_per_worker=1, dashboard_address=None) as client,
    ):
        executors: dict[str, Any] = {
            "serial": "serial",
            "processes": None,
            "threads": threads,
            "dask, local workers": client,
        }
        for name, executor in executors.items():
            throughput(handed, executor=executor)
            samples = [throughput(handed, executor=executor) for _ in range(REPEAT)]
            yield Figure(f"{len(handed)} of C, compiled before, {name}", "submissions/s", samples)


def written(folder: Path, language: str, text: str = "") -> list[Path]:
    """Submissions of a language, each a file of its own, with that text in it."""
    folder.mkdir()
    wrong = [each.path.read_text("utf-8") for each in LAB.wrong() if each.path.suffix == f".{language}"]
    right = LAB.reference("c" if language == "c" else "python")
    texts = itertools.cycle(text for each in wrong for text in (right, each, wrong[0]))
    mark = "//" if language == "c" else "#"
    paths = []
    for number in range(COUNT):
        paths.append(folder / f"student_{number:03}.{language}")
        paths[-1].write_text(f"{next(texts)}\n{mark} {text} {number}\n")
    return paths


def throughput(handed: list[Path], **options: Any) -> float:
    """Submissions a second."""
    started = time.perf_counter()
    grade(LAB.name, handed, progress=False, **options)
    return len(handed) / (time.perf_counter() - started)


def processor_time(handed: list[Path], **options: Any) -> float:
    """Milliseconds of processor time that one takes, in this process and in what it starts."""
    before = sum(os.times()[:4])
    grade(LAB.name, handed, executor="serial", progress=False, **options)
    return 1e3 * (sum(os.times()[:4]) - before) / len(handed)


def clones(base: hl.Kernel) -> None:
    """A hundred of them."""
    for _ in range(100):
        base.clone().close()
