"""The programs of tests/programs on the kernel, by each compiler found, under each policy that matters."""

from __future__ import annotations

import itertools

import pytest

import hartlab as hl
from compilers import COMPILERS, needs_compiler
from hartlab.toolchain import cc
from kernel.support import assert_no_errors
from programs import PROGRAMS, GuestProgram

POLICIES = [
    {"sbrk": sbrk, "fork": fork, "asid": asid}
    for sbrk, fork, asid in itertools.product(("eager", "lazy"), ("copy", "cow"), ("off", "on"))
]
# `breaks` asks for eager and for lazy memory itself and tells them apart.
DECIDES_ITSELF = {"breaks"}

pytestmark = needs_compiler


def run_and_check(kernel: hl.Kernel, guest: GuestProgram, program: hl.Program) -> None:
    kernel.run()
    free = kernel.free_pages
    process = kernel.spawn(program, guest.argv, name=guest.name)
    result = kernel.run(400_000_000)
    assert result.reason == "finished", result
    assert (kernel.console.text, process.exit_status) == (guest.output, 0)
    assert_no_errors(kernel)
    assert kernel.free_pages == free


@pytest.mark.parametrize("policies", POLICIES, ids=lambda p: "-".join(p.values()))
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("guest", PROGRAMS, ids=lambda guest: guest.name)
def test_program_prints_what_it_must_and_leaves_nothing(
    guest: GuestProgram, compiler: str, policies: dict[str, str]
) -> None:
    if guest.name in DECIDES_ITSELF:
        policies = {**policies, "sbrk": "call"}
    program = cc(guest.path, compiler=compiler)
    run_and_check(hl.Kernel(memory="8MiB", timer_interval=20_000, **policies), guest, program)


@pytest.mark.parametrize("fork", ["copy", "cow"])
@pytest.mark.parametrize("guest", PROGRAMS, ids=lambda guest: guest.name)
def test_program_runs_under_the_older_kernel(guest: GuestProgram, fork: str) -> None:
    if guest.name in DECIDES_ITSELF:
        pytest.skip("it asks for lazy memory, which the older kernel does not have")
    program = cc(guest.path, compiler=COMPILERS[0])
    run_and_check(hl.Kernel(memory="8MiB", xv6="2020", fork=fork), guest, program)


@pytest.mark.parametrize(
    "options", [{"hardware_ad": False}, {"tlb": {"sets": 1, "ways": 1}}, {"timer_interval": 137}]
)
@pytest.mark.parametrize("guest", PROGRAMS[-3:] + PROGRAMS[5:6], ids=lambda guest: guest.name)
def test_program_does_not_notice_the_machine(guest: GuestProgram, options: dict[str, object]) -> None:
    program = cc(guest.path, compiler=COMPILERS[-1])
    run_and_check(hl.Kernel(memory="8MiB", **options), guest, program)


@pytest.mark.parametrize("asid", ["off", "on"])
def test_no_program_succeeds_only_because_a_fence_is_missing(asid: str) -> None:
    kernel = hl.Kernel(memory="8MiB", fork="cow", asid=asid, timer_interval=500)
    kernel.hart.stale_check = True
    for name in ("forktree", "breaks", "pipes"):
        guest = next(g for g in PROGRAMS if g.name == name)
        kernel.spawn(cc(guest.path), guest.argv, name=name)
    assert kernel.run(400_000_000).reason == "finished"
    uses = kernel.hart.stale_uses()
    assert len(uses) == 0, uses


@pytest.mark.parametrize("fork", ["copy", "cow"])
@pytest.mark.parametrize("sbrk", ["eager", "lazy"])
@pytest.mark.parametrize("name", ["forktree", "pipes"])
def test_program_whose_nth_allocation_fails_takes_nothing_with_it(name: str, sbrk: str, fork: str) -> None:
    """Whatever the program makes of it, the kernel goes on, and in the end every frame is back."""
    guest = next(g for g in PROGRAMS if g.name == name)
    kernel = hl.Kernel(memory="4MiB", sbrk=sbrk, fork=fork)
    kernel.run()
    kernel.files[f"/{name}"] = cc(guest.path)

    def run(k: hl.Kernel) -> str:
        try:
            k.spawn(f"/{name}", guest.argv)
        except MemoryError:
            return "no memory to begin with"
        return k.run(50_000_000).reason

    sweep = hl.sweep_failures(run, kernel)
    assert sweep.clean, sweep
    # A pipe's reader may wait for ever for a writer that died, but then nobody runs.
    assert set(sweep.table["result"]) <= {"'finished'", "'idle'", "'no memory to begin with'"}
    assert sweep.allocations > 20
