"""A wrong argument raises an error that names the argument and the value, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hartlab as hl

KERNEL = hl.Kernel(memory="2MiB")
PROC = KERNEL.spawn(code=hl.asm("li a7, 2; ecall"))


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: hl.Kernel(memory="32 MB"), ValueError, ["memory", "32 MB", "32MiB"]),
        (lambda: hl.Kernel(memory="512KiB"), ValueError, ["memory", "512KiB", "1 MiB to 1 GiB"]),
        (lambda: hl.Kernel(memory="2GiB"), ValueError, ["memory", "2GiB", "1 GiB"]),
        (lambda: hl.Kernel(memory=(1 << 20) + 1), ValueError, ["memory", "4096"]),
        (lambda: hl.Kernel(memory=1.5), TypeError, ["memory", "1.5", "int"]),
        (lambda: hl.Kernel(xv6="2019"), ValueError, ["xv6", "2019", "2025"]),
        (lambda: hl.Kernel(fork="lazy"), ValueError, ["fork", "lazy", "copy", "cow"]),
        (lambda: hl.Kernel(fork=1), TypeError, ["fork", "copy"]),
        (lambda: hl.Kernel(boot="later"), ValueError, ["boot", "later", "kinit"]),
        (lambda: hl.Kernel(stack_pages=0), ValueError, ["stack_pages", "0"]),
        (lambda: hl.Kernel(timer_interval=0), ValueError, ["timer_interval", "0"]),
        (lambda: hl.Kernel(tlb={"sets": 3}), ValueError, ["sets", "3", "power of two"]),
        (lambda: hl.Kernel(tlb={"entries": 3}), ValueError, ["entries", "ways"]),
        (lambda: hl.Kernel(tlb=16), TypeError, ["tlb", "16", "TlbGeometry"]),
        (lambda: hl.TlbGeometry(ways=1000), ValueError, ["ways", "1000", "256"]),
        (lambda: hl.TlbGeometry(replacement="mru"), ValueError, ["replacement", "mru", "lru"]),
        (lambda: hl.Machine(memory="65GiB"), ValueError, ["memory", "65GiB", "64 GiB"]),
        (lambda: hl.Machine(memory="1MiB", code=b"", image=b""), TypeError, ["image", "code"]),
        (lambda: hl.asm(b"nop"), TypeError, ["text", "str"]),
        (lambda: hl.asm("nonesuch a0"), hl.AssemblerError, ["nonesuch"]),
        (lambda: hl.disasm("nop"), TypeError, ["code", "bytes"]),
        (lambda: hl.diff(KERNEL, 3), TypeError, ["after", "3"]),
        (lambda: hl.diff(KERNEL, hl.Machine(memory="2MiB")), TypeError, ["one kind"]),
        (lambda: hl.diff(KERNEL, hl.Kernel(memory="4MiB")), ValueError, ["RAM"]),
        (lambda: KERNEL.run(-1), ValueError, ["max_instructions", "-1"]),
        (lambda: KERNEL.run(until="lunch"), ValueError, ["until", "lunch", "syscall"]),
        (lambda: KERNEL.run(1.0), TypeError, ["max_instructions", "1.0"]),
        (lambda: KERNEL.step(0), ValueError, ["n=0"]),
        (lambda: KERNEL.back(0), ValueError, ["n=0"]),
        (lambda: KERNEL.back(10**12), ValueError, ["n=1000000000000", "on record"]),
        (lambda: KERNEL.spawn(), TypeError, ["code="]),
        (lambda: KERNEL.spawn(b"\x7fELF", code=b"x"), TypeError, ["code="]),
        (lambda: KERNEL.spawn(b"no elf at all"), hl.ElfError, ["not an ELF file"]),
        (lambda: KERNEL.spawn("nonesuch"), FileNotFoundError, ["nonesuch", "kernel.files"]),
        (lambda: KERNEL.spawn(code="nop"), TypeError, ["code", "bytes"]),
        (lambda: KERNEL.spawn(b"\x7fELF", "argument"), TypeError, ["args", "sequence"]),
        (lambda: KERNEL.process(77), hl.ProcessGone, ["77"]),
        (lambda: KERNEL.process(-1), ValueError, ["pid", "-1"]),
        (lambda: KERNEL.call("kmalloc"), ValueError, ["kmalloc", "kalloc"]),
        (lambda: KERNEL.call("kfree"), TypeError, ["kfree(void *pa)"]),
        (lambda: KERNEL.call("kfree", "x"), TypeError, ["kfree(void *pa)"]),
        (lambda: KERNEL.inject(fail_kalloc=-1), ValueError, ["fail_kalloc", "-1"]),
        (lambda: KERNEL.tracing(0), ValueError, ["capacity", "0"]),
        (lambda: KERNEL.watch(0, 0), ValueError, ["size", "0"]),
        (lambda: KERNEL.watch(0, 8, stores=False), ValueError, ["loads", "stores"]),
        (lambda: KERNEL.breakpoints.add("main"), KeyError, ["main"]),
        (lambda: KERNEL.breakpoints.remove(12), ValueError, ["0xc"]),
        (lambda: KERNEL.restore(3), TypeError, ["snapshot", "3"]),
        (lambda: KERNEL.restore(hl.Kernel(memory="4MiB").snapshot()), ValueError, ["RAM"]),
        (lambda: KERNEL.memory[0], IndexError, ["0x0", "0x80000000"]),
        (lambda: KERNEL.memory["x"], TypeError, ["pa", "x"]),
        (lambda: KERNEL.memory[hl.KERNBASE : 1 << 40], IndexError, ["not inside RAM"]),
        (lambda: KERNEL.memory[hl.KERNBASE : hl.KERNBASE + 8 : 2], ValueError, ["step"]),
        (lambda: KERNEL.memory.write(KERNEL.memory.end - 1, b"ab"), IndexError, ["not inside RAM"]),
        (lambda: KERNEL.memory.write(KERNEL.memory.end - 8, 17), TypeError, ["data", "bytes"]),
        (lambda: KERNEL.memory.store(hl.KERNBASE, 1 << 64), ValueError, ["value"]),
        (lambda: KERNEL.files.add("/", b""), ValueError, ["path"]),
        (lambda: KERNEL.files["nonesuch"], KeyError, ["nonesuch"]),
        (lambda: KERNEL.hart.x["a9"], KeyError, ["a9"]),
        (lambda: KERNEL.hart.x[32], IndexError, ["32"]),
        (lambda: setattr(KERNEL.hart, "pc", 3), ValueError, ["pc", "odd"]),
        (lambda: setattr(KERNEL.hart, "privilege", "H"), ValueError, ["privilege", "H"]),
        (lambda: KERNEL.hart.csrs["nonesuch"], KeyError, ["nonesuch"]),
        (lambda: KERNEL.page_table.walk(0, "peek"), ValueError, ["access", "peek", "fetch"]),
        (lambda: KERNEL.page_table.walk(-1), ValueError, ["va"]),
        (lambda: PROC.load("x"), TypeError, ["va", "x"]),
        (lambda: PROC.store(0, "x"), TypeError, ["data", "b'x'"]),
        (lambda: PROC.load(0x7000), hl.PageFault, ["load page fault", "0x7000"]),
        (lambda: PROC.sbrk(1 << 40), ValueError, ["n=", "0x10000000000"]),
        (lambda: PROC.syscall("forkk"), ValueError, ["forkk", "fork"]),
        (lambda: PROC.syscall(1, 2, 3, 4, 5, 6, 7, 8), ValueError, ["7", "6"]),
        (lambda: PROC.registers["q"], KeyError, ["q"]),
        (lambda: hl.sweep_failures(lambda kernel: kernel.call("kalloc"), limit=1), ValueError, ["limit=1"]),
    ],
)
def test_wrong_argument(call: Callable[[], Any], kind: type[Exception], words: list[str]) -> None:
    before = KERNEL.snapshot()
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    for word in words:
        assert word in str(caught.value)
    change = hl.diff(before, KERNEL)
    assert not len(change.processes)
    assert not len(change.ptes)
    assert change.free_before == change.free_after


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1MiB", 1 << 20),
        ("1024KiB", 1 << 20),
        ("1 mib", 1 << 20),
        ("2M", 2 << 20),
        (1 << 20, 1 << 20),
        ("1048576", 1 << 20),
    ],
)
def test_sizes_as_text_and_numbers(text: str | int, size: int) -> None:
    assert hl.Machine(memory=text).memory.size == size
