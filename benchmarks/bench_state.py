"""States as values: what another kernel, a clone, a snapshot and a restore cost, in time and in memory.

Memory is looked at in a fresh interpreter each time, where nothing that has been freed can be taken again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from figure import Figure
from resident import resident

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
PROCESSES = 3  # fresh interpreters for each figure of memory
KEPT = 50  # of each, alive together, whose cost is divided by their number
CHANGED = 100  # pages
CLONES = 1000
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
IMPORT = "import numpy\nfrom resident import resident\nbefore = resident()\nimport hartlab"


def figures() -> Iterator[Figure]:
    for title in works():
        make, prepare = works()[title]
        times = [microseconds(make, prepare) for _ in range(REPEAT)]
        yield Figure(title, "us", times).at_most(200)
        growths = [value / KIB for value in in_fresh_interpreters(f"growth({title!r})")]
        yield Figure(f"{title}: resident memory", "KiB", growths).at_most(1024)
    both = in_fresh_interpreters("thousand_clones()")
    title = f"{CLONES} clones of a booted kernel of 128 MiB, and the kernel"
    yield Figure(title, "GiB", [made / GIB for made, _ in both]).at_most(1)
    yield Figure("the same after each has run a program", "GiB", [ran / GIB for _, ran in both]).at_most(1)
    idle = in_fresh_interpreters('idle(lambda: hl.Machine(memory="128MiB"))')
    yield Figure("machine of 128 MiB, idle", "MiB", [size / MIB for size in idle]).at_most(8)
    imported = [size / MIB for size in in_fresh_interpreters("resident() - before", IMPORT)]
    yield Figure("import hartlab, over NumPy: resident memory", "MiB", imported)
    booted = in_fresh_interpreters('idle(lambda: hl.Kernel(memory="128MiB"))')
    yield Figure("kernel of 128 MiB, booted and idle", "MiB", [size / MIB for size in booted])


Work = tuple[Callable[[], object], Callable[[], None]]


def works() -> dict[str, Work]:
    """What is measured, and what is done before each time."""
    kernel = hl.Kernel()
    before = kernel.snapshot()
    changes = Changes(kernel)
    return {
        "Kernel() after the first": (hl.Kernel, lambda: None),
        "clone": (kernel.clone, lambda: None),
        "snapshot": (kernel.snapshot, lambda: None),
        f"snapshot, {CHANGED} pages changed": (kernel.snapshot, changes),
        f"restore, {CHANGED} pages changed": (lambda: kernel.restore(before), changes),
    }


class Changes:
    """Writes to so many pages of a kernel's RAM, each time another byte."""

    def __init__(self, kernel: hl.Kernel) -> None:
        self._memory = kernel.memory
        self._first = kernel.end + 1024 * hl.PGSIZE
        self._byte = 0

    def __call__(self) -> None:
        self._byte = (self._byte + 1) % 256
        for i in range(CHANGED):
            self._memory.write(self._first + 7 * i * hl.PGSIZE, bytes([self._byte]))


def microseconds(make: Callable[[], object], prepare: Callable[[], None]) -> float:
    """CPU time of one; all are alive until the last is made."""
    kept, spent = [], 0.0
    for _ in range(KEPT):
        prepare()
        start = time.process_time()
        kept.append(make())
        spent += time.process_time() - start
    return spent / KEPT * 1e6


# -- in a fresh interpreter -------------------------------------------------------------------


def in_fresh_interpreters(expression: str, imports: str = "from bench_state import *") -> list[Any]:
    """What the expression comes to: a size in bytes, or several."""
    program = f"import json\n{imports}\nprint(json.dumps({expression}))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", program]
    return [
        json.loads(subprocess.check_output(command, text=True, env=environment)) for _ in range(PROCESSES)
    ]


def growth(title: str) -> float:
    """Resident bytes that one more adds, while all live."""
    make, prepare = works()[title]
    kept: list[object] = []
    for _ in range(2):  # what only the first costs, and the pages that `prepare` writes to in any case
        prepare()
        kept.append(make())
    before = resident()
    for _ in range(KEPT):
        prepare()
        kept.append(make())
    return (resident() - before) / KEPT


def thousand_clones() -> tuple[int, int]:
    """All alive at once, the kernel that they come from included; then after each has run a program."""
    code = hl.asm("li a0, 7; li a7, 2; ecall")
    before = resident()
    kernel = hl.Kernel(memory="128MiB")
    clones = [kernel.clone() for _ in range(CLONES)]
    made = resident() - before
    for clone in clones:
        clone.spawn(code=code)
        clone.run()
    return made, resident() - before


def idle(make: Callable[[], object]) -> int:
    before = resident()
    kept = make()
    after = resident()
    del kept
    return after - before
