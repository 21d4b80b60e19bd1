"""The functions of the kernel written in C: all together, and each file of them, make no difference."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.toolchain import find_compilers
from kernel.side_by_side import SideBySide, booted
from kernel.test_random_sequences import steps
from programs import PROGRAMS
from replacements import in_python
from replacements.lockstep import run_in_lockstep

pytestmark = pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")

FOLDER = Path(__file__).resolve().parent.parent / "replacements"
SOURCES = sorted(FOLDER.glob("*.c"))
SMALL = {"heap", "forktree", "pipes", "breaks"}
OPTIONS = [{"fork": "copy"}, {"fork": "cow", "sbrk": "lazy"}]
NATIVE: set[str] = set()
LENGTH = int(os.environ.get("HARTLAB_SEAM_STEPS", "40"))


def replace_all(kernel: hl.Kernel) -> None:
    for path in SOURCES:
        kernel.replace_c(path)


def walk(kernel: hl.Kernel, start: hl.Snapshot, seed: str) -> None:
    both, rng = SideBySide(kernel, start), random.Random(seed)
    choices = steps(both, rng)
    for _ in range(LENGTH):
        (step,) = rng.choices(list(choices), list(choices.values()))
        step()
        both.compare()
    both.finish()


def test_c_performs_all_but_the_functions_that_need_files() -> None:
    kernel = hl.Kernel(memory="2MiB")
    replace_all(kernel)
    assert set(NATIVE) == set(hl.functions()["name"]) - set(kernel.replaced)


@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_random_sequences_do_not_notice_all_of_them(fork: str) -> None:
    kernel, start = booted(xv6="2025", fork=fork)
    replace_all(kernel)
    for seed in range(3):
        walk(kernel, start, f"{seed} {fork}")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_random_sequences_do_not_notice_a_file_of_them(path: Path) -> None:
    kernel, start = booted(xv6="2025", fork="cow", asid="on")
    kernel.replace_c(path)
    walk(kernel, start, path.stem)


def test_random_sequences_do_not_notice_a_mixture() -> None:
    kernel, start = booted(xv6="2025", fork="cow")
    replace_all(kernel)
    for name, function in list(in_python().items())[::2]:
        kernel.replace(name, function)
    walk(kernel, start, "mixed")


def test_boot_does_not_notice_them() -> None:
    kernel = hl.Kernel(memory="2MiB", boot="none")
    replace_all(kernel)
    kernel.boot()
    assert (kernel.memory.array == hl.Kernel(memory="2MiB").memory.array).all()


@pytest.mark.parametrize("options", OPTIONS, ids=["copy", "cow-lazy"])
@pytest.mark.parametrize("guest", [p for p in PROGRAMS if p.name in SMALL], ids=lambda guest: guest.name)
def test_state_is_the_same_at_every_system_call(guest: object, options: dict[str, str]) -> None:
    program = hl.cc(guest.path)  # type: ignore[attr-defined]
    calls = run_in_lockstep(program, guest.argv, replace_all, **options)  # type: ignore[attr-defined]
    assert calls > 5
