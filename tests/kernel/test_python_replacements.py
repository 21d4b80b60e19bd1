"""The functions of the kernel written in Python: all of them together, and each, make no difference.

Two kernels do the same, one of them with functions replaced, and after every step, system call or trap they
are compared: RAM to the byte (free list, page tables, frames, processes, files), registers, TLB and console.
Not compared are what is no part of the kernel's state: the host's meter of work, and `Kernel.why`, whose
words are each function's own.

``HARTLAB_SEAM_MATRIX=1`` compares each function singly in every workload under every configuration;
``HARTLAB_SEAM_STEPS`` sets the length of the random sequences.
"""

from __future__ import annotations

import functools
import itertools
import os
import random

import pytest

import hartlab as hl
from hartlab.toolchain import find_compilers
from kernel.side_by_side import SideBySide, booted
from kernel.test_random_sequences import steps
from programs import PROGRAMS
from replacements import in_python
from replacements.lockstep import run_in_lockstep, work_in_lockstep
from replacements.workloads import WORKLOADS

PYTHON = in_python()
SMALL = {"heap", "forktree", "pipes", "breaks"}  # that make many calls and execute little
OPTIONS = [{"fork": "copy"}, {"fork": "cow", "sbrk": "lazy"}]
CONFIGURATIONS = [
    {"fork": "copy"},
    {"fork": "cow", "asid": "on"},
    {"shrink_call": "growproc", "first": "uvminit"},
]
LENGTH = int(os.environ.get("HARTLAB_SEAM_STEPS", "40"))
MATRIX = "HARTLAB_SEAM_MATRIX" in os.environ
BY_HAND = {"kvmpa"}  # that nothing in the kernel calls

configured = pytest.mark.parametrize(
    "options", CONFIGURATIONS, ids=lambda options: "-".join(options.values())
)


def replace_all(kernel: hl.Kernel) -> None:
    for name, function in PYTHON.items():
        kernel.replace(name, function)


@functools.cache
def _booted(options: tuple[tuple[str, str], ...]) -> hl.Kernel:
    return hl.Kernel(memory="2MiB", timer_interval=20_000, **dict(options))  # type: ignore[arg-type]


def pair(options: dict[str, str]) -> tuple[hl.Kernel, hl.Kernel]:
    base = _booted(tuple(options.items()))
    return base.clone(), base.clone()


def test_every_function_is_there() -> None:
    assert sorted(PYTHON) == sorted(hl.functions()["name"])


def test_every_function_is_called_by_boot_or_by_a_workload() -> None:
    called = set()

    def count(kernel: hl.Kernel) -> None:
        for name, function in PYTHON.items():

            def counted(k: object, *words: int, name: str = name, function: object = function) -> object:
                called.add(name)
                return function(k, *words)  # type: ignore[operator]

            kernel.replace(name, counted)

    for options in CONFIGURATIONS:
        kernel = hl.Kernel(memory="2MiB", boot="none", **options)
        count(kernel)
        kernel.boot()
        for work in WORKLOADS.values():
            other = kernel.clone()
            for _ in work(other):
                pass
    assert called == set(PYTHON) - BY_HAND


@configured
@pytest.mark.parametrize("work", WORKLOADS)
def test_workloads_do_not_notice_all_of_them(work: str, options: dict[str, str]) -> None:
    native, replaced = pair(options)
    replace_all(replaced)
    assert work_in_lockstep(WORKLOADS[work], native, replaced, injected=work == "failures") > 10


@pytest.mark.parametrize("name", PYTHON)
def test_workloads_do_not_notice_one_of_them(name: str) -> None:
    every = itertools.product(WORKLOADS, CONFIGURATIONS)
    core = [(work, CONFIGURATIONS[1]) for work in ("forks", "areas", "failures", "guests")]
    for work, options in every if MATRIX else core:
        native, replaced = pair(options)
        replaced.replace(name, PYTHON[name])
        work_in_lockstep(WORKLOADS[work], native, replaced, injected=work == "failures")


@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_random_sequences_do_not_notice_all_of_them(fork: str) -> None:
    kernel, start = booted(xv6="2025", fork=fork)
    replace_all(kernel)
    for seed in range(2):
        walk(kernel, start, f"{seed} {fork}")


@pytest.mark.parametrize("name", PYTHON)
def test_random_sequences_do_not_notice_one_of_them(name: str) -> None:
    kernel, start = booted(xv6="2025", fork="cow", asid="on")
    kernel.replace(name, PYTHON[name])
    walk(kernel, start, name)


def walk(kernel: hl.Kernel, start: hl.Snapshot, seed: str) -> None:
    both, rng = SideBySide(kernel, start), random.Random(seed)
    choices = steps(both, rng)
    for _ in range(LENGTH):
        (step,) = rng.choices(list(choices), list(choices.values()))
        step()
        both.compare()
    both.finish()


@configured
def test_boot_does_not_notice_them(options: dict[str, str]) -> None:
    native = hl.Kernel(memory="2MiB", **options)  # type: ignore[arg-type]
    for names in ([*PYTHON], *([name] for name in PYTHON)):
        kernel = hl.Kernel(memory="2MiB", boot="none", **options)  # type: ignore[arg-type]
        for name in names:
            kernel.replace(name, PYTHON[name])
        kernel.boot()
        assert (kernel.memory.array == native.memory.array).all(), names


def test_addresses_of_the_kernel_are_translated_alike() -> None:
    native, replaced = pair({})
    replace_all(replaced)
    for va in (hl.KERNBASE + 5, hl.KSTACK(3) + 8, hl.TRAMPOLINE):
        assert native.call("kvmpa", va) == replaced.call("kvmpa", va)


@pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")
@pytest.mark.parametrize("options", OPTIONS, ids=["copy", "cow-lazy"])
@pytest.mark.parametrize("guest", [p for p in PROGRAMS if p.name in SMALL], ids=lambda guest: guest.name)
def test_state_is_the_same_at_every_system_call(guest: object, options: dict[str, str]) -> None:
    program = hl.cc(guest.path)  # type: ignore[attr-defined]
    calls = run_in_lockstep(program, guest.argv, replace_all, **options)  # type: ignore[attr-defined]
    assert calls > 5
