"""exec.cpp in Python."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from replacements.processes import drop_areas

LOAD = 1
FLAG_X, FLAG_W = 1, 2


class BadError(Exception):
    """The program cannot be executed."""


class Header(NamedTuple):
    """What exec needs to know of an ELF file."""

    entry: int
    phoff: int
    phnum: int


class Segment(NamedTuple):
    """A program header, but for what is of no use here."""

    type: int
    flags: int
    offset: int
    vaddr: int
    filesz: int
    memsz: int


def string(k: Any, pa: int, most: int) -> bytes:
    """The string at `pa`, cut to `most` bytes."""
    text: bytes = k.read(pa, min(most, k.phystop - pa))
    return text.split(b"\0")[0]


def demand(condition: object, why: str) -> None:
    if not condition:
        raise BadError(why)


def flags2perm(k: Any, flags: int) -> int:
    return (k.PTE_X if flags & FLAG_X else 0) | (k.PTE_W if flags & FLAG_W else 0)


def loadseg(k: Any, pagetable: int, va: int, ip: int, offset: int, size: int) -> int:
    for done in range(0, size, k.PGSIZE):
        page = k.walkaddr(pagetable, va + done)
        if not page:
            k.panic("loadseg: address should exist")
        n = min(size - done, k.PGSIZE)
        if k.readi(ip, page, offset + done, n) != n:
            return -1
    return 0


def read_file(k: Any, ip: int, offset: int, layout: str) -> tuple[Any, ...]:
    """Numbers of the file, which pass through the kernel's buffer."""
    size = struct.calcsize(layout)
    demand(k.readi(ip, k.data.address_of("bio"), offset, size) == size, "the file is too short")
    return struct.unpack(layout, k.read(k.data.address_of("bio"), size))


def read_header(k: Any, ip: int) -> Header:
    ident, _, machine, _, entry, phoff, _, _, _, phentsize, phnum, *_ = read_file(
        k, ip, 0, "<16sHHIQQQIHHHHHH"
    )
    demand(ident[:6] == b"\x7fELF\x02\x01" and machine == 243, "no program for RV64")
    demand(phnum and phentsize == 56, "no program headers")
    demand(phoff + phnum * phentsize <= k.struct("inode", ip).size, "program headers outside the file")
    return Header(entry, phoff, phnum)


def check(k: Any, segment: Segment, ip: int) -> None:
    end = segment.vaddr + segment.memsz
    above = (k.policies["stack_pages"] + 1) * k.PGSIZE  # guard page and stack
    demand(segment.memsz >= segment.filesz, "memsz is too small")
    demand(segment.vaddr % k.PGSIZE == 0, "vaddr is not aligned")
    demand(end <= k.TRAPFRAME - above, "the segment is too high")
    demand(segment.offset + segment.filesz <= k.struct("inode", ip).size, "the segment is not in the file")


class Image:
    """The address space in the making."""

    def __init__(self, k: Any, pagetable: int) -> None:
        self.k = k
        self.pagetable = pagetable
        self.sz = self.sp = self.entry = 0

    def grow(self, size: int, perm: int) -> None:
        grown = self.k.uvmalloc(self.pagetable, self.sz, size, perm)
        demand(grown, "no memory")
        self.sz = grown

    def load(self, ip: int) -> None:
        k = self.k
        header = read_header(k, ip)
        loaded = False
        for number in range(header.phnum):
            kind, flags, offset, vaddr, _, filesz, memsz, _ = read_file(
                k, ip, header.phoff + number * 56, "<IIQQQQQQ"
            )
            if kind != LOAD:
                continue
            segment = Segment(kind, flags, offset, vaddr, filesz, memsz)
            check(k, segment, ip)
            if vaddr + memsz > self.sz:
                self.grow(vaddr + memsz, k.flags2perm(flags & 0x7FFF_FFFF))
            demand(k.loadseg(self.pagetable, vaddr, ip, offset, filesz) == 0, "the file is too short")
            loaded = True
        demand(loaded, "no segment to load")
        self.entry = header.entry

    def add_stack(self) -> None:
        grown = self.k.uvmstack(self.pagetable, self.sz, self.k.policies["stack_pages"])
        demand(grown, "no memory")
        self.sz = grown

    def push_arguments(self, argv: int) -> int:
        k = self.k
        stackbase = self.sz - k.policies["stack_pages"] * k.PGSIZE
        self.sp = k.pushargv(self.pagetable, self.sz, stackbase, argv)
        demand(self.sp, "the arguments do not fit")
        return next(argc for argc in range(k.MAXARG + 1) if argc == k.MAXARG or not k.load64(argv + 8 * argc))


def uvmstack(k: Any, pagetable: int, sz: int, npages: int) -> int:
    guard = k.PGROUNDUP(sz)
    size: int = k.uvmalloc(pagetable, guard, guard + (npages + 1) * k.PGSIZE, k.PTE_W)
    if size:
        k.uvmclear(pagetable, guard)
    return size


def pushargv(k: Any, pagetable: int, sp: int, stackbase: int, argv: int) -> int:
    def push(source: int, size: int) -> bool:
        nonlocal sp
        sp = (sp - size) & ~15
        return sp >= stackbase and k.copyout(pagetable, sp, source, size) == 0

    where: list[int] = []
    while argument := k.load64(argv + 8 * len(where)):
        length = len(string(k, argument, k.PGSIZE))
        if len(where) == k.MAXARG or length == k.PGSIZE or not push(argument, length + 1):
            return 0
        where.append(sp)
    words = struct.pack(f"<{len(where) + 1}Q", *where, 0)
    buffer = k.data.address_of("bio")
    k.write(buffer, words)
    return sp if push(buffer, len(words)) else 0


def build(k: Any, image: Image, ip: int, argv: int) -> int:
    try:
        demand(image.pagetable, "no memory for a page table")
        image.load(ip)
    except BadError:
        k.iput(ip)
        raise
    k.iput(ip)
    image.add_stack()
    return image.push_arguments(argv)


def exec(k: Any, path: int, argv: int) -> int:
    p = k.myproc()
    if not p:
        return -1
    name = string(k, path, k.MAXPATH)
    ip = k.namei(name)
    if not ip:
        return int(k.fail("exec: no such file"))
    image = Image(k, k.proc_pagetable(p.address))
    try:
        argc = build(k, image, ip, argv)
    except BadError as error:
        if image.pagetable:
            k.proc_freepagetable(image.pagetable, image.sz)
        return int(k.fail(f"exec: {error}"))

    k.write(p.address_of("name"), name.split(b"/")[-1][:15].ljust(16, b"\0"))
    frame = k.struct("trapframe", p.trapframe)
    frame.a1, frame.epc, frame.sp = image.sp, image.entry, image.sp
    old, old_size = p.pagetable, p.sz
    drop_areas(k, p, old)
    p.pagetable, p.sz = image.pagetable, image.sz
    k.proc_freepagetable(old, old_size)
    return argc


FUNCTIONS = {
    "flags2perm": flags2perm,
    "loadseg": loadseg,
    "uvmstack": uvmstack,
    "pushargv": pushargv,
    "exec": exec,
}
