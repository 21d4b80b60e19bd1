"""proc[] in Python: slots, pids, parents, zombies; fork, exec, exit, wait, kill over reference memory."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from .address_space import UserMemory
from .allocator import PGSIZE
from .areas import AreaMemory, Areas
from .exec_layout import Segment, layout
from .page_table import R, Table, U, W, X

NPROC = 64


class BlockedError(Exception):
    """The call would sleep."""


@dataclass
class Process:
    slot: int
    pid: int
    parent: Process | None
    state: str
    name: str = ""
    sz: int = 0
    pc: int = 0
    trapframe: int = 0
    table: Table | None = None
    killed: bool = False
    xstate: int = 0
    areas: Areas = field(default_factory=Areas)


class ProcessTable:
    """The processes. `init` is the one in slot 0, which adopts orphans."""

    def __init__(self, memory: UserMemory, next_pid: int = 1, areas: str = "first") -> None:
        self.memory = memory
        self.areas = AreaMemory(memory, areas)
        self.slots: list[Process | None] = [None] * NPROC
        self.next_pid = next_pid

    @property
    def init(self) -> Process:
        assert self.slots[0] is not None
        return self.slots[0]

    def living(self) -> list[Process]:
        return [p for p in self.slots if p is not None and p.state != "ZOMBIE"]

    def find(self, pid: int) -> Process | None:
        return next((p for p in self.slots if p is not None and p.pid == pid), None)

    # -- slots -------------------------

    def allocproc(self) -> Process | None:
        slot = next((i for i, p in enumerate(self.slots) if p is None), None)
        if slot is None:
            return None
        p = self.slots[slot] = Process(slot, self.next_pid, None, "USED")
        self.next_pid += 1
        p.trapframe = self.memory.allocator.kalloc()
        if p.trapframe:
            p.table = self.memory.proc_pagetable(p.trapframe)
        if p.table is None:
            self.freeproc(p)
            return None
        return p

    def freeproc(self, p: Process) -> None:
        if p.trapframe:
            self.memory.allocator.kfree(p.trapframe)
        if p.table is not None:
            self.areas.drop(p.table, p.areas)
            self.memory.proc_freepagetable(p.table, p.sz)
        self.slots[p.slot] = None

    # -- system calls -------------------------

    def fork(self, p: Process) -> int:
        child = self.allocproc()
        if child is None:
            return -1
        assert p.table is not None
        assert child.table is not None
        copied = self.areas.copy(p.table, child.table, p.areas, child.areas)
        if copied < 0 or self.memory.uvmcopy(p.table, child.table, p.sz) < 0:
            self.freeproc(child)
            return -1
        self.areas.protect(p.table, p.areas)
        child.sz, child.pc, child.name, child.parent, child.state = p.sz, p.pc, p.name, p, "RUNNABLE"
        return child.pid

    def exec(self, p: Process, name: str, segments: Sequence[Segment], argv: Sequence[bytes]) -> int:
        """The arguments lie in a page each while the image is built."""
        allocator, pages = self.memory.allocator, []
        argc = -1
        for _ in argv if len(argv) < 32 else ():
            page = allocator.kalloc()
            if not page:
                break
            pages.append(page)
        if len(pages) == len(argv):
            argc = self._exec(p, name, segments, argv)
        for page in reversed(pages):
            allocator.kfree(page)
        return argc

    def _exec(self, p: Process, name: str, segments: Sequence[Segment], argv: Sequence[bytes]) -> int:
        memory = self.memory
        table = memory.proc_pagetable(p.trapframe)
        if table is None:
            return -1
        sz = 0
        older = memory.policies.permissions == "rwx"
        for s in segments:
            wanted = (W if "w" in s.flags else 0) | (X if "x" in s.flags else 0)
            grown = memory.uvmalloc(table, sz, s.va + s.size, W | X if older else wanted)
            if not grown:
                memory.proc_freepagetable(table, sz)
                return -1
            sz = grown
            for offset in range(0, len(s.data), PGSIZE):
                leaf = table.find(s.va + offset)
                assert leaf is not None
                piece = s.data[offset : offset + PGSIZE]
                memory.allocator.bytes[leaf.frame][: len(piece)] = piece

        # The stack's pages are taken before the arguments are known to fit.
        top = (sz + PGSIZE - 1) // PGSIZE * PGSIZE
        grown = memory.uvmalloc(table, top, top + PGSIZE * (1 + memory.policies.stack_pages), W)
        final = layout(segments, argv, memory.policies.stack_pages)
        if not grown or final is None:
            memory.proc_freepagetable(table, grown or top)
            return -1
        guard = table.find(final.guard)
        assert guard is not None
        guard.flags &= ~U
        assert memory.copyout(table, final.sz, final.sp, final.stack_bytes) == 0

        old_table, old_sz = p.table, p.sz
        p.table, p.sz, p.pc, p.name = table, final.sz, segments[0].va, name[:15]
        assert old_table is not None
        self.areas.drop(old_table, p.areas)
        memory.proc_freepagetable(old_table, old_sz)
        return final.argc

    def exit(self, p: Process, status: int) -> None:
        assert p is not self.init, "init exiting"
        for child in self.slots:
            if child is not None and child.parent is p:
                child.parent = self.init
        p.state, p.xstate = "ZOMBIE", status

    def wait(self, p: Process, status_va: int = 0) -> int:
        children = [q for q in self.slots if q is not None and q.parent is p]
        if not children:
            return -1
        for child in children:
            if child.state != "ZOMBIE":
                continue
            status = struct.pack("<i", child.xstate)
            assert p.table is not None
            if status_va and self.memory.copyout(p.table, p.sz, status_va, status) < 0:
                return -1
            self.freeproc(child)
            return child.pid
        raise BlockedError

    def kill(self, pid: int) -> int:
        victim = self.find(pid)
        if victim is None:
            return -1
        victim.killed = True
        return 0

    def sbrk(self, p: Process, n: int, how: int) -> int:
        assert p.table is not None
        result, p.sz = self.memory.sbrk(p.table, p.sz, n, how, p.areas.limit())
        return result

    def myalloc(self, p: Process, n: int) -> int:
        assert p.table is not None
        return self.areas.myalloc(p.table, p.areas, p.sz, n)

    def myfree(self, p: Process, va: int) -> int:
        assert p.table is not None
        return self.areas.myfree(p.table, p.areas, va)

    def spawn(self, name: str, segments: Sequence[Segment], argv: Sequence[bytes]) -> int:
        """A child of init with that program: as though init had forked and the child had called exec."""
        p = self.allocproc()
        if p is None:
            return -1
        if self.exec(p, name, segments, argv) < 0:
            self.freeproc(p)
            return -1
        p.parent, p.state = self.init, "RUNNABLE"
        return p.pid

    def userinit(self, code: bytes) -> None:
        """The first process: one page with its code."""
        p = self.allocproc()
        assert p is not None
        assert p.table is not None
        frame = self.memory.allocator.kalloc()
        self.memory.allocator.zero(frame)
        self.memory.map(p.table, 0, frame, W | R | X | U)
        self.memory.allocator.bytes[frame][: len(code)] = code
        p.sz, p.name, p.state = PGSIZE, "initcode", "RUNNABLE"
