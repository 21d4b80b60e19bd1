"""exec: the image against the oracle, each check with its message, failures that leave the old image be."""

from __future__ import annotations

import struct
from typing import Any

import pytest

import hartlab as hl
from kernel.programs_in_elf import elf
from kernel.support import EDITIONS, SPIN, assert_sound, mapped, small, spin
from oracles.exec_layout import Segment, layout

PAGE = hl.PGSIZE
R, W, X, U, V = hl.PTE_R, hl.PTE_W, hl.PTE_X, hl.PTE_U, hl.PTE_V
TEXT = Segment(0, SPIN + bytes(range(256)), 260, "rx")


@pytest.fixture(params=EDITIONS)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param)


# -- the layout -------------------------

PROGRAMS = {
    "text alone": [TEXT],
    "text and data": [TEXT, Segment(PAGE, b"data" * 100, 400, "rw")],
    "bss": [TEXT, Segment(PAGE, b"data", 3 * PAGE + 1, "rw")],
    "bss alone": [TEXT, Segment(PAGE, b"", 5000, "rw")],
    "several pages": [Segment(0, bytes(i % 251 for i in range(9999)), 9999, "rx")],
    "a gap": [TEXT, Segment(4 * PAGE, b"far", 3, "rw")],
    "read only": [TEXT, Segment(PAGE, b"constants", 9, "r")],
    "all rights": [Segment(0, SPIN, PAGE, "rwx")],
    "starts high": [Segment(0x2_0000, SPIN, 5, "rx")],
    "a whole page": [Segment(0, b"\x6f\0\0\0" * 1024, PAGE, "rx")],
}
ARGUMENTS = {
    "none": [],
    "one": [b"prog"],
    "empty string": [b"", b""],
    "multiples of 16": [b"x" * 15, b"x" * 16, b"x" * 31, b"x" * 32],
    "many": [b"%d" % i for i in range(31)],
    "long": [b"a" * 1500, b"b" * 1500],
}


@pytest.mark.parametrize("argv", ARGUMENTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_image_is_the_oracles(kernel: hl.Kernel, program: str, argv: str) -> None:
    segments, strings = PROGRAMS[program], ARGUMENTS[argv]
    kernel.files["/bin/prog"] = elf(segments, entry=segments[0].va)
    expected = layout(segments, strings)
    assert expected is not None
    process = spin(kernel)
    assert process.exec("/bin/prog", [s.decode() for s in strings]) == expected.argc

    assert (process.sz, process.name, process.pc) == (expected.sz, "prog", segments[0].va)
    registers = process.registers
    assert (registers.sp, registers.a1, registers.a0) == (expected.sp, expected.sp, expected.argc)
    memory = bytearray(expected.sz)
    for s in segments:
        memory[s.va : s.va + len(s.data)] = s.data
    memory[expected.sp :] = expected.stack_bytes
    assert process.page_table.peek(0, expected.sz) == bytes(memory)

    older = kernel.policies["exec"] == "rwx"
    rights = {expected.guard: R | W | V}
    for va in range(expected.stack, expected.sz, PAGE):
        rights[va] = R | W | U | V
    end = 0
    for s in segments:  # pages from where the last segment ended get the rights of the next
        wanted = R | U | V | (W if "w" in s.flags else 0) | (X if "x" in s.flags else 0)
        while end < s.va + s.size:
            rights[end] = R | W | X | U | V if older else wanted
            end += PAGE
    if older:
        rights = {va: flags | W | X for va, flags in rights.items()}
    table = {
        va: flags for va, (_, flags) in mapped(kernel, process.page_table.root).items() if va < hl.TRAPFRAME
    }
    assert table == rights
    assert_sound(kernel)


@pytest.mark.parametrize("stack_pages", [1, 2, 7])
def test_stack_has_as_many_pages_as_the_policy_says(stack_pages: int) -> None:
    kernel = small(stack_pages=stack_pages)
    kernel.files["/p"] = elf([TEXT])
    process = kernel.spawn("/p", ["p" * 3000])
    expected = layout([TEXT], [b"p" * 3000], stack_pages)
    assert expected is not None
    assert (process.sz, process.registers.sp) == (expected.sz, expected.sp)
    kinds = {str(row["kind"]): int(row["length"]) for row in process.areas()}
    assert (kinds["guard"], kinds["stack"]) == (PAGE, stack_pages * PAGE)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/prog", "prog"), ("/a/b/prog", "prog"), ("/longer than fifteen", "longer than fif"), ("prog", "prog")],
)
def test_name_is_the_last_element_of_the_path(kernel: hl.Kernel, path: str, name: str) -> None:
    kernel.files[path] = elf([TEXT])
    process = spin(kernel)
    assert process.exec(path) == 1
    assert process.name == name


def test_argc_argv_and_registers_reach_the_program(kernel: hl.Kernel) -> None:
    code = hl.asm("mv s0, a0; mv s1, a1; ld s2, 8(a1); lbu s3, 1(s2); here: j here")
    kernel.files["/p"] = elf([Segment(0, code, len(code), "rx")])
    process = kernel.spawn("/p", ["p", "xyz"])
    kernel.run(20_000)
    registers = process.registers
    assert (registers.s0, registers.s3) == (2, ord("y"))
    assert registers.s1 == registers.sp
    assert registers.s1 % 16 == registers.s2 % 16 == 0


def test_open_files_survive_exec_and_old_memory_is_freed(kernel: hl.Kernel) -> None:
    kernel.files["/p"] = elf([TEXT])
    kernel.files["/text"] = b"abcdef"
    process = spin(kernel)
    fd = process.open("/text")
    process.read(fd, 2)
    process.sbrk(10 * PAGE, hl.SBRK_EAGER)
    free = kernel.free_pages
    old = process.page_table.root
    assert process.exec("/p") == 1
    assert kernel.free_pages == free + 10  # text, guard and stack, and three tables, as before
    assert process.page_table.root != old
    assert process.read(fd, 9) == b"cdef"
    assert_sound(kernel)


# -- everything that can be wrong with a file -------------------------

BIG = 1 << 62
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "magic": ({"magic": b"\x7fELG"}, "not an ELF file: it does not begin with 7f 45 4c 46"),
    "script": ({"magic": b"#!/b"}, "not an ELF file"),
    "class": ({"class": 1}, "class 1 instead of 2"),
    "data": ({"data": 2}, "data encoding 2 instead of 1"),
    "machine": ({"machine": 62}, "machine 62 instead of 243"),
    "no headers": ({"phnum": 0}, "no program headers"),
    "header size": ({"phentsize": 32}, "program headers of 32 bytes instead of 56"),
    "headers outside": ({"phoff": BIG}, "reach outside the file"),
    "headers at the end": ({"phoff": 330}, "reach outside the file"),
    "headers beyond all": ({"phoff": (1 << 64) - 8}, "reach outside the file"),
    "too many headers": ({"phnum": 65535}, "65535 program headers at 0x40 reach outside the file"),
    "no load": ({"p_type": 2}, "none of 1 is of type LOAD"),
    "memsz < filesz": ({"p_memsz": 3}, "memsz 0x3 is smaller than filesz"),
    "overflow": ({"p_vaddr": (1 << 64) - PAGE, "p_memsz": 2 * PAGE}, "overflows"),
    "alignment": ({"p_vaddr": 0x10}, "vaddr 0x10 is not page-aligned"),
    "limit": ({"p_vaddr": 1 << 38}, "beyond the limit"),
    "limit by size": ({"p_memsz": 1 << 38}, "beyond the limit"),
    "no room for the stack": ({"p_vaddr": hl.TRAPFRAME - 2 * PAGE, "p_memsz": PAGE}, "beyond the limit"),
    "segment outside": ({"p_offset": BIG}, "reach outside the file"),
    "segment too long": ({"p_filesz": 10_000, "p_memsz": 10_000}, "reach outside the file"),
    "segment beyond all": (
        {"p_filesz": (1 << 64) - 1, "p_memsz": (1 << 64) - 1},
        "beyond the limit|overflows|outside",
    ),
    "more than there is": ({"p_memsz": 1 << 30}, "no memory for its 1073741824 bytes"),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_broken_file_is_minus_1_with_a_reason_and_the_old_image_is_untouched(
    kernel: hl.Kernel, problem: str
) -> None:
    changes, reason = BROKEN[problem]
    kernel.files["/broken"] = elf([TEXT], **changes)
    process = spin(kernel)
    process.registers["s5"] = 55
    before = kernel.snapshot()
    registers = process.registers.as_dict()
    assert process.exec("/broken") == -1
    assert kernel.why.startswith("exec: /broken: ")
    with pytest.raises((hl.ElfError, MemoryError), match=reason):
        kernel.spawn("/broken")
    assert process.registers.as_dict() == registers
    assert process.pc == 0
    changes_made = hl.diff(before, kernel)
    assert len(changes_made.ptes) == 0
    assert kernel.free_pages == before.free_pages
    assert_sound(kernel)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 63])
def test_file_too_short_for_a_header(kernel: hl.Kernel, length: int) -> None:
    kernel.files["/short"] = elf([TEXT])[:length]
    assert spin(kernel).exec("/short") == -1
    assert "too few for its header" in kernel.why


def test_second_segment_that_is_broken_takes_the_first_back(kernel: hl.Kernel) -> None:
    kernel.files["/p"] = elf([TEXT, Segment(PAGE, b"x" * 100, 100, "rw")])[:-1]
    free = kernel.free_pages
    process = spin(kernel)
    spent = free - kernel.free_pages
    assert process.exec("/p") == -1
    assert "segment 1: " in kernel.why
    assert kernel.free_pages == free - spent


def test_file_that_is_not_there(kernel: hl.Kernel) -> None:
    assert spin(kernel).exec("/nonesuch") == -1
    assert kernel.why == "exec: /nonesuch: there is no such file"


@pytest.mark.parametrize("path", ["/", "console", ".", "//"])
def test_directory_and_device_are_no_programs(kernel: hl.Kernel, path: str) -> None:
    assert spin(kernel).exec(path) == -1
    assert "not an ELF file" in kernel.why


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["a"] * 32, "more than 31 arguments"),
        (["x" * 4096], "longer than a page"),
        (["x" * 4090], "do not fit into a stack of 1 page"),
        (["x" * 2100, "y" * 2100], "do not fit"),
        (["x" * 4000, "y" * 60], "do not fit"),
    ],
)
def test_arguments_that_do_not_fit(kernel: hl.Kernel, argv: list[str], reason: str) -> None:
    kernel.files["/p"] = elf([TEXT])
    process = spin(kernel)
    free = kernel.free_pages
    assert process.exec("/p", argv) == -1
    assert reason in kernel.why
    assert kernel.free_pages == free
    assert_sound(kernel)


def test_path_that_is_too_long(kernel: hl.Kernel) -> None:
    assert spin(kernel).exec("/" + "p" * 127) == -1
    assert "longer than 127 characters" in kernel.why


@pytest.mark.parametrize("fork", ["copy", "cow"])
def test_every_failing_allocation_of_exec_loses_nothing(fork: str) -> None:
    kernel = small(fork=fork)
    kernel.files["/p"] = elf(PROGRAMS["bss"])
    process = spin(kernel)
    process.fork()
    pid = process.pid
    sweep = hl.sweep_failures(lambda k: k.process(pid).exec("/p", ["p", "q"]), kernel)
    assert sweep.clean, sweep
    assert set(sweep.table["result"]) == {"-1"}
    # Two arguments; root and two tables; two tables for low addresses, five pages, a guard and a stack page.
    assert sweep.allocations == 2 + 3 + 2 + 5 + 2


# -- the system call, by a program -------------------------


def call_exec(
    kernel: hl.Kernel, path: bytes, argv: list[int | bytes], argv_va: int | None = None
) -> hl.Process:
    """A process that calls exec with an argv of its own; what is returned goes to s1."""
    process = kernel.spawn(code=hl.asm("li a7, 7; ecall; mv s1, a0; here: j here"))
    process.sbrk(2 * PAGE, hl.SBRK_EAGER)
    heap = process.sz - 2 * PAGE
    strings, pointers = heap + 1024, []
    process.store(heap, path + b"\0")
    for item in argv:
        if isinstance(item, bytes):
            process.store(strings, item + b"\0")
            item, strings = strings, strings + len(item) + 1
        pointers.append(item)
    process.store(heap + 256, struct.pack(f"<{len(pointers) + 1}Q", *pointers, 0))
    process.registers["a0"] = heap
    process.registers["a1"] = heap + 256 if argv_va is None else argv_va
    kernel.run(100_000)
    return process


def test_program_executes_another(kernel: hl.Kernel) -> None:
    kernel.files["/p"] = elf([TEXT])
    process = call_exec(kernel, b"/p", [b"one", b"two"])
    expected = layout([TEXT], [b"one", b"two"])
    assert expected is not None
    assert (process.name, process.sz) == ("p", expected.sz)
    assert process.page_table.peek(expected.sp, len(expected.stack_bytes)) == expected.stack_bytes


@pytest.mark.parametrize(
    ("argv", "argv_va", "reason"),
    [
        ([1 << 40], None, r"argv\[0\] at 0x10000000000 cannot be read"),
        ([b"ok", PAGE], None, r"argv\[1\]"),
        ([], 0x4000_0000, r"argv\[0\] at 0x40000000 cannot be read"),
        ([], (1 << 64) - 8, "cannot be read"),
        ([b"x"] * 32, None, "more than 31 arguments"),
        ([b"x" * 5000], None, "longer than a page"),
    ],
)
def test_program_with_a_bad_argv_goes_on_with_minus_1(
    kernel: hl.Kernel, argv: list[int | bytes], argv_va: int | None, reason: str
) -> None:
    kernel.files["/p"] = elf([TEXT])
    start = kernel.snapshot()
    process = call_exec(kernel, b"/p", argv, argv_va)
    assert process.registers.s1 == (1 << 64) - 1
    assert process.name == "code"
    assert_sound(kernel)
    kernel.restore(start)


# -- loadseg, flags2perm -------------------------


def test_flags2perm(kernel: hl.Kernel) -> None:
    assert [kernel.call("flags2perm", flags) for flags in range(8)] == [0, X, W, W | X] * 2


def test_loadseg_panics_where_no_page_is(kernel: hl.Kernel) -> None:
    root = kernel.call("uvmcreate")
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.call("loadseg", root, 0, 0, 0, PAGE)
    assert caught.value.text == "loadseg: address should exist"
