"""The kernel's data as its header describes it, stated once more: C structs, for reading and poking RAM."""

from __future__ import annotations

import ctypes as c
from typing import Any

import hartlab as hl

u64, u32, i32, i16, u16, u8 = c.c_uint64, c.c_uint32, c.c_int32, c.c_int16, c.c_uint16, c.c_uint8


def struct(name: str, /, **fields: Any) -> type[c.Structure]:
    return type(name, (c.LittleEndianStructure,), {"_fields_": list(fields.items())})


Spinlock = struct("Spinlock", locked=u32, pad=u32, name=u64, cpu=u64, acquired=u64)
Context = struct("Context", ra=u64, sp=u64, s=u64 * 12)
Cpu = struct("Cpu", proc=u64, context=Context, noff=i32, intena=i32)
Vma = struct("Vma", start=u64, length=u64, next=u64, perm=u32, used=u32)
Proc = struct(
    "Proc",
    lock=Spinlock,
    state=i32,
    killed=i32,
    chan=u64,
    xstate=i32,
    pid=i32,
    parent=u64,
    kstack=u64,
    sz=u64,
    pagetable=u64,
    trapframe=u64,
    context=Context,
    ofile=u64 * 16,
    cwd=u64,
    name=c.c_char * 16,
    vm=Vma * 10,
    restart=i32,
    asid=i32,
    deadline=u64,
    done=u64,
    born=u64,
)
File = struct(
    "File", type=i32, ref=i32, readable=u8, writable=u8, major=u16, off=u32, pipe=u64, ip=u64
)  # fmt: skip
Inode = struct("Inode", dev=u32, inum=u32, ref=i32, type=i16, major=i16, size=u64)
Console = struct("Console", lock=Spinlock, buf=c.c_char * 128, r=u32, w=u32, e=u32, pad=u32)
Panic = struct("Panic", panicked=i32, pid=i32, address=u64, text=c.c_char * 128, function=c.c_char * 32)
Kmem = struct("Kmem", lock=Spinlock, freelist=u64, free_pages=u64)
KernelData = struct(
    "KernelData",
    kmem=Kmem,
    kernel_pagetable=u64,
    initproc=u64,
    nextpid=i32,
    ticks=u32,
    scheduler_next=u64,
    next_tick=u64,
    pid_lock=Spinlock,
    wait_lock=Spinlock,
    tickslock=Spinlock,
    ftable_lock=Spinlock,
    itable_lock=Spinlock,
    cpus=Cpu * 8,
    proc=Proc * 64,
    file=File * 100,
    inode=Inode * 50,
    cons=Console,
    panic=Panic,
    initcode=u8 * 64,
    init_path=c.c_char * 16,
    bio=u8 * 4096,
    path=c.c_char * 128,
    argv=u64 * 32,
)
Pipe = struct(
    "Pipe", lock=Spinlock, data=c.c_char * 512, nread=u32, nwrite=u32, readopen=i32, writeopen=i32
)  # fmt: skip


def data(kernel: hl.Kernel) -> Any:
    """A copy of all of the kernel's data."""
    return KernelData.from_buffer_copy(kernel.memory.read(hl.ETEXT, c.sizeof(KernelData)))


def proc_address(slot: int) -> int:
    return hl.ETEXT + KernelData.proc.offset + slot * c.sizeof(Proc)


def address(*path: str | int) -> int:
    """Where a field of KernelData is: ``address("proc", 3, "sz")``."""
    return _place(*path)[0]


def _place(*path: str | int) -> tuple[int, Any]:
    here, kind = hl.ETEXT, KernelData
    for step in path:
        if isinstance(step, int):
            kind = kind._type_
            here += step * c.sizeof(kind)
        else:
            here += getattr(kind, step).offset
            kind = dict(kind._fields_)[step]
    return here, kind


def poke(kernel: hl.Kernel, *path: str | int, value: int) -> None:
    """Writes a number to a field of KernelData."""
    here, kind = _place(*path)
    size = c.sizeof(kind)
    kernel.memory.store(here, value % (1 << 8 * size), size)


def peek(kernel: hl.Kernel, *path: str | int) -> int:
    here, kind = _place(*path)
    return kernel.memory.load(here, c.sizeof(kind))
