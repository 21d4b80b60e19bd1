"""The census and the audit: each frame has one owner, and what is broken is named with its addresses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

import hartlab as hl
from kernel import layout
from kernel.support import assert_no_errors, assert_sound, mapped, owned, run_until_current, small, spin

PAGE = hl.PGSIZE
U = hl.PTE_U


@pytest.fixture
def kernel() -> hl.Kernel:
    return small()


def test_every_frame_has_one_owner(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    process.pipe()
    process.fork()
    counts = owned(kernel)
    assert sum(counts.values()) == kernel.memory.size // PAGE
    assert set(counts) == {"free", "page_table", "user", "trapframe", "kernel_stack", "pipe", "kernel_image"}
    assert counts["kernel_image"] == (kernel.end - hl.KERNBASE) // PAGE
    assert counts["free"] == kernel.free_pages == len(kernel.free_list())
    assert (counts["trapframe"], counts["kernel_stack"], counts["pipe"]) == (3, 64, 1)
    assert counts["user"] == 1 + 3 + 3
    frames = kernel.frames()
    assert frames["pa"].tolist() == list(range(hl.KERNBASE, kernel.phystop, PAGE))


def test_census_knows_pid_address_and_reference_count(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    frames = {int(row["pa"]): row for row in kernel.frames()}
    for va, (pa, _) in mapped(kernel, process.page_table.root).items():
        if va < hl.TRAPFRAME:
            row = frames[pa]
            assert (row["owner"], row["pid"], row["va"], row["reference_count"]) == (
                "user",
                process.pid,
                va,
                1,
            )
    assert frames[process.page_table.root]["owner"] == "page_table"
    assert frames[int(kernel.processes()["trapframe"][1])]["owner"] == "trapframe"


def test_census_before_kinit_says_that_nobody_manages_the_frames() -> None:
    kernel = small(boot="none")
    assert set(owned(kernel)) == {"kernel_image", "unmanaged"}
    assert_sound(kernel)


# -- what the audit finds -------------------------


def double_map(kernel: hl.Kernel, process: hl.Process) -> None:
    pte = process.page_table.pte(0)
    kernel.memory.store(kernel.call("walk", process.page_table.root, 0x3000, True), pte)
    layout.poke(kernel, "proc", process.slot, "sz", value=0x4000)


def lose(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.call("kalloc")


def write_after_free(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.memory.store(int(kernel.free_list()["pa"][3]) + 100, 7, 1)


def cycle(kernel: hl.Kernel, process: hl.Process) -> None:
    pages = kernel.free_list()["pa"].tolist()
    kernel.memory.store(pages[5], pages[2])


def list_out_of_bounds(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.memory.store(int(kernel.free_list()["pa"][5]), hl.KERNBASE)


def miscount(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "kmem", "free_pages", value=5)


def free_a_mapped_page(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.call("kfree", process.page_table.translate(0))


def wrong_reference_count(kernel: hl.Kernel, process: hl.Process) -> None:
    frame = (process.page_table.translate(0) - hl.KERNBASE) // PAGE
    counts = hl.ETEXT + (layout.c.sizeof(layout.KernelData) + 63) // 64 * 64
    kernel.memory.store(counts + 4 * frame, 9, 4)


def map_the_kernel(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.call("mappages", process.page_table.root, 0x2000_0000, PAGE, hl.ETEXT, hl.PTE_R | hl.PTE_W | U)
    layout.poke(kernel, "proc", process.slot, "sz", value=0x2000_1000)


def map_a_page_table(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.call(
        "mappages", process.page_table.root, 0x3000, PAGE, process.page_table.root, hl.PTE_R | hl.PTE_W | U
    )
    layout.poke(kernel, "proc", process.slot, "sz", value=0x4000)


def reserved_bits(kernel: hl.Kernel, process: hl.Process) -> None:
    address = kernel.call("walk", process.page_table.root, 0, False)
    kernel.memory.store(address, kernel.memory.load(address) & ~hl.PTE_R | hl.PTE_W)


def table_out_of_ram(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.memory.store(process.page_table.root + 8 * 17, hl.PA2PTE(1 << 40) | hl.PTE_V)


def trapframe_of_the_user(kernel: hl.Kernel, process: hl.Process) -> None:
    address = kernel.call("walk", process.page_table.root, hl.TRAPFRAME, False)
    kernel.memory.store(address, kernel.memory.load(address) | U)


def no_trampoline(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.memory.store(kernel.call("walk", process.page_table.root, hl.TRAMPOLINE, False), 0)


def beyond_size(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "proc", process.slot, "sz", value=2 * PAGE)


def wild_parent(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "proc", process.slot, "parent", value=layout.proc_address(0) + 1)


def same_pid(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "proc", process.slot, "pid", value=1)


def wild_stack(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "proc", process.slot, "kstack", value=0)


def wrong_file_count(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "file", 0, "ref", value=77)


def wild_file(kernel: hl.Kernel, process: hl.Process) -> None:
    layout.poke(kernel, "proc", process.slot, "ofile", 5, value=0x1234)


def stale_translation(kernel: hl.Kernel, process: hl.Process) -> None:
    run_until_current(kernel, process)
    kernel.run(5)
    address = kernel.call("walk", process.page_table.root, 0, False)
    other = process.page_table.translate(0x2000)
    kernel.memory.store(address, hl.PA2PTE(other) | hl.PTE_FLAGS(kernel.memory.load(address)))


BREAKAGES: list[tuple[Callable[[hl.Kernel, hl.Process], None], str]] = [
    (double_map, "two_places"),
    (lose, "lost_frame"),
    (write_after_free, "free_junk"),
    (cycle, "free_list"),
    (list_out_of_bounds, "free_list"),
    (miscount, "free_count"),
    (free_a_mapped_page, "user_reaches"),
    (wrong_reference_count, "reference_count"),
    (map_the_kernel, "user_reaches"),
    (map_a_page_table, "user_reaches"),
    (reserved_bits, "broken_entry"),
    (table_out_of_ram, "broken_entry"),
    (trapframe_of_the_user, "trapframe"),
    (no_trampoline, "trampoline"),
    (beyond_size, "beyond_size"),
    (wild_parent, "process"),
    (same_pid, "process"),
    (wild_stack, "process"),
    (wrong_file_count, "file"),
    (wild_file, "file"),
    (stale_translation, "tlb_stale"),
]


@pytest.mark.parametrize(("breakage", "kind"), BREAKAGES, ids=[b.__name__ for b, _ in BREAKAGES])
def test_audit_names_what_is_broken(
    kernel: hl.Kernel, breakage: Callable[[hl.Kernel, hl.Process], None], kind: str
) -> None:
    process = spin(kernel)
    assert_sound(kernel)
    breakage(kernel, process)
    report = kernel.audit()
    assert kind in report["kind"], list(report["message"])
    assert all(
        "0x" in message or "process" in message or "free" in message or "file" in message
        for message in report["message"]
    )
    # Looking at it changes nothing, and a snapshot of it says the same.
    assert kernel.audit()["message"].tolist() == report["message"].tolist()
    assert kernel.snapshot().audit()["message"].tolist() == report["message"].tolist()


@pytest.mark.parametrize("breakage", [b for b, _ in BREAKAGES], ids=[b.__name__ for b, _ in BREAKAGES])
def test_broken_kernel_is_diagnosed_and_never_followed_out_of_bounds(
    kernel: hl.Kernel, breakage: Callable[[hl.Kernel, hl.Process], None]
) -> None:
    """Whatever it does with the broken state, it is a panic or an end, and soon."""
    process = spin(kernel)
    breakage(kernel, process)
    for act in (
        lambda: process.sbrk(4 * PAGE),
        lambda: process.fork(),
        lambda: process.exec("/init"),
        lambda: process.exit(),
        lambda: kernel.run(200_000, max_work=2_000_000),
    ):
        with suppress(hl.KernelPanic, hl.ProcessGone, hl.ProcessBusy, hl.WouldBlock, hl.PageFault):
            act()
    for look in (
        kernel.audit,
        kernel.frames,
        kernel.free_list,
        kernel.processes,
        kernel.open_files,
        kernel.pipes,
    ):
        look()


def test_audit_says_when_it_has_left_something_out(kernel: hl.Kernel) -> None:
    for page in kernel.free_list()["pa"].tolist()[:20]:
        kernel.memory.store(page + 8, 0)
    report = kernel.audit(limit=5)
    assert len(report) == 6
    assert report["kind"][-1] == "cut_short"
    assert len(kernel.audit()) == 20
    assert len(kernel.audit(junk=False)) == 0


# -- provenance -------------------------


def test_provenance_says_which_call_allocated_mapped_and_freed(kernel: hl.Kernel) -> None:
    kernel.provenance(True)
    process = kernel.spawn(
        code=hl.asm(
            "li a0, 0x1000; li a1, 1; li a7, 12; ecall; li a0, -0x1000; li a7, 12; ecall; here: j here"
        )
    )
    while (
        kernel.current_pid != process.pid or process.sz == 0x3000
    ):  # until it is about to give the page back
        kernel.run(until="syscall")
    pa = process.page_table.translate(0x3000)
    kernel.run(3000)
    table = kernel.provenance()
    (row,) = table[table["pa"] == pa]
    for deed in ("allocated", "mapped", "freed"):
        assert (row[deed], row[f"{deed}_pid"], row[f"{deed}_what"]) == (True, process.pid, "sbrk"), deed
    assert row["mapped_va"] == 0x3000
    assert row["allocated_time"] < row["freed_time"]
    assert_no_errors(kernel)


def test_provenance_is_off_until_asked_for(kernel: hl.Kernel) -> None:
    spin(kernel)
    assert len(kernel.provenance()) == 0
    kernel.provenance(True)
    spin(kernel)
    table = kernel.provenance()
    assert table["allocated"].sum() == 4 + 3 + 2
    assert table["mapped"].sum() == 1 + 1 + 3  # trampoline, trapframe, and the user's pages
    kernel.provenance(False)
    assert len(kernel.provenance()) == 0
