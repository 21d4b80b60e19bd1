"""A kernel and the reference: the same calls, accesses and allocation failures, compared after each.

init spins, like everybody, and is driven to wait. A process is chosen by a number that is reduced to the
living ones.
"""

from __future__ import annotations

import ctypes

import pytest

import hartlab as hl
from kernel import layout
from kernel.programs_in_elf import elf
from kernel.support import SPIN
from oracles.address_space import TRAPFRAME, Policies, UserMemory
from oracles.allocator import Allocator
from oracles.exec_layout import Segment
from oracles.page_table import A, D, R, U, W, X
from oracles.process_table import BlockedError, Process, ProcessTable

TIMER = 150  # instructions between two interrupts
TRAMPOLINE_PAGE = hl.KERNBASE + 7 * hl.PGSIZE

PROGRAMS = {
    "tiny": [Segment(0, SPIN, len(SPIN), "rx")],
    "bss": [Segment(0, SPIN, len(SPIN), "rx"), Segment(hl.PGSIZE, b"data", 3 * hl.PGSIZE + 5, "rw")],
    "wide": [Segment(0, SPIN + b"x" * 9000, 12000, "rx"), Segment(3 * hl.PGSIZE, b"y" * 5000, 5000, "rwx")],
    "high": [Segment(0x4_0000, SPIN, 16, "rx")],
}


def booted(**options: str) -> tuple[hl.Kernel, hl.Snapshot]:
    """Where every sequence begins: init has executed its program, and the others are files."""
    kernel = hl.Kernel(memory="2MiB", timer_interval=TIMER, init=elf(PROGRAMS["tiny"]), **options)
    kernel.run(1000)
    for name, segments in PROGRAMS.items():
        kernel.files[name] = elf(segments, entry=segments[0].va)
    return kernel, kernel.snapshot()


class SideBySide:
    """`place`: (a part of the process's size, or 1 more than a part of its areas; bytes from there).
    `failure`: which kalloc fails, or 0."""

    def __init__(self, kernel: hl.Kernel, start: hl.Snapshot) -> None:
        self.kernel = kernel
        kernel.restore(start)
        self.allocator = Allocator(kernel.end, kernel.phystop)
        frames = kernel.frames()
        owners = list(zip(frames["owner"].tolist(), frames["pid"].tolist(), strict=True))
        # What boot takes before there are processes: the kernel's page table and 64 stacks.
        for _ in range(owners.count(("page_table", 0)) + sum(owner == "kernel_stack" for owner, _ in owners)):
            self.allocator.kalloc()
        edition = "2020" if kernel.policies["uvmunmap"] == "panic" else "2025"
        policies = Policies.of(edition, kernel.policies["fork"])
        memory = UserMemory(self.allocator, policies, TRAMPOLINE_PAGE)
        self.reference = ProcessTable(memory, areas=kernel.policies["areas"])
        self.reference.userinit(b"")
        self.reference.exec(self.reference.init, "init", PROGRAMS["tiny"], [b"/init"])
        self.inject(0)

    def inject(self, n: int) -> None:
        self.kernel.inject(fail_kalloc=n)
        self.allocator.fail_in = n

    def pick(self, who: int, *, init: bool = False) -> tuple[hl.Process, Process] | None:
        """A living process on both sides; None when there is none but init."""
        chosen = [p for p in self.reference.living() if init or p is not self.reference.init]
        if not chosen:
            return None
        expected = chosen[who % len(chosen)]
        return self.kernel.process(expected.pid), expected

    def ready(self, who: int, *, init: bool = False) -> tuple[hl.Process, Process] | None:
        """The same for one that can make a call: not if it was killed, for then it dies on its way."""
        self.inject(0)
        both = self.pick(who, init=init)
        if both and both[1].killed:
            self._dies(both[1])
            return None
        return both

    def _dies(self, p: Process) -> None:
        with pytest.raises(hl.ProcessGone):
            self.kernel.process(p.pid).getpid()
        self.reference.exit(p, -1)

    @staticmethod
    def address(p: Process, place: tuple[float, int]) -> int:
        part, offset = place
        base = int(p.sz * min(part, 1.0))
        if part > 1 and p.areas.listed:
            start, end, _ = p.areas.listed[int((part - 1) * len(p.areas.listed)) % len(p.areas.listed)]
            base = end if offset < 0 else start
        return min(max(base + offset, 0), TRAPFRAME + 8)

    # -- one call or access on both sides -------------------------

    def spawn(self, program: str, lengths: list[int], failure: int) -> None:
        self.inject(failure)
        argv = ["x" * length for length in lengths]
        expected = self.reference.spawn(program, PROGRAMS[program], [arg.encode() for arg in argv])
        try:
            actual = self.kernel.spawn(f"/{program}", argv).pid
        except hl.KernelPanic:
            raise
        except (MemoryError, ValueError, RuntimeError):
            actual = -1
        assert actual == expected

    def fork(self, who: int, failure: int) -> None:
        if both := self.ready(who):
            self.inject(failure)
            child = both[0].fork()
            actual = child.pid if isinstance(child, hl.Process) else child
            assert actual == self.reference.fork(both[1])

    def exec(self, who: int, program: str, lengths: list[int], failure: int) -> None:
        if both := self.ready(who):
            self.inject(failure)
            argv = ["x" * length for length in lengths]
            expected = self.reference.exec(
                both[1], program, PROGRAMS[program], [arg.encode() for arg in argv]
            )
            assert both[0].exec(f"/{program}", argv) == expected

    def sbrk(self, who: int, n: int, how: int, failure: int) -> None:
        if both := self.ready(who):
            self.inject(failure)
            assert both[0].sbrk(n, how) == self.reference.sbrk(both[1], n, how)

    def myalloc(self, who: int, n: int, failure: int) -> None:
        if both := self.ready(who):
            self.inject(failure)
            assert both[0].myalloc(n) == self.reference.myalloc(both[1], n)

    def myfree(self, who: int, which: int, offset: int) -> None:
        """The area of that number, reduced to those that there are; or an address that far from its start."""
        if both := self.ready(who):
            listed = both[1].areas.listed
            va = (listed[which % len(listed)][0] if listed else both[1].sz) + offset
            assert both[0].myfree(va) == self.reference.myfree(both[1], va)

    def touch(self, who: int, place: tuple[float, int], failure: int, value: bytes | None, size: int) -> None:
        """A store of `value`, or a load of `size` bytes."""
        both = self.pick(who)
        if not both:
            return
        process, expected = both
        va = self.address(expected, place)
        if value is not None and expected.pc - size < va < expected.pc + len(SPIN):
            return  # its program is to stay what it is
        self.inject(failure)
        loaded, fault = self._reference_touch(expected, va, value, size)
        seen: tuple[int, int] | None = None
        try:
            if value is None:
                assert process.load(va, size) == loaded
            else:
                process.store(va, value)
        except hl.PageFault as caught:
            seen = caught.cause, caught.address
        cause = 13 if value is None else 15
        assert seen == (None if fault is None else (cause, fault))

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

    def wait(self, who: int, place: tuple[float, int] | None, failure: int) -> None:
        if both := self.ready(who, init=True):
            self.inject(failure)
            va = 0 if place is None else self.address(both[1], place)
            expected: int | None
            actual: int | None
            try:
                expected = self.reference.wait(both[1], va)
            except BlockedError:
                expected = None
            try:
                actual = both[0].wait(va)
            except hl.WouldBlock:
                actual = None
            assert actual == expected

    def exit(self, who: int, status: int) -> None:
        if both := self.ready(who):
            both[0].exit(status)
            self.reference.exit(both[1], status)

    def kill(self, who: int, victim: int | None) -> None:
        if both := self.ready(who):
            chosen = None if victim is None else self.pick(victim)
            pid = chosen[1].pid if chosen else 9999
            assert both[0].kill(pid) == self.reference.kill(pid)
            if both[1].killed:
                self.reference.exit(both[1], -1)

    def run(self, ticks: int) -> None:
        """Everybody spins for a while. Who was killed, or has lost the page with its program, dies."""
        self.inject(0)
        living = self.reference.living()
        assert self.kernel.run(TIMER * (len(living) + 1) * (ticks + 1)).reason == "budget"
        for p in living:
            assert p.table is not None
            page = p.table.find(p.pc)
            if p.killed or page is None or not page.flags & U or not page.flags & X:
                p.killed = True
                self.reference.exit(p, -1)

    # -- what must hold -------------------------

    def compare(self) -> None:
        self.compare_processes()
        assert self.kernel.free_list()["pa"].tolist() == self.allocator.free_list()
        assert self.kernel._engine.kalloc_failure_in == self.allocator.fail_in
        self.compare_address_spaces()
        self.compare_areas()
        report = self.kernel.audit()
        assert len(report) == 0, list(report["message"])

    def compare_processes(self) -> None:
        fields = ("slot", "pid", "parent", "name", "sz", "trapframe", "pagetable", "killed")
        table = self.kernel.processes()
        rows = zip(*(table[name].tolist() for name in fields), strict=True)
        states = [str(state).replace("RUNNING", "RUNNABLE") for state in table["state"]]
        expected = [
            (
                p.slot,
                p.pid,
                p.parent.pid if p.parent else 0,
                p.name,
                p.sz,
                p.trapframe,
                p.table.frame,
                p.killed,
            )
            for p in self.reference.slots
            if p is not None and p.table is not None
        ]
        assert list(rows) == expected
        assert states == [p.state for p in self.reference.slots if p is not None]

    def compare_address_spaces(self) -> None:
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

    def compare_areas(self) -> None:
        for p in self.reference.slots:
            if p is None or p.table is None:
                continue
            assert self.listed_areas(p.slot) == (p.areas.listed, p.areas.rover)
            rows = self.kernel.process(p.pid).areas()
            rows = rows[rows["kind"] == "vma"]
            assert [(r["start"], r["end"], r["absent"]) for r in rows] == [
                (start, end, 0) for start, end, _ in p.areas.listed
            ]

    def listed_areas(self, slot: int) -> tuple[list[tuple[int, int, int]], int]:
        """The list in vm[], as (start, end, index), and what its head has for a start."""
        vm = layout.data(self.kernel).proc[slot].vm
        base = layout.address("proc", slot, "vm")
        listed, link = [], vm[0].next
        while link:
            index, beside = divmod(link - base, ctypes.sizeof(layout.Vma))
            area = vm[index]
            assert (beside, area.used, area.perm) == (0, 1, R | W | U)
            listed.append((area.start, area.start + area.length, index))
            link = area.next
        return listed, vm[0].start

    def finish(self) -> None:
        """All exit, and init waits for them: every frame is back."""
        self.inject(0)
        for p in self.reference.living():
            if p.killed:
                self._dies(p)
            elif p is not self.reference.init:
                self.kernel.process(p.pid).exit(0)
        init = self.kernel.process(1)
        while init.wait() > 0:
            pass
        frames = self.kernel.frames()
        left = [row["pa"] for row in frames if row["owner"] == "lost" or row["pid"] > 1]
        assert left == []
        assert self.kernel.free_pages == len(self.kernel.free_list())
