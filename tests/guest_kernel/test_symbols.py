"""machine.symbols and machine.page_table: variables of a kernel that was loaded, and its page tables."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl

from .guests import kernel, link, started

PAGE = hl.PGSIZE


@pytest.fixture
def machine() -> hl.Machine:
    return started()


def test_a_variable_follows_the_machine(machine: hl.Machine) -> None:
    before = machine.symbols["ticks"]
    machine.run(1000)
    assert machine.symbols["ticks"] > before == 42
    assert machine.clone().symbols["ticks"] == machine.symbols["ticks"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("proc[1].name", b"sh"),
        ("proc[1].state", "RUNNING"),
        ("proc[1].tickets", 200),
        ("proc[1].parent->pid", 1),
        ("cpus[0].proc->name", b"sh"),
        ("cpus[0] . proc -> parent -> pid", 1),
        ("initproc[1].pid", 2),
        ("initproc.pid", 1),
        ("ftable.file[1].ref", 2),
        ("ticks", 42),
    ],
)
def test_a_path_leads_into_a_variable(machine: hl.Machine, path: str, value: object) -> None:
    assert machine.symbols[path] == value
    assert path in machine.symbols


def test_a_star_follows_a_pointer(machine: hl.Machine) -> None:
    first = machine.symbols["*initproc"]
    assert (first["pid"], first.address) == (1, machine.symbols.address("proc"))


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("prok", KeyError, "no variable 'prok'; it has proc"),
        ("proc[8]", IndexError, r"\[8\] is outside struct proc\[8\]"),
        ("proc[-1]", IndexError, r"\[-1\] is outside"),
        ("proc[x]", ValueError, "the index 'x' must be a number"),
        ("proc.pid", TypeError, r"struct proc\[8\] has no fields"),
        ("proc[0].pdi", KeyError, "struct proc has no field 'pdi'; it has lock, state"),
        ("proc[0].parent->pid", LookupError, "on the way is NULL"),
        ("proc[0].pid.x", TypeError, "int has no fields"),
        ("ticks[0]", TypeError, "unsigned int is no array"),
        ("*ticks", TypeError, "is no pointer"),
        ("proc + 1", ValueError, "is no step"),
        ("", ValueError, "does not begin with a name"),
        ("end", hl.DebugInfoError, r"'end' is a label at 0x8\w+, .* symbols.address\('end'\) is its address"),
        (3, TypeError, "path=3"),
    ],
)
def test_what_is_no_path_says_why(machine: hl.Machine, path: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        machine.symbols[path]


def test_addresses_need_no_types(machine: hl.Machine) -> None:
    bare = hl.Machine("4MiB", kernel=kernel(debug="-g0"))
    assert bare.symbols.address("main") == machine.symbols.address("main")
    assert bare.symbols.at(bare.symbols.address("proc") + 8) == "proc+0x8"
    assert "no types (the kernel has no debug information" in repr(bare.symbols)
    with pytest.raises(hl.DebugInfoError, match=r"'proc' is at 0x8\w+, but its type is not known.*with -g"):
        bare.symbols["proc"]
    with pytest.raises(KeyError, match="no symbol 'maain'; it has main"):
        bare.symbols["maain"]


def test_a_function_is_its_address(machine: hl.Machine) -> None:
    assert machine.symbols["done"] == machine.symbols.address("done")
    assert repr(machine.symbols["done"]) == f"(void (*)()) {machine.hart.pc:#x} <done>"


def test_at_says_where_an_address_is_and_nothing_beyond_the_image(machine: hl.Machine) -> None:
    symbols = machine.symbols
    assert (
        symbols.at(symbols.address("proc[0].pid"))
        == f"proc+{symbols.type('struct proc').member('pid').offset:#x}"
    )
    assert symbols.at(hl.KERNBASE + (1 << 20)) is None
    assert symbols.at(0) is None


def test_variables_are_listed_with_their_types(machine: hl.Machine) -> None:
    table = machine.symbols.variables()
    row = table[table["name"] == "proc"][0]
    assert (row["type"], row["file"], row["address"]) == (
        "struct proc[8]",
        "kernel.c",
        machine.symbols.address("proc"),
    )
    assert {"kmem", "cpus", "ticks"} <= {*machine.symbols} == {*table["name"].tolist()}
    assert len(machine.symbols) == len(table)


def test_types_and_layouts(machine: hl.Machine) -> None:
    layout = machine.symbols.dtype("struct proc")
    assert layout.itemsize == machine.symbols.type("struct proc").size == machine.symbols.type("proc[0]").size
    address = machine.symbols.address("proc")
    memory = machine.memory[address : address + 8 * layout.itemsize].view(layout)
    np.testing.assert_array_equal(memory["pid"], machine.symbols["proc"]["pid"])
    with pytest.raises(KeyError, match="no type 'struct prok'"):
        machine.symbols.type("struct prok")


def test_memory_is_read_as_a_type(machine: hl.Machine) -> None:
    symbols = machine.symbols
    page = int(symbols["kmem.freelist"])
    assert symbols.read(page, "struct run")["next"] == symbols.linked("kmem.freelist")[1]
    assert symbols.read(symbols.address("proc"), "struct proc", 3)["pid"].tolist() == [1, 2, 0]
    table = hl.xv6(machine).process(2).page_table
    assert symbols.read(0, "char", page_table=table) == ord("A")
    with pytest.raises(LookupError, match="maps nothing at 0x10000"):
        symbols.read(0x10000, "int", page_table=table)
    with pytest.raises(LookupError, match="no memory at 0x10: it is not in RAM"):
        symbols.read(0x10, "int")
    with pytest.raises(ValueError, match="count=0"):
        symbols.read(page, "struct run", 0)


def test_a_linked_list_ends_where_it_breaks(machine: hl.Machine) -> None:
    pages = machine.symbols.linked("kmem.freelist").tolist()
    machine.memory.write(pages[3], pages[1].to_bytes(8, "little"))
    assert machine.symbols.linked("kmem.freelist").tolist() == [*pages[:4], pages[1]]
    machine.memory.write(pages[3], (0x123).to_bytes(8, "little"))
    assert machine.symbols.linked("kmem.freelist").tolist() == [*pages[:4], 0x123]
    assert machine.symbols.linked(pages[0], type="struct run").tolist() == [*pages[:4], 0x123]
    with pytest.raises(TypeError, match="is no pointer to a struct"):
        machine.symbols.linked("ticks")


# -- a kernel that is mapped elsewhere than it is loaded -----------------------------------------------------

HIGH = """
ENTRY(_start)
SECTIONS {
  . = 0xffffffc080000000;
  .text : AT(0x80000000) { *(.text .text.*) }
  .data : { *(.rodata* .data .data.* .sdata .sdata.* .bss .bss.* .sbss .sbss.* COMMON) }
}
"""


def test_a_kernel_linked_high_is_read_where_it_was_loaded() -> None:
    source = """
        struct node { struct node *next; volatile int value; } second = {0, 2}, first = {&second, 1};
        struct node *volatile list = &first;
        int main(void) { for (;;) list->value++; }
        __asm__(".globl _start\\n_start: call main\\n");
    """
    made = hl.cc(source, ulib=False, link=False, flags=["-g"])
    machine = hl.Machine("4MiB", kernel=link(made.elf, script=HIGH))
    assert machine.symbols.address("list") >> 38 == 0x3FFFFFF
    assert machine.symbols["first"]["next"].read()["value"] == 2
    assert machine.symbols["list->next->value"] == 2


# -- page tables ---------------------------------------------------------------------------------------------


def test_a_page_table_by_its_root_or_satp(machine: hl.Machine) -> None:
    root = int(machine.symbols["proc[1].pagetable"])
    for satp in (root, 8 << 60 | root >> 12, 8 << 60 | 5 << 44 | root >> 12):
        table = machine.page_table(satp)
        assert table.root == root
        assert table.peek(2 * PAGE, 1) == b"C"
        assert bool(table.walk(0, "store", privilege="U"))


@pytest.mark.parametrize(
    ("satp", "says"),
    [
        (9 << 60, "has mode 9; 8, Sv39"),
        (0, "has mode 0"),
        (0x8000_0008, "no page of RAM"),
        (8 << 60 | 1, "names the root 0x1000, which is no page of RAM"),
    ],
)
def test_what_is_no_satp_says_why(machine: hl.Machine, satp: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        machine.page_table(satp)


def test_the_harts_own_page_table(machine: hl.Machine) -> None:
    with pytest.raises(ValueError, match="hart 0 translates nothing: its satp is 0x0"):
        machine.page_table()
    root = int(machine.symbols["kernel_pagetable"])
    machine.hart.csrs["satp"] = 8 << 60 | root >> 12
    assert machine.page_table().root == root
    with pytest.raises(ValueError, match="hart=1"):
        machine.page_table(hart=1)
