"""Every panic of the kernel, provoked; and a check that none of the sources' panics is missing here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import hartlab as hl
from kernel import layout
from kernel.programs_in_elf import elf
from kernel.support import run_until_current, scratch_table, small, spin
from oracles.exec_layout import Segment

PAGE = hl.PGSIZE
RU = hl.PTE_R | hl.PTE_U
FRAME = hl.KERNBASE + 0x10_0000
Act = Callable[[hl.Kernel], object]


def call(function: str, *args: int) -> Act:
    return lambda kernel: kernel.call(function, *args)


def on_table(function: str, *args: int) -> Act:
    """A call on a table with pages 0 and 1 mapped; the table goes first."""

    def act(kernel: hl.Kernel) -> object:
        root = scratch_table(kernel)
        kernel.call("uvmalloc", root, 0, 2 * PAGE, hl.PTE_W)
        return kernel.call(function, root, *args)

    return act


def copy_of(sz: int, *, superpage: bool = False, bare: bool = False) -> Act:
    def act(kernel: hl.Kernel) -> object:
        old, new = scratch_table(kernel), scratch_table(kernel)
        if not bare:
            kernel.call("uvmalloc", old, 0, PAGE, hl.PTE_W)
        if superpage:
            kernel.memory.store(old, hl.PA2PTE(hl.KERNBASE) | RU | hl.PTE_V)
        return kernel.call("uvmcopy", old, new, sz)

    return act


def superpage_unmapped(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root, hl.PA2PTE(hl.KERNBASE) | RU | hl.PTE_V)
    kernel.call("uvmunmap", root, 0, 1, True)


def no_leaf(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.call("uvmalloc", root, 0, PAGE, hl.PTE_W)
    kernel.memory.store(kernel.call("walk", root, 0, False), hl.PA2PTE(FRAME) | hl.PTE_V)
    kernel.call("uvmunmap", root, 0, 1, True)


def boot_without(allocation: int, stage: str, before: str) -> Act:
    def act(_: hl.Kernel) -> None:
        kernel = small(boot=before)
        kernel.inject(fail_kalloc=allocation)
        kernel.boot(stage)

    return act


def kvmmap_without_memory(kernel: hl.Kernel) -> None:
    kernel.inject(fail_kalloc=1)
    kernel.call("kvmmap", kernel.page_table.root, 0x8_0000_0000, FRAME, PAGE, hl.PTE_R)


def locked(*path: str | int, act: Act) -> Act:
    def provoke(kernel: hl.Kernel) -> None:
        layout.poke(kernel, *path, "locked", value=1)
        act(kernel)

    return provoke


def act_with(kernel: hl.Kernel, fields: dict[str, int | str]) -> None:
    process = spin(kernel)
    for field, value in fields.items():
        if field != "call":
            layout.poke(kernel, "file", 0, field, value=int(value))
    process.syscall(str(fields["call"]), 0, 0x2000, 1)


def iput_unused(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    for i in range(50):
        layout.poke(kernel, "inode", i, "ref", value=0)
    process.exit()


def wild_descriptor(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    layout.poke(kernel, "proc", process.slot, "ofile", 0, value=hl.KERNBASE + 3)
    process.syscall("close", 0)


def wild_inode(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    layout.poke(kernel, "file", 0, "ip", value=0x77)
    process.fstat(0)


def init_exits(kernel: hl.Kernel) -> None:
    kernel.process(1).exit()


def in_process(change: Callable[[hl.Kernel, hl.Process], object]) -> Act:
    def act(kernel: hl.Kernel) -> None:
        process = spin(kernel)
        run_until_current(kernel, process)
        change(kernel, process)
        kernel.run(1_000_000)

    return act


def unmap(kernel: hl.Kernel, process: hl.Process, va: int) -> None:
    kernel.memory.store(kernel.call("walk", process.page_table.root, va, False), 0)
    kernel.hart.tlb.flush()


def pretend_supervisor(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.run(until="trap")
    kernel.hart.csrs["sstatus"] |= 1 << 8


def waits_for_machine_mode(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.hart.csrs["medeleg"] = 0
    code = process.page_table.translate(process.pc)
    kernel.memory.write(code, hl.asm("ecall"))


def lazy_unmap(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    process.sbrk(PAGE, hl.SBRK_LAZY)
    process.exit()
    kernel.process(1).wait()


# (text, function, edition, what provokes it)
def area_that_leads_to_itself(kernel: hl.Kernel, process: hl.Process) -> None:
    process.myalloc(PAGE)
    first = layout.address("proc", process.slot, "vm", 1)
    layout.poke(kernel, "proc", process.slot, "vm", 1, "next", value=first)
    process.myalloc(PAGE)


PANICS: list[tuple[str, str, str, Act]] = [
    ("kfree", "kfree", "2025", call("kfree", hl.KERNBASE + 1)),
    ("kfree", "freewalk", "2025", lambda k: bad_pointer(k)),
    (
        "kerneltrap",
        "kalloc",
        "2025",
        lambda k: (k.memory.store(int(k.free_list()["pa"][0]), 5), k.call("kalloc")),
    ),
    ("walk", "walk", "2025", on_table("walk", hl.MAXVA, False)),
    ("walk", "uvmunmap", "2025", on_table("uvmunmap", hl.MAXVA, 1, True)),
    ("walk", "uvmcopy", "2025", copy_of(hl.MAXVA + PAGE)),
    ("mappages: va not aligned", "mappages", "2025", on_table("mappages", 0x5001, PAGE, FRAME, RU)),
    ("mappages: size not aligned", "mappages", "2025", on_table("mappages", 0x5000, 77, FRAME, RU)),
    ("mappages: size", "mappages", "2025", on_table("mappages", 0x5000, 0, FRAME, RU)),
    ("mappages: remap", "mappages", "2025", on_table("mappages", 0x1000, PAGE, FRAME, RU)),
    ("remap", "mappages", "2020", on_table("mappages", 0x1000, 1, FRAME, RU)),
    ("kvminit", "kvminit", "2025", boot_without(1, "kvminit", "kinit")),
    ("kvmmap", "kvmmap", "2025", kvmmap_without_memory),
    ("kvmpa", "kvmpa", "2025", call("kvmpa", 0x1000)),
    ("kalloc", "proc_mapstacks", "2025", boot_without(3, "procinit", "kvminithart")),
    ("userinit", "userinit", "2025", boot_without(1, "userinit", "procinit")),
    ("inituvm: more than a page", "uvminit", "2020", on_table("uvminit", hl.KERNBASE, PAGE)),
    ("uvmfirst: more than a page", "uvmfirst", "2025", on_table("uvmfirst", hl.KERNBASE, PAGE)),
    ("kerneltrap", "uvmfirst", "2025", boot_without(6, "userinit", "procinit")),
    ("uvmunmap: not aligned", "uvmunmap", "2025", on_table("uvmunmap", 1, 1, True)),
    ("uvmunmap: walk", "uvmunmap", "2020", on_table("uvmunmap", 0x4000_0000, 1, True)),
    ("uvmunmap: not mapped", "uvmunmap", "2020", on_table("uvmunmap", PAGE, 2, True)),
    ("uvmunmap: not a leaf", "uvmunmap", "2025", no_leaf),
    ("uvmunmap: superpage", "uvmunmap", "2025", superpage_unmapped),
    ("uvmclear", "uvmclear", "2025", on_table("uvmclear", 0x4000_0000)),
    ("freewalk: leaf", "freewalk", "2025", on_table("freewalk")),
    ("uvmcopy: pte should exist", "uvmcopy", "2020", copy_of(PAGE, bare=True)),
    ("uvmcopy: page not present", "uvmcopy", "2020", copy_of(2 * PAGE)),
    ("uvmcopy: superpage", "uvmcopy", "2025", copy_of(PAGE, superpage=True, bare=True)),
    ("loadseg: address should exist", "loadseg", "2025", on_table("loadseg", 0x4000_0000, 0, 0, 1)),
    ("vma", "mygrowproc", "2025", in_process(area_that_leads_to_itself)),
    ("init exiting", "exit", "2025", init_exits),
    ("acquire", "acquire", "2025", locked("kmem", "lock", act=call("kalloc"))),
    ("filedup", "filedup", "2025", lambda k: act_with(k, {"call": "dup", "ref": 0})),
    ("fileclose", "fileclose", "2025", lambda k: act_with(k, {"call": "close", "ref": 0})),
    ("fileread", "fileread", "2025", lambda k: act_with(k, {"call": "read", "type": 9})),
    ("filewrite", "filewrite", "2025", lambda k: act_with(k, {"call": "write", "type": 2})),
    ("iput", "iput", "2025", iput_unused),
    ("kerneltrap", "fileclose", "2025", wild_descriptor),
    ("kerneltrap", "filestat", "2025", wild_inode),
    (
        "kerneltrap",
        "kernel",
        "2025",
        in_process(lambda k, p: layout.poke(k, "proc", p.slot, "trapframe", value=0x10)),
    ),
    ("kerneltrap", "run", "2025", in_process(waits_for_machine_mode)),
    ("usertrap: not from user mode", "usertrap", "2025", in_process(pretend_supervisor)),
    ("uservec", "uservec", "2025", in_process(lambda k, p: unmap(k, p, hl.TRAMPOLINE))),
    ("userret", "userret", "2025", lambda k: userret(k)),
    ("uvmunmap: not mapped", "uvmunmap", "2020 lazy", lazy_unmap),
]


def bad_pointer(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root, hl.PA2PTE(hl.KERNBASE) | hl.PTE_V)
    kernel.call("freewalk", root)


def userret(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    unmap(kernel, process, hl.TRAPFRAME)
    kernel.run()


@pytest.mark.parametrize(
    ("text", "function", "edition", "provoke"), PANICS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_panic(text: str, function: str, edition: str, provoke: Act) -> None:
    xv6, *sbrk = edition.split()
    kernel = small(xv6=xv6, sbrk=sbrk[0] if sbrk else None)
    with pytest.raises(hl.KernelPanic) as caught:
        provoke(kernel)
    panic = caught.value
    assert (panic.text, panic.function) == (text, function)
    assert str(panic).startswith(f"panic: {text} (in {function}")


def panics_of_the_sources(folder: Path) -> set[str]:
    """The texts that stand first among the arguments of panic( in the kernel's sources."""
    texts: set[str] = set()
    for source in folder.glob("*.cpp"):
        for first in re.findall(r"\bpanic\(([^;]*?),\s*[\"\w]", source.read_text()):
            texts |= set(re.findall(r'"([^"]+)"', first))
    return texts


def test_every_panic_of_the_sources_is_provoked_here(request: pytest.FixtureRequest) -> None:
    stated = panics_of_the_sources(request.config.rootpath / "src" / "kernel")
    assert "remap" in stated and "init exiting" in stated  # noqa: PT018
    # What only a kernel function that a lab has replaced can bring about.
    unreachable = {
        "sleep",  # without a process
        "scheduler",  # pick_next chose a process that cannot run
        "release",  # of a lock that is not held
        "seam: too deep",  # test_replacing.py has these two
        "seam: work",
    }
    assert stated - unreachable <= {text for text, *_ in PANICS}


# -- the frozen kernel -------------------------


def test_frozen_kernel_refuses_to_go_on_and_says_why_until_a_restore() -> None:
    kernel = small()
    process = spin(kernel)
    before = kernel.snapshot()
    with pytest.raises(hl.KernelPanic):
        kernel.call("kfree", 1)
    for act in (kernel.run, process.getpid, lambda: spin(kernel), lambda: process.load(0, 1)):
        with pytest.raises(hl.KernelPanic, match="frozen since it panicked: kfree"):
            act()
    assert kernel.panicked
    record = layout.data(kernel).panic
    assert (record.panicked, record.address, record.text, record.function) == (1, 1, b"kfree", b"kfree")
    assert len(kernel.processes()) == 2
    assert kernel.clone().panicked
    kernel.restore(before)
    assert process.getpid() == process.pid


def test_panic_in_a_run_names_the_process() -> None:
    kernel = small(init=elf([Segment(0, hl.asm("li a7, 2; ecall"), 8, "rx")]))
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.run()
    assert (caught.value.text, caught.value.pid) == ("init exiting", 1)
