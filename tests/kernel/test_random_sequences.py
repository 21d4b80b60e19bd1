"""Random sequences of system calls and accesses, with allocation failures, against the reference kernel.

After each step processes, page tables, contents of pages and the order of the free list are compared with
the oracle's, and the audit must find nothing. ``HARTLAB_EXAMPLES`` sets how many sequences each configuration
is given; ``HARTLAB_SHRINK`` has Hypothesis make a failing one as short as possible.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import hartlab as hl
from kernel.side_by_side import PROGRAMS, SideBySide, booted

EXAMPLES = int(os.environ.get("HARTLAB_EXAMPLES", "10"))
SHRINK = "HARTLAB_SHRINK" in os.environ  # takes minutes
STEPS = 50

CONFIGURATIONS = [
    {"xv6": "2025", "fork": "copy", "asid": "off", "areas": "first"},
    {"xv6": "2025", "fork": "cow", "asid": "off", "areas": "best"},
    {"xv6": "2025", "fork": "cow", "asid": "on", "areas": "next"},
    {"xv6": "2020", "fork": "copy", "asid": "on", "areas": "best"},
    {"xv6": "2020", "fork": "cow", "asid": "off", "areas": "first"},
]
configured = pytest.mark.parametrize(
    "options", CONFIGURATIONS, ids=lambda options: "-".join(options.values())
)

PROGRAM = sorted(PROGRAMS)
LENGTHS = [0, 1, 15, 16, 300, 4000]  # of arguments
PARTS = [0.0, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0, 1.2, 1.5, 1.9]  # of a size, or of the areas
BREAKS = [0, 1, -1, 4095, 4097, 1 << 21, 1 << 30, (1 << 31) - 1, -(1 << 31), -(1 << 20)]
AREA_SIZES = [0, 1, -1, 4096, 4097, -4096, 1 << 21, 1 << 30, 1 << 37, 1 << 38, 1 << 63]
BESIDE = [0, 0, 0, 0, 0, 1, 4096, -4096, 1 << 40]  # of an area's start
HOW = [hl.SBRK_EAGER, hl.SBRK_EAGER, hl.SBRK_LAZY, hl.SBRK_LAZY, 0, 12345]
FAILING = [0, 0, 0, 0, 1, 2, 3, 4, 5, 7, 9, 12]

WHO = st.integers(0, 63)
ARGUMENTS = st.lists(st.sampled_from(LENGTHS), max_size=4)
SIZES = st.one_of(
    st.integers(-3, 9).map(lambda pages: pages * hl.PGSIZE),
    st.integers(-20_000, 40_000),
    st.sampled_from(BREAKS),
)
AREAS = st.one_of(
    st.integers(0, 12).map(lambda pages: pages * hl.PGSIZE),
    st.integers(1, 30_000),
    st.sampled_from(AREA_SIZES),
)
PLACES = st.tuples(st.sampled_from(PARTS), st.integers(-10_000, 2000))
FAILURES = st.sampled_from(FAILING)


class Sequences(RuleBasedStateMachine):
    """The rules; the work is SideBySide's."""

    base: tuple[hl.Kernel, hl.Snapshot]

    def __init__(self) -> None:
        super().__init__()
        self.both = SideBySide(*self.base)

    @initialize()
    def first(self) -> None:
        self.both.spawn("tiny", [5], 0)

    @rule(program=st.sampled_from(PROGRAM), lengths=ARGUMENTS, failure=FAILURES)
    def spawn(self, program: str, lengths: list[int], failure: int) -> None:
        self.both.spawn(program, lengths, failure)

    @rule(who=WHO, failure=FAILURES)
    def fork(self, who: int, failure: int) -> None:
        self.both.fork(who, failure)

    @rule(who=WHO, program=st.sampled_from(PROGRAM), lengths=ARGUMENTS, failure=FAILURES)
    def exec(self, who: int, program: str, lengths: list[int], failure: int) -> None:
        self.both.exec(who, program, lengths, failure)

    @rule(who=WHO, n=SIZES, how=st.sampled_from(HOW), failure=FAILURES)
    def sbrk(self, who: int, n: int, how: int, failure: int) -> None:
        self.both.sbrk(who, n, how, failure)

    @rule(who=WHO, n=AREAS, failure=FAILURES)
    def myalloc(self, who: int, n: int, failure: int) -> None:
        self.both.myalloc(who, n, failure)

    @rule(who=WHO, which=st.integers(0, 8), offset=st.sampled_from(BESIDE))
    def myfree(self, who: int, which: int, offset: int) -> None:
        self.both.myfree(who, which, offset)

    @rule(who=WHO, place=PLACES, value=st.binary(min_size=1, max_size=24), failure=FAILURES)
    def store(self, who: int, place: tuple[float, int], value: bytes, failure: int) -> None:
        self.both.touch(who, place, failure, value, len(value))

    @rule(who=WHO, place=PLACES, size=st.integers(1, 24), failure=FAILURES)
    def load(self, who: int, place: tuple[float, int], size: int, failure: int) -> None:
        self.both.touch(who, place, failure, None, size)

    @rule(who=WHO, place=st.one_of(st.none(), PLACES), failure=FAILURES)
    def wait(self, who: int, place: tuple[float, int] | None, failure: int) -> None:
        self.both.wait(who, place, failure)

    @rule(who=WHO, status=st.integers(-3, 300))
    def exit(self, who: int, status: int) -> None:
        self.both.exit(who, status)

    @rule(who=WHO, victim=st.one_of(WHO, st.none()))
    def kill(self, who: int, victim: int | None) -> None:
        self.both.kill(who, victim)

    @rule(ticks=st.integers(0, 3))
    def run(self, ticks: int) -> None:
        self.both.run(ticks)

    @invariant()
    def nothing_diverges(self) -> None:
        self.both.compare()

    def teardown(self) -> None:
        self.both.finish()


@configured
def test_random_sequences_never_diverge_from_the_reference(options: dict[str, str]) -> None:
    machine = type("Sequences", (Sequences,), {"base": booted(**options)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize="HARTLAB_EXAMPLES" not in os.environ,
            database=None,
            print_blob=True,
            phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if SHRINK else [])],
        ),
    )


# -- long walks -------------------------
# Hypothesis finds odd arguments; a plain walk stays longer and keeps families of processes that share much.


def steps(both: SideBySide, rng: random.Random) -> dict[Callable[[], None], int]:
    """What may come next, with its weight."""

    def who() -> int:
        return rng.randrange(64)

    def failure() -> int:
        return rng.choice(FAILING)

    def place() -> tuple[float, int]:
        return rng.choice(PARTS), rng.randrange(-10_000, 2000)

    def lengths() -> list[int]:
        return [rng.choice(LENGTHS) for _ in range(rng.randrange(4))]

    def area() -> int:
        return rng.choice([rng.randrange(12) * hl.PGSIZE, rng.randrange(1, 30_000), rng.choice(AREA_SIZES)])

    def size() -> int:
        kinds = [rng.randrange(-3, 9) * hl.PGSIZE, rng.randrange(-20_000, 40_000), rng.choice(BREAKS)]
        return rng.choice(kinds)

    return {
        lambda: both.spawn(rng.choice(PROGRAM), lengths(), failure()): 4,
        lambda: both.fork(who(), failure()): 12,
        lambda: both.exec(who(), rng.choice(PROGRAM), lengths(), failure()): 6,
        lambda: both.sbrk(who(), size(), rng.choice(HOW), failure()): 16,
        lambda: both.myalloc(who(), area(), failure()): 12,
        lambda: both.myfree(who(), rng.randrange(9), rng.choice(BESIDE)): 8,
        lambda: both.touch(who(), place(), failure(), None, rng.randrange(1, 24)): 12,
        lambda: store(both, who(), place(), failure(), rng.randbytes(rng.randrange(1, 24))): 24,
        lambda: both.wait(who(), rng.choice([None, place()]), failure()): 12,
        lambda: both.exit(who(), rng.randrange(-3, 300)): 5,
        lambda: both.kill(who(), rng.choice([None, who()])): 3,
        lambda: both.run(rng.randrange(3)): 6,
    }


def store(both: SideBySide, who: int, place: tuple[float, int], failure: int, value: bytes) -> None:
    both.touch(who, place, failure, value, len(value))


def walk(both: SideBySide, seed: str, length: int) -> None:
    """Take random steps, and compare after each."""
    rng = random.Random(seed)
    choices = steps(both, rng)
    for number in range(length):
        (step,) = rng.choices(list(choices), list(choices.values()))
        try:
            step()
            both.compare()
        except AssertionError as error:
            error.add_note(f"at step {number} of seed {seed}")
            raise
    both.finish()


@configured
def test_long_random_walks_never_diverge_from_the_reference(options: dict[str, str]) -> None:
    base = booted(**options)
    for seed in range(max(EXAMPLES // 3, 1)):
        walk(SideBySide(*base), f"{seed} {options}", 250)
