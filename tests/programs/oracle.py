"""A slow and obvious xv6, for checking guest programs without the engine: Unicorn runs the instructions, this
file serves the system calls from plain Python objects.

Not complete: fork, exit, wait, pipe, read, write, dup, getpid, sbrk and close, which is what the programs
here use. There is no memory limit but `HEAP`, lazy memory is just memory, and a process runs until it blocks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from unicorn import (
    UC_ARCH_RISCV,
    UC_HOOK_INTR,
    UC_MODE_RISCV64,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
)
from unicorn import riscv_const as rv

PGSIZE = 4096
PIPESIZE = 512
HEAP = 64 << 20
_REGISTERS = [getattr(rv, f"UC_RISCV_REG_X{i}") for i in range(32)]
_REGISTERS += [getattr(rv, f"UC_RISCV_REG_F{i}") for i in range(32)]
A0, A1, A2, A7, SP = (_REGISTERS[i] for i in (10, 11, 12, 17, 2))
PROTECTION = {"R-X": UC_PROT_READ | UC_PROT_EXEC, "RW-": UC_PROT_READ | UC_PROT_WRITE}


def page_up(address: int) -> int:
    return (address + PGSIZE - 1) // PGSIZE * PGSIZE


class Pipe:
    def __init__(self) -> None:
        self.data: deque[int] = deque()
        self.ends = {"read": 0, "write": 0}  # open descriptors of each end


@dataclass
class File:
    pipe: Pipe | None = None  # None: the console
    end: str = ""


@dataclass
class Process:
    pid: int
    parent: Process | None
    cpu: Uc
    heap_start: int
    brk: int
    files: list[File | None] = field(default_factory=lambda: [File(), File(), File()] + [None] * 13)
    written: int = 0  # by a write() to a pipe that is under way
    status: int | None = None  # set when it has exited


class Blocked(Exception):  # noqa: N818 - a signal, not an error
    """The system call cannot proceed yet: to be made again."""


class Oracle:
    """Runs one program, and whatever it forks, to the end."""

    def __init__(self, elf: bytes, segments, entry: int, argv: list[str], stdin: bytes = b"") -> None:
        self.output = b""
        self.stdin = stdin
        self.writes = 0  # write() calls to the console
        self.processes: list[Process] = []
        cpu = self._new_cpu()
        offset = int.from_bytes(elf[32:40], "little")
        headers = [elf[at : at + 56] for at in range(offset, offset + 56 * elf[56], 56)]
        end = 0
        for segment in segments:
            (header,) = [
                h
                for h in headers
                if h[0] == 1 and int.from_bytes(h[16:24], "little") == segment.va and any(h[40:48])
            ]
            start = int.from_bytes(header[8:16], "little")
            cpu.mem_map(segment.va, page_up(segment.memory_size), PROTECTION[segment.flags])
            cpu.mem_write(segment.va, elf[start : start + segment.file_size])
            end = page_up(segment.va + segment.memory_size)
        top = end + 2 * PGSIZE  # a page of stack above its guard
        cpu.mem_map(end + PGSIZE, PGSIZE, PROTECTION["RW-"])
        self._push_arguments(cpu, top, argv)
        cpu.reg_write(rv.UC_RISCV_REG_PC, entry)
        self.processes.append(Process(1, None, cpu, top, top))

    def run(self) -> int:
        """Run until the first process has exited, and return its status."""
        first = self.processes[0]
        while first.status is None:
            progress = False
            for process in [p for p in self.processes if p.status is None]:
                progress |= self._run_until_blocked(process)
            assert progress, "every process waits"
        return first.status

    def _run_until_blocked(self, process: Process) -> bool:
        cpu = process.cpu
        progress = False
        while process.status is None:
            self.trap = None
            pc = cpu.reg_read(rv.UC_RISCV_REG_PC)
            cpu.emu_start(pc, (1 << 64) - 1, timeout=60_000_000)
            assert self.trap is not None, "the program ran for a minute without a system call"
            cause, after = self.trap  # Unicorn has stepped over the ecall
            assert cause == 8, f"pid {process.pid}: trap {cause} before {after:#x}"
            try:
                result = self._serve(process)
            except Blocked:
                cpu.reg_write(rv.UC_RISCV_REG_PC, after - 4)
                return progress
            progress = True
            if process.status is None:
                cpu.reg_write(A0, result & (1 << 64) - 1)
                cpu.reg_write(rv.UC_RISCV_REG_PC, after)
        return progress

    def _new_cpu(self) -> Uc:
        cpu = Uc(UC_ARCH_RISCV, UC_MODE_RISCV64)
        cpu.hook_add(UC_HOOK_INTR, self._on_trap)
        cpu.reg_write(rv.UC_RISCV_REG_MSTATUS, 0x6000)  # FS: floating point is on
        return cpu

    def _on_trap(self, cpu: Uc, cause: int, _: object) -> None:
        self.trap = (cause, cpu.reg_read(rv.UC_RISCV_REG_PC))
        cpu.emu_stop()

    @staticmethod
    def _push_arguments(cpu: Uc, top: int, argv: list[str]) -> None:
        sp, pointers = top, []
        for argument in argv:
            text = argument.encode() + b"\0"
            sp = (sp - len(text)) & ~15
            cpu.mem_write(sp, text)
            pointers.append(sp)
        table = b"".join(pointer.to_bytes(8, "little") for pointer in [*pointers, 0])
        sp = (sp - len(table)) & ~15
        cpu.mem_write(sp, table)
        for register, value in ((A0, len(argv)), (A1, sp), (SP, sp)):
            cpu.reg_write(register, value)

    # ---- System calls ----

    def _serve(self, process: Process) -> int:
        number, *arguments = (process.cpu.reg_read(register) for register in (A7, A0, A1, A2))
        signed = [value - (1 << 64) if value >> 63 else value for value in arguments]
        calls = {
            1: self._fork, 2: self._exit, 3: self._wait, 4: self._pipe, 5: self._read, 10: self._dup,
            11: lambda process, *_: process.pid, 12: self._sbrk, 16: self._write, 21: self._close,
        }  # fmt: skip
        return calls[number](process, *signed)

    def _fork(self, process: Process, *_: int) -> int:
        cpu = self._new_cpu()
        for start, last, protection in process.cpu.mem_regions():
            cpu.mem_map(start, last + 1 - start, protection)
            cpu.mem_write(start, bytes(process.cpu.mem_read(start, last + 1 - start)))
        for register in _REGISTERS[1:]:
            cpu.reg_write(register, process.cpu.reg_read(register))
        cpu.reg_write(A0, 0)
        cpu.reg_write(rv.UC_RISCV_REG_PC, self.trap[1])
        pid = max(p.pid for p in self.processes) + 1
        child = Process(pid, process, cpu, process.heap_start, process.brk, list(process.files))
        for file in child.files:
            self._count(file, +1)
        self.processes.append(child)
        return pid

    def _exit(self, process: Process, status: int, *_: int) -> int:
        for fd in range(len(process.files)):
            self._close(process, fd)
        process.status = status
        return 0

    def _wait(self, process: Process, address: int, *_: int) -> int:
        children = [p for p in self.processes if p.parent is process]
        for child in children:
            if child.status is not None:
                if address:
                    process.cpu.mem_write(address, (child.status & 0xFFFFFFFF).to_bytes(4, "little"))
                child.parent = None
                return child.pid
        if not children:
            return -1
        raise Blocked

    def _sbrk(self, process: Process, n: int, how: int, *_: int) -> int:
        assert how in (1, 2)
        old, new = process.brk, process.brk + n
        if not process.heap_start <= new <= process.heap_start + HEAP:
            return -1
        if page_up(new) > page_up(old):
            process.cpu.mem_map(page_up(old), page_up(new) - page_up(old), PROTECTION["RW-"])
        elif page_up(new) < page_up(old):
            process.cpu.mem_unmap(page_up(new), page_up(old) - page_up(new))
        process.brk = new
        return old

    # ---- Files ----

    @staticmethod
    def _count(file: File | None, by: int) -> None:
        if file is not None and file.pipe is not None:
            file.pipe.ends[file.end] += by

    def _open(self, process: Process, file: File) -> int:
        fd = process.files.index(None)
        process.files[fd] = file
        self._count(file, +1)
        return fd

    @staticmethod
    def _file(process: Process, fd: int) -> File | None:
        return process.files[fd] if 0 <= fd < len(process.files) else None

    def _pipe(self, process: Process, address: int, *_: int) -> int:
        pipe = Pipe()
        fds = [self._open(process, File(pipe, end)) for end in ("read", "write")]
        process.cpu.mem_write(address, b"".join(fd.to_bytes(4, "little") for fd in fds))
        return 0

    def _dup(self, process: Process, fd: int, *_: int) -> int:
        file = self._file(process, fd)
        return -1 if file is None else self._open(process, file)

    def _close(self, process: Process, fd: int, *_: int) -> int:
        file = self._file(process, fd)
        if file is None:
            return -1
        self._count(file, -1)
        process.files[fd] = None
        return 0

    def _read(self, process: Process, fd: int, address: int, n: int) -> int:
        file = self._file(process, fd)
        if file is None or file.end == "write":
            return -1
        if file.pipe is None:
            data, self.stdin = self.stdin[:n], self.stdin[n:]
        else:
            if not file.pipe.data and file.pipe.ends["write"]:
                raise Blocked
            data = bytes(file.pipe.data.popleft() for _ in range(min(n, len(file.pipe.data))))
        process.cpu.mem_write(address, data)
        return len(data)

    def _write(self, process: Process, fd: int, address: int, n: int) -> int:
        file = self._file(process, fd)
        if file is None or file.end == "read":
            return -1
        data = bytes(process.cpu.mem_read(address, n))
        if file.pipe is None:
            self.output += data
            self.writes += 1
            return n
        while process.written < n:
            if not file.pipe.ends["read"]:
                process.written = 0
                return -1
            if len(file.pipe.data) == PIPESIZE:
                raise Blocked
            file.pipe.data.append(data[process.written])
            process.written += 1
        process.written = 0
        return n
