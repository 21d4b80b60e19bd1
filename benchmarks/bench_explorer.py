"""The explorer: what it takes to find 100,000 events again, and to step, jump and look among them.

A step is what the notebook waits for when an arrow key is pressed: the state at the next event, what is
different from the one before, and the page that shows it, with a variable watched. In CPU time.
"""

from __future__ import annotations

import functools
import os
import random
import time
from collections.abc import Callable, Iterator

from figure import Figure

import hartlab as hl
from hartlab.explorer.page import Page

EVENTS = 100_000
STEPS = int(os.environ.get("HARTLAB_BENCH_STEPS", "60"))
REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
# Forks, page faults, growth and exits, with so much computing in between that the run is long too.
PROGRAM = """
#include "user.h"
int counter;
int main(void) {
    for (;;) {
        counter++;
        if (fork() == 0) {
            char *p = sbrk(40960);
            for (int i = 0; i < 10; i++) p[4096 * i] = i;
            for (volatile int i = 0; i < 20000; i++) ;
            exit(0);
        }
        wait(0);
    }
}
"""


def figures() -> Iterator[Figure]:
    program = hl.cc(PROGRAM, name="families")
    for memory in ("32MiB", "128MiB"):
        kernel = kernel_with_events(program, memory)
        name = f"{EVENTS:,} events, {memory.removesuffix('MiB')} MiB"
        made = [timed(functools.partial(hl.explore, kernel, capacity=EVENTS)) for _ in range(REPEAT)]
        yield Figure(f"explore(kernel) of {name}, {kernel.instructions / 1e6:.0f} M instructions", "ms", made)
        steps, jumps = steps_and_jumps(hl.explore(kernel, capacity=EVENTS))
        yield Figure(f"step among {name}", "ms", steps).at_most(100)
        yield Figure(f"the slowest of {len(steps)} steps among {name}", "ms", [max(steps)]).at_most(100)
        yield Figure(f"jump among {name}", "ms", jumps).at_most(100)
        yield Figure(f"the slowest of {len(jumps)} jumps among {name}", "ms", [max(jumps)])


def steps_and_jumps(explorer: hl.Explorer) -> tuple[list[float], list[float]]:
    """Times of steps, and of jumps to where nobody has been."""
    explorer.watch("counter")
    explorer.hidden.clear()
    chance = random.Random(1)
    steps, jumps = [], []
    for _ in range(STEPS):
        explorer.position = chance.randrange(len(explorer))
        jumps.append(timed(lambda: show(explorer)))
        steps += [timed(lambda n=n: (explorer.step(n), show(explorer))) for n in (1, 1, -1)]
    return steps, jumps


def kernel_with_events(program: hl.Program, memory: str) -> hl.Kernel:
    kernel = hl.Kernel(memory=memory, fork="cow")
    kernel.spawn(program)
    counting = kernel.tracing(1)
    while kernel._engine.events_total < EVENTS:
        kernel.run(1_000_000)
    counting.stop()
    return kernel


def show(explorer: hl.Explorer) -> str:
    return Page(explorer.view(), live=True).html()


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1e3 * (time.process_time() - start)
