"""Grades the same submissions again and again, and holds every outcome to the first run's.

Submissions are right, wrong and hostile ones in both languages, without those that use up their time. Every
second run has a process for each core that does nothing but compute, so that what depends on the clock shows.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hartlab as hl
from hartlab.grading import grade

HOSTILE = Path(__file__).resolve().parent.parent / "tests" / "grading" / "hostile"
LAB = hl.lab("walk-and-mappages")


def main() -> int:
    """Soak, and say whether all runs agreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--submissions", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        handed = written(Path(folder), arguments.submissions)
        first: list[str] = []
        for run in range(1, arguments.runs + 1):
            started = time.monotonic()
            with busy(run % 2 == 0):
                found = [each.to_json() for each in grade(LAB.name, handed, progress=False)]
            first = first or found
            differ = [
                path.name for path, one, other in zip(handed, first, found, strict=True) if one != other
            ]
            took = time.monotonic() - started
            print(f"run {run}: {took:.1f} s, load {os.getloadavg()[0]:.1f}, {len(differ)} differ", flush=True)
            if differ:
                print(f"different from run 1: {', '.join(differ)}", file=sys.stderr)
                return 1
    print(f"{arguments.runs} runs of {len(handed)} submissions: every outcome is the same")
    return 0


def written(folder: Path, count: int) -> list[Path]:
    """Half of them honest, half hostile."""
    honest = [LAB.folder / f"reference.{suffix}" for suffix in ("c", "py")] + [
        each.path for each in LAB.wrong()
    ]
    hostile = sorted(each for each in HOSTILE.iterdir() if each.suffix in (".c", ".py") and is_quick(each))
    step = max(len(hostile) // max(count // 2, 1), 1)
    paths = []
    turns = itertools.cycle([itertools.cycle(honest), itertools.cycle(hostile[::step])])
    for number, turn in zip(range(count), turns, strict=False):
        path = next(turn)
        paths.append(folder / f"{number:03}_{path.name}")
        paths[-1].write_bytes(path.read_bytes())
    return paths


def is_quick(path: Path) -> bool:
    """Whether it is ended by a count, and not by the time it may use."""
    text = path.read_text("utf-8")
    return not any(words in text for words in ("slow: yes", "used up its time", "the compiler was ended"))


@contextmanager
def busy(on: bool) -> Iterator[None]:
    """With every core kept busy by somebody else."""
    context = multiprocessing.get_context("spawn")
    burners = [context.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)] if on else []
    for each in burners:
        each.start()
    try:
        yield
    finally:
        for each in burners:
            each.terminate()
            each.join()


def burn() -> None:
    """Compute until the end."""
    while True:
        sum(range(100_000))


if __name__ == "__main__":
    sys.exit(main())
