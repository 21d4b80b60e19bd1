"""The kernel's functions in Python and in C, written anew: all of them together, and each, change nothing.

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
from collections import Counter

import numpy as np
import pytest

import hartlab as hl
from compilers import needs_compiler
from kernel.side_by_side import SideBySide, booted
from kernel.test_random_sequences import walk
from programs import PROGRAMS
from replacements import in_c, in_python, replace_all, replace_one
from replacements.lockstep import run_in_lockstep, work_in_lockstep
from replacements.workloads import WORKLOADS

NAMES = [str(name) for name in hl.functions()["name"]]
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

in_each_language = pytest.mark.parametrize("language", ["python", pytest.param("c", marks=needs_compiler)])
configured = pytest.mark.parametrize(
    "options", CONFIGURATIONS, ids=lambda options: "-".join(options.values())
)


@functools.cache
def _booted(options: tuple[tuple[str, str], ...]) -> hl.Kernel:
    return hl.Kernel(memory="2MiB", timer_interval=20_000, **dict(options))  # type: ignore[arg-type]


def pair(options: dict[str, str]) -> tuple[hl.Kernel, hl.Kernel]:
    base = _booted(tuple(options.items()))
    return base.clone(), base.clone()


def test_every_function_is_there() -> None:
    assert sorted(in_python()) == sorted(in_c()) == sorted(NAMES)


def test_every_function_is_called_by_boot_or_by_a_workload() -> None:
    called = set()

    def count(kernel: hl.Kernel) -> None:
        for name, function in in_python().items():

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
    assert called == set(NAMES) - BY_HAND


@in_each_language
@configured
@pytest.mark.parametrize("work", WORKLOADS)
def test_workloads_do_not_notice_all_of_them(work: str, options: dict[str, str], language: str) -> None:
    native, replaced = pair(options)
    replace_all(replaced, language)
    assert work_in_lockstep(WORKLOADS[work], native, replaced) > 10


@in_each_language
@pytest.mark.parametrize("name", NAMES)
def test_workloads_do_not_notice_one_of_them(name: str, language: str) -> None:
    every = itertools.product(WORKLOADS, CONFIGURATIONS)
    core = [(work, CONFIGURATIONS[1]) for work in ("forks", "areas", "failures", "guests")]
    for work, options in every if MATRIX else core:
        native, replaced = pair(options)
        replace_one(replaced, language, name)
        work_in_lockstep(WORKLOADS[work], native, replaced)


@in_each_language
@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_random_sequences_do_not_notice_all_of_them(fork: str, language: str) -> None:
    kernel, start = booted(xv6="2025", fork=fork)
    replace_all(kernel, language)
    for seed in range(3):
        walk(SideBySide(kernel, start), f"{seed} {fork}", LENGTH)


@in_each_language
@pytest.mark.parametrize("name", NAMES)
def test_random_sequences_do_not_notice_one_of_them(name: str, language: str) -> None:
    kernel, start = booted(xv6="2025", fork="cow", asid="on")
    replace_one(kernel, language, name)
    walk(SideBySide(kernel, start), name, LENGTH)


@needs_compiler
def test_random_sequences_do_not_notice_a_mixture() -> None:
    kernel, start = booted(xv6="2025", fork="cow")
    replace_all(kernel, "c")
    for name in NAMES[::2]:
        replace_one(kernel, "python", name)
    walk(SideBySide(kernel, start), "mixed", LENGTH)


@in_each_language
@configured
def test_boot_does_not_notice_them(options: dict[str, str], language: str) -> None:
    native = hl.Kernel(memory="2MiB", **options)  # type: ignore[arg-type]
    for name in (None, *NAMES):
        kernel = hl.Kernel(memory="2MiB", boot="none", **options)  # type: ignore[arg-type]
        replace_one(kernel, language, name) if name else replace_all(kernel, language)
        kernel.boot()
        assert np.array_equal(kernel.memory.array, native.memory.array), name


@in_each_language
def test_addresses_of_the_kernel_are_translated_alike(language: str) -> None:
    native, replaced = pair({})
    replace_all(replaced, language)
    for va in (hl.KERNBASE + 5, hl.KSTACK(3) + 8, hl.TRAMPOLINE):
        assert native.call("kvmpa", va) == replaced.call("kvmpa", va)


@in_each_language
@configured
@pytest.mark.parametrize("work", WORKLOADS)
def test_trace_and_provenance_do_not_notice_who_did_it(
    work: str, options: dict[str, str], language: str
) -> None:
    kernels = pair(options)
    replace_all(kernels[1], language)
    events, allocations, frames = [], [], []
    for kernel in kernels:
        kernel.provenance(on=True)
        with kernel.tracing(capacity=1 << 16) as tracing:
            for _ in WORKLOADS[work](kernel):
                pass
        table = tracing.table()
        assert table.dropped == 0
        # The order in which a function does things is its own, but for that of the free list.
        events.append(Counter(tuple(row)[1:] for row in table.tolist()))
        frees = table[np.isin(table["kind"], ["kalloc", "kfree"])]
        allocations.append(frees[["time", "kind", "pid", "pa"]].tolist())
        frames.append(kernel.provenance().tobytes())
    assert events[0] == events[1]
    assert allocations[0] == allocations[1]
    assert frames[0] == frames[1]
    assert {"kalloc", "pte_write", "tlb_flush"} <= {kind for _, kind, *_ in events[0]}


@needs_compiler
@in_each_language
@pytest.mark.parametrize("options", OPTIONS, ids=["copy", "cow-lazy"])
@pytest.mark.parametrize("guest", [p for p in PROGRAMS if p.name in SMALL], ids=lambda guest: guest.name)
def test_state_is_the_same_at_every_system_call(
    guest: object, options: dict[str, str], language: str
) -> None:
    program = hl.cc(guest.path)  # type: ignore[attr-defined]
    replace = functools.partial(replace_all, language=language)
    calls = run_in_lockstep(program, guest.argv, replace, **options)  # type: ignore[attr-defined]
    assert calls > 5
