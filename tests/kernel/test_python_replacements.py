"""The functions of the kernel written in Python: all of them together, and each, make no difference."""

from __future__ import annotations

import os
import random

import pytest

import hartlab as hl
from hartlab.toolchain import find_compilers
from kernel.side_by_side import SideBySide, booted
from kernel.test_random_sequences import steps
from programs import PROGRAMS
from replacements import in_python
from replacements.lockstep import run_in_lockstep

PYTHON = in_python()
SMALL = {"heap", "forktree", "pipes", "breaks"}  # that make many calls and execute little
OPTIONS = [{"fork": "copy"}, {"fork": "cow", "sbrk": "lazy"}]
LENGTH = int(os.environ.get("HARTLAB_SEAM_STEPS", "40"))


def replace_all(kernel: hl.Kernel) -> None:
    for name, function in PYTHON.items():
        kernel.replace(name, function)


@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_random_sequences_do_not_notice_all_of_them(fork: str) -> None:
    kernel, start = booted(xv6="2025", fork=fork)
    replace_all(kernel)
    for seed in range(2):
        both, rng = SideBySide(kernel, start), random.Random(f"{seed} {fork}")
        choices = steps(both, rng)
        for _ in range(LENGTH):
            (step,) = rng.choices(list(choices), list(choices.values()))
            step()
            both.compare()
        both.finish()


@pytest.mark.parametrize("name", PYTHON)
def test_random_sequences_do_not_notice_one_of_them(name: str) -> None:
    kernel, start = booted(xv6="2025", fork="cow", asid="on")
    kernel.replace(name, PYTHON[name])
    both, rng = SideBySide(kernel, start), random.Random(name)
    choices = steps(both, rng)
    for _ in range(LENGTH):
        (step,) = rng.choices(list(choices), list(choices.values()))
        step()
        both.compare()
    both.finish()


def test_boot_does_not_notice_them() -> None:
    kernel = hl.Kernel(memory="2MiB", boot="none")
    replace_all(kernel)
    kernel.boot()
    assert (kernel.memory.array == hl.Kernel(memory="2MiB").memory.array).all()


@pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")
@pytest.mark.parametrize("options", OPTIONS, ids=["copy", "cow-lazy"])
@pytest.mark.parametrize("guest", [p for p in PROGRAMS if p.name in SMALL], ids=lambda guest: guest.name)
def test_state_is_the_same_at_every_system_call(guest: object, options: dict[str, str]) -> None:
    program = hl.cc(guest.path)  # type: ignore[attr-defined]
    calls = run_in_lockstep(program, guest.argv, replace_all, **options)  # type: ignore[attr-defined]
    assert calls > 5
