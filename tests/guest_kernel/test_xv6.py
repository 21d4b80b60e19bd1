"""hl.xv6: a guest kernel's processes, frames, free list and audit, by the names of its own source."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import hartlab as hl

from .guests import kernel, link, started

PAGE, TRAPFRAME = hl.PGSIZE, hl.TRAPFRAME
KINDS = [(), ("PLAIN",), ("HARTS=2",), ("NO_JUNK",)]
NAMES = ["as xv6", "other names", "a list a hart", "pages not filled"]


@pytest.fixture(params=KINDS, ids=NAMES)
def machine(request: pytest.FixtureRequest) -> hl.Machine:
    return started(*request.param)


def settled(*choices: str) -> hl.Machine:
    """The kernel with nobody inside it: no hart executes a process."""
    machine = started(*choices)
    machine.memory.write(machine.symbols.address("cpus[0].proc"), bytes(8))
    return machine


# -- what is there -------------------------------------------------------------------------------------------


def test_processes_are_those_of_the_table(machine: hl.Machine) -> None:
    table = hl.xv6(machine).processes()
    assert [*zip(table["pid"], table["name"], table["parent"], strict=True)] == [
        (1, "init", 0),
        (2, "sh", 1),
        (5, "gone", 2),
    ]
    assert table["state"][0] == "SLEEPING"
    assert table["state"][1] in ("RUNNING", "ACTIVE")
    assert table["sz"].tolist() == [2 * PAGE, 4 * PAGE, PAGE]
    assert table["pages"].tolist() == [2, 5, 1]  # sh has one beyond its size
    assert table["tables"].tolist() == [5, 5, 5]
    assert table["waits_for"].tolist() == ["ticks", "", ""]
    assert table["hart"].tolist() == [-1, 0, -1]
    assert table["xstate"][2] == 7


def test_free_slots_on_request(machine: hl.Machine) -> None:
    assert hl.xv6(machine).processes(unused=True)["slot"].tolist() == [*range(8)]


def test_every_frame_of_the_allocator_has_one_owner(machine: hl.Machine) -> None:
    guest = hl.xv6(machine)
    frames = guest.frames()
    assert len(frames) == machine.memory.size // PAGE
    counts = {name: int((frames["owner"] == name).sum()) for name in np.unique(frames["owner"])}
    assert counts.pop("kernel_image") == -(-(machine.symbols.address("end") - machine.memory.base) // PAGE)
    assert counts.pop("unmanaged") == (machine.memory.end - guest.phystop) // PAGE
    assert counts.pop("free") == guest.free_pages == len(guest.free_list())
    assert counts == {
        "buffer": 1,
        "kernel_stack": 8,
        "page_table": 3 * 5 + 5,
        "pipe": 1,
        "trapframe": 3,
        "user": 8,
    }
    assert guest.audit().tolist() == []
    assert guest.holders()["through"].tolist() == ["disk"]


def test_a_closed_file_has_no_pipe_though_it_points_to_one() -> None:
    machine = settled()
    symbols, memory = machine.symbols, machine.memory
    pipe, head = int(symbols["ftable.file[1].pipe"]), symbols.address("kmem.freelist")
    memory.write(pipe, memory.read(head, 8) + b"\1" * (PAGE - 8))  # as kfree does it
    memory.write(head, pipe.to_bytes(8, "little"))
    memory.write(symbols.address("ftable.file[1].ref"), bytes(4))
    guest = hl.xv6(machine)
    assert int(symbols["ftable.file[1].pipe"]) == pipe
    assert guest.audit().tolist() == []
    assert "pipe" not in guest.frames()["owner"]


def test_the_tables_have_the_columns_of_the_kernel_model(machine: hl.Machine) -> None:
    guest, model = hl.xv6(machine), hl.Kernel()
    assert guest.frames().dtype == model.frames().dtype
    assert guest.free_list().dtype == model.free_list().dtype
    assert guest.audit().dtype.names == model.audit().dtype.names
    assert {"pid", "state", "name", "sz", "pages"} <= {*guest.processes().dtype.names} & {
        *model.processes().dtype.names
    }


def test_the_free_list_is_what_memory_says() -> None:
    machine = started()
    expected, page = [], int(machine.symbols["kmem.freelist"])
    while page:
        expected.append(page)
        page = int.from_bytes(machine.memory.read(page, 8), "little")
    table = hl.xv6(machine).free_list()
    assert table["pa"].tolist() == expected
    assert machine.symbols.linked("kmem.freelist").tolist() == expected
    assert (table["verdict"] == "ok").all()


def test_a_process_has_its_page_table_and_its_struct(machine: hl.Machine) -> None:
    process = hl.xv6(machine).process(2)
    assert process.page_table.peek(3 * PAGE, 1) == b"D"
    assert process.trapframe["epc"] == 0x102
    assert process.struct["tickets"] == 200
    assert process.read(PAGE, "char") == ord("B")
    assert (process.name, process.parent, process.sz) == ("sh", 1, 4 * PAGE)
    assert TRAPFRAME in process.page_table
    assert "sh" in repr(process)
    with pytest.raises(hl.ProcessGone, match="no process with pid 3"):
        hl.xv6(machine).process(3)


def test_the_kernels_own_page_table_ticks_and_harts(machine: hl.Machine) -> None:
    guest = hl.xv6(machine)
    assert guest.page_table.translate(hl.KERNBASE) == hl.KERNBASE
    assert guest.phystop == hl.KERNBASE + (2 << 20)
    assert guest.ticks == 42
    assert guest.cpus[0]["proc"].read()["pid"] == 2
    assert hl.xv6(machine, phystop=hl.KERNBASE + (1 << 20)).phystop == hl.KERNBASE + (1 << 20)


def test_the_tables_draw_as_those_of_the_model() -> None:
    pytest.importorskip("matplotlib")
    guest = hl.xv6(started())
    for picture in (
        hl.pictures.frames(guest),
        hl.pictures.free_list(guest),
        hl.pictures.page_table(guest.process(2).page_table),
    ):
        assert "<svg" in picture.svg()


def test_a_list_of_superpages_has_the_frames_of_each() -> None:
    guest = hl.xv6(started("SUPER"))
    assert guest.phystop == hl.KERNBASE + (4 << 20)
    assert guest.free_list()["pa"][-1] == hl.KERNBASE + (2 << 20)
    assert guest.free_pages == len(guest.free_list()) - 1 + 512
    assert (guest.frames()["owner"] == "lost").sum() == len(guest.audit()) == 0
    found = guest.found
    assert "superpages.freelist" in str(found["found"][found["part"] == "free list"][0])


# -- what was not found --------------------------------------------------------------------------------------


def test_what_is_missing_is_named_with_the_names_that_were_tried() -> None:
    source = """
        struct task { int id; unsigned long *pgdir; } runnable[4] = {{1}};
        int main(void) { runnable[1].id = 2; for (;;) ; }
        __asm__(".globl _start\\n_start: call main\\n");
    """
    made = hl.cc(source, ulib=False, link=False, flags=["-g"])
    guest = hl.xv6(hl.Machine("4MiB", kernel=link(made.elf)))
    table = {str(row["part"]): str(row["found"]) for row in guest.found}
    assert table["process table"] == "runnable"
    assert table["struct task: pid"] == "id"
    text = "\n".join(guest.missing)
    assert "free list: looked for kmem.freelist, " in text
    assert "struct task: trapframe: looked for trapframe, trap_frame, tf" in text
    assert "kernel page table: looked for kernel_pagetable, " in text
    assert "not found: free list" in repr(guest)
    assert guest.processes()["pid"].tolist() == [1, 0, 0, 0]
    assert guest.free_list().tolist() == []
    assert guest.ticks is None
    assert guest.cpus is None
    assert set(guest.frames()["owner"]) == {"kernel_image", "unmanaged"}
    with pytest.raises(ValueError, match="no page table yet"):
        guest.page_table  # noqa: B018


def test_a_kernel_without_debug_information_says_how_to_compile_it() -> None:
    with pytest.raises(hl.DebugInfoError, match="compile the kernel with -g"):
        hl.xv6(hl.Machine("4MiB", kernel=kernel(debug="-g0")))
    with pytest.raises(hl.DebugInfoError, match="a raw image has no debug information"):
        hl.xv6(hl.Machine("4MiB", kernel=hl.asm("loop: j loop")))
    with pytest.raises(TypeError, match="a Machine with kernel="):
        hl.xv6(hl.Kernel())


def test_before_the_kernel_has_run_there_is_nothing() -> None:
    guest = hl.xv6(hl.Machine("4MiB", kernel=kernel()))
    assert len(guest.processes()) == len(guest.free_list()) == 0
    assert "0 processes" in repr(guest)


# -- what the audit finds ------------------------------------------------------------------------------------


class Vandal:
    """Writes what a mistake in a kernel would."""

    def __init__(self, machine: hl.Machine) -> None:
        self.machine = machine
        self.guest = hl.xv6(machine)

    def word(self, address: int, value: int) -> None:
        self.machine.memory.write(address, value.to_bytes(8, "little"))

    def variable(self, path: str, value: int) -> None:
        self.word(self.machine.symbols.address(path), value)

    def head(self) -> int:
        return int(self.machine.symbols["kmem.freelist"])

    def pte(self, pid: int, va: int) -> tuple[int, int]:
        row = self.guest.process(pid).page_table.walk(va).steps[-1]
        return int(row["pte_address"]), int(row["pte"])

    def page(self, pid: int, va: int) -> int:
        return self.guest.process(pid).page_table.translate(va)


def leak_a_free_page(v: Vandal) -> None:
    v.variable("kmem.freelist", int(v.guest.free_list()["pa"][1]))


def leak_a_user_page(v: Vandal) -> None:
    v.word(v.pte(2, PAGE)[0], 0)


def leak_a_page_table(v: Vandal) -> None:
    v.word(int(v.guest.process(2).page_table.walk(0).steps[0]["pte_address"]), 0)


def free_a_mapped_page(v: Vandal) -> None:
    page, head = v.page(2, PAGE), v.head()
    v.word(page, head)
    v.variable("kmem.freelist", page)


def free_twice(v: Vandal) -> None:
    v.word(int(v.guest.free_list()["pa"][5]), v.head())


def write_after_free(v: Vandal) -> None:
    v.word(v.head() + 24, 0)


def overwrite_the_list(v: Vandal) -> None:
    v.word(v.head(), 0x1234_5678)


def overwrite_it_within_ram(v: Vandal) -> None:
    v.word(v.head(), v.head() + 8)


def share_a_page(v: Vandal) -> None:
    v.word(v.pte(1, PAGE)[0], v.pte(2, PAGE)[1])


def give_away_the_kernel(v: Vandal) -> None:
    v.word(v.pte(2, 0)[0], hl.KERNBASE >> 12 << 10 | 0x1F)


def open_the_trapframe(v: Vandal) -> None:
    address, pte = v.pte(2, TRAPFRAME)
    v.word(address, pte | hl.PTE_U)


def lose_the_trapframe(v: Vandal) -> None:
    v.word(v.pte(2, TRAPFRAME)[0], 0)


def lose_the_page_table(v: Vandal) -> None:
    v.variable("proc[1].pagetable", 0x100)


def break_an_entry(v: Vandal) -> None:
    v.word(v.pte(2, PAGE)[0], v.page(2, PAGE) >> 12 << 10 | 0x15)  # W without R


def share_a_page_table(v: Vandal) -> None:
    v.variable("proc[0].pagetable", int(v.machine.symbols["proc[1].pagetable"]))


def shrink(v: Vandal) -> None:
    v.variable("proc[1].sz", 2 * PAGE)


@pytest.mark.parametrize(
    ("mistake", "kind", "severity", "says"),
    [
        (leak_a_free_page, "lost_frame", "error", "belongs to nobody.*full of 0x01, as kfree leaves pages"),
        (leak_a_user_page, "lost_frame", "error", "frame 0x[0-9a-f]+ belongs to nobody: neither free nor in"),
        (leak_a_page_table, "lost_frame", "error", "looks like a page of a page table, with 1 entries"),
        (
            free_a_mapped_page,
            "two_places",
            "error",
            "is free and at the same time a user page of pid 2 at",
        ),
        (free_twice, "free_list", "error", r"comes back to 0x[0-9a-f]+.*\(after 6 pages\)"),
        (write_after_free, "free_junk", "error", "written to after kfree: 8 bytes from offset 0x18 on"),
        (overwrite_the_list, "free_list", "error", "leads to 0x12345678, which is no page that can be freed"),
        (overwrite_it_within_ram, "free_list", "error", "which is not the address of a page"),
        (
            share_a_page,
            "reference_count",
            "note",
            "1 user pages are mapped more than once, 1 of them",
        ),
        (
            give_away_the_kernel,
            "user_reaches",
            "error",
            "pid 2 can reach the kernel's image: 0x0 is",
        ),
        (open_the_trapframe, "trapframe", "error", "pid 2 can reach its own trapframe"),
        (lose_the_trapframe, "trapframe", "error", "the trapframe of pid 2, 0x[0-9a-f]+, is not in its page"),
        (lose_the_page_table, "process", "error", "page table of pid 2 is at 0x100, which is no page of RAM"),
        (break_an_entry, "broken_entry", "error", "pid 2: the MMU refuses the entry 0x[0-9a-f]+ for 0x1000"),
        (share_a_page_table, "two_places", "error", "a page of a page table of pid 1 and .* of pid 2"),
        (shrink, "beyond_size", "note", "pid 2 has 0x2000 and 1 more mapped beyond its size, 0x2000"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_mistake_is_said_in_words(mistake, kind: str, severity: str, says: str) -> None:
    machine = settled()
    assert len(hl.xv6(machine).audit()) == 0
    mistake(Vandal(machine))
    rows = hl.xv6(machine).audit()
    rows = rows[rows["kind"] == kind]
    assert len(rows), hl.xv6(machine).audit()
    assert set(rows["severity"]) == {severity}

    assert any(re.search(says, str(message)) for message in rows["message"]), rows["message"]


def test_while_a_process_is_in_the_kernel_its_memory_may_be_half_done() -> None:
    machine = started()
    lose_the_trapframe(Vandal(machine))
    (row,) = hl.xv6(machine).audit()
    assert row["severity"] == "note"
    assert "half done, perhaps: pid 2 is in the kernel" in str(row["message"])


def test_a_page_in_a_register_is_held_and_not_lost() -> None:
    machine = settled()
    vandal = Vandal(machine)
    page = vandal.head()
    leak_a_free_page(vandal)
    machine.hart.x["s3"] = page
    guest = hl.xv6(machine)
    assert len(guest.audit()) == 0
    assert (page, "the registers of hart 0") in guest.holders().tolist()


def test_a_page_table_that_is_being_made_is_held_by_its_root() -> None:
    machine = settled()
    root = int(machine.symbols["proc[1].pagetable"])
    machine.memory.write(machine.symbols.address("proc[1].pagetable"), bytes(8))
    machine.hart.x["s3"] = root
    guest = hl.xv6(machine)
    assert "lost_frame" not in guest.audit()["kind"]
    assert (guest.frames()["owner"] == "lost").sum() == 0


def test_many_findings_are_cut_short() -> None:
    machine = settled()
    vandal = Vandal(machine)
    vandal.variable("kmem.freelist", 0)
    pages = vandal.guest.frames()
    assert (pages["owner"] == "lost").sum() > 400
    assert len(vandal.guest.audit(limit=1)) == 1
    table = vandal.guest.audit()
    assert "frames in a row" in str(table["message"][0])


def test_whatever_stands_in_memory_the_tables_can_be_made() -> None:
    base = started()
    chance = random.Random(20)
    first, last = base.symbols.address("proc"), base.symbols.address("end")
    tables = base.symbols.linked("kmem.freelist").tolist()[-40:] + [
        int(pa) for pa in hl.xv6(base).frames()["pa"][hl.xv6(base).frames()["owner"] == "page_table"]
    ]
    for _ in range(15):
        machine = base.clone()
        for _ in range(chance.randrange(1, 30)):
            page = chance.choice(tables)
            address = chance.choice(
                [chance.randrange(first, last) & ~7, page, page + 8 * chance.randrange(512)]
            )
            value = chance.choice(
                [chance.getrandbits(64), page, page >> 2 | 1, page >> 2 | 0x1F, 2**64 - 1, 0]
            )
            machine.memory.write(address, value.to_bytes(8, "little"))
        guest = hl.xv6(machine)
        for look in (guest.audit, guest.frames, guest.processes, guest.free_list, guest.holders):
            assert isinstance(look(), hl.Table)
        assert repr(guest)


# -- kernels that nobody expected ----------------------------------------------------------------------------

SIGNED = """
struct run { char filler[%s]; struct run *next; };
struct { struct run *freelist; } kmem = {(struct run *)0x80100000};
struct proc {
    long pid, state, sz, kstack, chan, xstate, killed, parent;
    unsigned long *pagetable;
    void *trapframe;
    char name[16];
};
struct proc proc[4] = {{%s, 5, -1, -1, -1, 1L << 40, 1L << 40, -1, (unsigned long *)%s, (void *)-1, "\\xff"}};
void _start(void) { for (;;) proc[1].pid += (long)kmem.freelist; }
"""


def booted(filler: str, pid: str, root: str) -> hl.Machine:
    source = SIGNED % (filler, pid, root)
    made = hl.cc(source, ulib=False, link=False, flags=["-g"], optimize="-O0")
    return hl.Machine("2MiB", kernel=link(made.elf))


@pytest.mark.parametrize("filler", ["0", "8192"])
@pytest.mark.parametrize(("given", "pid"), [("1L << 40", 0), ("-1", -1), ("1L << 31", -1 << 31)])
def test_numbers_that_are_signed_or_too_large_have_a_row_all_the_same(
    filler: str, given: str, pid: int
) -> None:
    guest = hl.xv6(booted(filler, given, "-1"))
    (row,) = guest.processes()
    assert (row["pid"], row["xstate"], row["killed"]) == (pid, 0, True)
    assert row["sz"] == row["kstack"] == (1 << 64) - 1
    assert "process" in guest.audit()["kind"]
    assert len(guest.free_list()) > 0 or filler == "8192"


def test_a_process_that_maps_gigabytes_costs_no_gigabytes() -> None:
    machine = booted("0", "3", "0x80101000")
    entries = np.full(
        512, 0x8000_0000 >> 2 | 0xD7, dtype=np.uint64
    )  # pages of 1 GiB, all of them RAM's first
    machine.memory.write(0x8010_1000, entries.tobytes())
    messages = hl.xv6(machine).audit()["message"]
    assert any("maps more than 4,194,304 pages" in str(text) for text in messages)
