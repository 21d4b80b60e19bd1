"""Random sequences of system calls and accesses, with allocation failures in between, against the reference kernel.

After each step processes, page tables, contents of pages and the order of the free list are compared with the
oracle's, and the audit must find nothing. ``HARTLAB_EXAMPLES`` sets how many sequences each configuration is given;
``HARTLAB_SHRINK`` has a failing one made as short as possible.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import hartlab as hl
from kernel.programs_in_elf import elf
from kernel.support import SPIN, mapped
from oracles.address_space import TRAPFRAME, Policies, UserMemory
from oracles.allocator import Allocator
from oracles.exec_layout import Segment
from oracles.page_table import A, D
from oracles.process_table import Blocked, Process, ProcessTable

EXAMPLES = int(os.environ.get("HARTLAB_EXAMPLES", "12"))
SHRINK = "HARTLAB_SHRINK" in os.environ  # finds the shortest failing sequence; takes minutes
STEPS = 40
TRAMPOLINE_PAGE = hl.KERNBASE + 7 * hl.PGSIZE

PROGRAMS = {
    "tiny": [Segment(0, SPIN, len(SPIN), "rx")],
    "bss": [Segment(0, SPIN, len(SPIN), "rx"), Segment(hl.PGSIZE, b"data", 3 * hl.PGSIZE + 5, "rw")],
    "wide": [Segment(0, SPIN + b"x" * 9000, 12000, "rx"), Segment(3 * hl.PGSIZE, b"y" * 5000, 5000, "rwx")],
    "high": [Segment(0x4_0000, SPIN, 16, "rx")],
}

SIZES = st.one_of(
    st.integers(-3, 9).map(lambda pages: pages * hl.PGSIZE),
    st.integers(-20_000, 40_000),
    st.sampled_from([0, 1, -1, 4095, 4097, 1 << 21, 1 << 30, (1 << 31) - 1, -(1 << 31), -(1 << 20)]),
)
HOW = st.sampled_from([hl.SBRK_EAGER, hl.SBRK_LAZY, 0, 0x1_0000_0001, 12345])
# Where in an address space: a part of its size, and bytes from there.
PLACES = st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0, 2.0]), st.integers(-9000, 9000))
ARGUMENTS = st.lists(st.sampled_from([0, 1, 15, 16, 300, 4000]), max_size=4)  # their lengths
FAILURES = st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 7, 9, 12])


class Sequences(RuleBasedStateMachine):
    """A kernel and the reference, side by side. Processes are named by their pids."""

    options: dict[str, str]
    base: tuple[hl.Kernel, hl.Snapshot]

    pids = Bundle("pids")

    def __init__(self) -> None:
        super().__init__()
        self.kernel, start = self.base
        self.kernel.restore(start)
        self.kernel.inject(fail_kalloc=0)
        policies = Policies.of(self.options["xv6"], self.options["fork"])
        allocator = Allocator(self.kernel.end, self.kernel.phystop)
        # What boot takes before there are processes: the kernel's page table and 64 stacks.
        owners = self._owners()
        kernel_pages = owners.count(("page_table", 0)) + sum(owner == "kernel_stack" for owner, _ in owners)
        for _ in range(kernel_pages):
            allocator.kalloc()
        self.allocator = allocator
        self.reference = ProcessTable(UserMemory(allocator, policies, TRAMPOLINE_PAGE))
        initcode = self.kernel.process(1).page_table.peek(0, 52)
        assert initcode is not None
        self.reference.userinit(initcode)

    def _owners(self) -> list[tuple[str, int]]:
        frames = self.kernel.frames()
        return [(str(owner), int(pid)) for owner, pid in zip(frames["owner"], frames["pid"], strict=True)]

    # -- one call on both sides ----------------------------------------------------------------------------------------

    def inject(self, n: int) -> None:
        self.kernel.inject(fail_kalloc=n)
        self.allocator.fail_in = n

    def _ready(self, pid: int) -> tuple[hl.Process, Process] | None:
        """The process on both sides; None when it cannot make a call any more."""
        expected = self.reference.find(pid)
        if expected is None or expected.state == "ZOMBIE":
            return None
        actual = self.kernel.process(pid)
        if expected.killed:  # it dies on its way into the call
            with pytest.raises(hl.ProcessGone):
                actual.getpid()
            self.reference.exit(expected, -1)
            return None
        return actual, expected

    @initialize(target=pids)
    def first(self) -> int:
        return self.spawn("tiny", [5], 0)

    @rule(target=pids, program=st.sampled_from(sorted(PROGRAMS)), lengths=ARGUMENTS, failure=FAILURES)
    def spawn(self, program: str, lengths: list[int], failure: int) -> int:
        self.inject(failure)
        argv = ["x" * length for length in lengths]
        expected = self.reference.spawn(program, PROGRAMS[program], [arg.encode() for arg in argv])
        try:
            actual = self.kernel.spawn(f"/{program}", argv).pid
        except (MemoryError, ValueError, RuntimeError) as error:
            assert not isinstance(error, hl.KernelPanic), error
            actual = -1
        assert actual == expected
        return actual if actual > 0 else 1

    @rule(target=pids, pid=pids, failure=FAILURES)
    def fork(self, pid: int, failure: int) -> int:
        self.inject(0)
        if not (both := self._ready(pid)):
            return pid
        self.inject(failure)
        child = both[0].fork()
        actual = child.pid if isinstance(child, hl.Process) else child
        assert actual == self.reference.fork(both[1])
        return actual if actual > 0 else pid

    @rule(pid=pids, program=st.sampled_from(sorted(PROGRAMS)), lengths=ARGUMENTS, failure=FAILURES)
    def exec(self, pid: int, program: str, lengths: list[int], failure: int) -> None:
        self.inject(0)
        if both := self._ready(pid):
            self.inject(failure)
            argv = ["x" * length for length in lengths]
            expected = self.reference.exec(both[1], program, PROGRAMS[program], [arg.encode() for arg in argv])
            assert both[0].exec(f"/{program}", argv) == expected

    @rule(pid=pids, n=SIZES, how=HOW, failure=FAILURES)
    def sbrk(self, pid: int, n: int, how: int, failure: int) -> None:
        self.inject(0)
        if both := self._ready(pid):
            self.inject(failure)
            assert both[0].sbrk(n, how) == self.reference.sbrk(both[1], n, how & 0xFFFF_FFFF)

    @rule(pid=pids, place=PLACES, value=st.binary(min_size=1, max_size=24), failure=FAILURES)
    def store(self, pid: int, place: tuple[float, int], value: bytes, failure: int) -> None:
        self._touch(pid, place, failure, value, len(value))

    @rule(pid=pids, place=PLACES, size=st.integers(1, 24), failure=FAILURES)
    def load(self, pid: int, place: tuple[float, int], size: int, failure: int) -> None:
        self._touch(pid, place, failure, None, size)

    def _touch(self, pid: int, place: tuple[float, int], failure: int, value: bytes | None, size: int) -> None:
        expected = self.reference.find(pid)
        if expected is None or expected.state == "ZOMBIE":
            return
        self.inject(failure)
        va = min(max(int(expected.sz * place[0]) + place[1], 0), TRAPFRAME + 8)
        loaded, fault = self._reference_touch(expected, va, value, size)
        process = self.kernel.process(pid)
        try:
            if value is None:
                assert process.load(va, size) == loaded
            else:
                process.store(va, value)
            assert fault is None
        except hl.PageFault as caught:
            assert (caught.cause, caught.address) == (15 if value is not None else 13, fault)

    def _reference_touch(
        self, p: Process, va: int, value: bytes | None, size: int
    ) -> tuple[bytes, int | None]:
        """(what a load gives, the address that faults)."""
        done = b""
        while len(done) < size:
            here = va + len(done)
            assert p.table is not None
            leaf = self.reference.memory.access(p.table, p.sz, here, value is not None)
            if leaf is None:
                return done, here
            offset = here % hl.PGSIZE
            length = min(size - len(done), hl.PGSIZE - offset)
            page = self.allocator.bytes[leaf.frame]
            if value is not None:
                page[offset : offset + length] = value[len(done) : len(done) + length]
            done += bytes(page[offset : offset + length])
        return done, None

    @rule(pid=st.one_of(pids, st.just(1)), place=st.one_of(st.none(), PLACES), failure=FAILURES)
    def wait(self, pid: int, place: tuple[float, int] | None, failure: int) -> None:
        self.inject(0)
        if both := self._ready(pid):
            self.inject(failure)
            va = 0 if place is None else min(max(int(both[1].sz * place[0]) + place[1], 0), TRAPFRAME + 8)
            try:
                expected: int | None = self.reference.wait(both[1], va)
            except Blocked:
                expected = None
            try:
                actual: int | None = both[0].wait(va)
            except hl.WouldBlock:
                actual = None
            assert actual == expected

    @rule(pid=consumes(pids), status=st.integers(-3, 300))
    def exit(self, pid: int, status: int) -> None:
        self.inject(0)
        if pid != 1 and (both := self._ready(pid)):
            both[0].exit(status)
            self.reference.exit(both[1], status)

    @rule(killer=pids, victim=pids)
    def kill(self, killer: int, victim: int) -> None:
        self.inject(0)
        if victim != 1 and (both := self._ready(killer)):
            assert both[0].kill(victim) == self.reference.kill(victim)
            if killer == victim:
                self.reference.exit(both[1], -1)

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def processes_agree(self) -> None:
        table = self.kernel.processes()
        fields = ("slot", "pid", "parent", "state", "name", "sz", "trapframe", "pagetable", "killed")
        actual = [tuple(row[name].item() for name in fields) for row in table]
        expected = [
            (p.slot, p.pid, p.parent.pid if p.parent else 0, p.state, p.name, p.sz, p.trapframe, p.table.frame, p.killed)
            for p in self.reference.slots
            if p is not None and p.table is not None
        ]
        assert actual == expected

    @invariant()
    def free_lists_agree(self) -> None:
        assert self.kernel.free_list()["pa"].tolist() == self.allocator.free_list()
        assert self.kernel._engine.kalloc_failure_in == self.allocator.fail_in

    @invariant()
    def address_spaces_agree(self) -> None:
        for p in self.reference.slots:
            if p is None or p.table is None:
                continue
            expected = {va: (leaf.frame, leaf.flags & ~(A | D)) for va, leaf in p.table.leaves()}
            entries = self.kernel.process(p.pid).page_table.entries()
            actual = {
                va: (pa, pte & 0x3FF & ~(A | D))
                for va, pa, pte in zip(*(entries[name].tolist() for name in ("va", "pa", "pte")), strict=True)
            }
            assert actual == expected
            for va, (frame, _) in expected.items():
                if va < TRAPFRAME:
                    assert self.kernel.memory.read(frame, hl.PGSIZE) == self.allocator.bytes[frame], hex(va)

    @invariant()
    def audit_is_empty(self) -> None:
        report = self.kernel.audit()
        assert len(report) == 0, list(report["message"])

    def teardown(self) -> None:
        """All exit, and init waits for them: every frame is back."""
        self.inject(0)
        for p in self.reference.living():
            if p is not self.reference.init and (both := self._ready(p.pid)):
                both[0].exit(0)
                self.reference.exit(both[1], 0)
        init = self.kernel.process(1)
        while init.wait() > 0:
            pass
        frames = self.kernel.frames()
        left = [
            hex(pa)
            for pa, owner, pid in zip(*(frames[name].tolist() for name in ("pa", "owner", "pid")), strict=True)
            if owner == "lost" or pid > 1
        ]
        assert left == []
        assert self.kernel.free_pages == len(self.kernel.free_list())


CONFIGURATIONS = [
    {"xv6": "2025", "fork": "copy", "asid": "off"},
    {"xv6": "2025", "fork": "cow", "asid": "off"},
    {"xv6": "2025", "fork": "cow", "asid": "on"},
    {"xv6": "2020", "fork": "copy", "asid": "off"},
    {"xv6": "2020", "fork": "cow", "asid": "on"},
]


@pytest.mark.parametrize("options", CONFIGURATIONS, ids=lambda options: "-".join(options.values()))
def test_random_sequences_never_diverge_from_the_reference(options: dict[str, str]) -> None:
    kernel = hl.Kernel(memory="2MiB", **options)
    for name, segments in PROGRAMS.items():
        kernel.files[name] = elf(segments, entry=segments[0].va)
    machine = type("Sequences", (Sequences,), {"options": options, "base": (kernel, kernel.snapshot())})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize="HARTLAB_EXAMPLES" not in os.environ,
            print_blob=True,
            phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if SHRINK else [])],
        ),
    )
