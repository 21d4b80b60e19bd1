"""examples/myalloc.c by every compiler: what Ctrl-P prints while it sleeps, what is mapped then, its end."""

from __future__ import annotations

import itertools
import re

import pytest

import hartlab as hl
from compilers import COMPILERS, needs_compiler
from hartlab.toolchain import cc
from kernel import layout
from kernel.support import SPIN, assert_no_errors

LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]
CTRL_P = "\x10"
DUMP = """\

pid: 1, state: sleep , name: init
pid: 2, state: run   , name: sh
pid: 3, state: sleep , name: myalloc
start: 12288, length: 8192
start: 32768, length: 4096
start: 65536, length: 36864
"""

pytestmark = needs_compiler


def asleep(program: hl.Program, *args: str, **options: str) -> tuple[hl.Kernel, hl.Process]:
    """The example as pid 3, a child of pid 2, run until nothing happens but the clock."""
    kernel = hl.Kernel(memory="8MiB", **options)
    kernel.files["/myalloc"] = program
    shell = kernel.spawn(code=SPIN, name="sh")
    process = shell.fork()
    assert isinstance(process, hl.Process)
    assert process.exec("/myalloc", ["myalloc", *args]) == 1 + len(args)
    assert process.sz == 12288
    kernel.run(1_000_000)
    return kernel, process


@pytest.fixture(params=list(itertools.product(COMPILERS, LEVELS)), ids="".join)
def program(request: pytest.FixtureRequest) -> hl.Program:
    compiler, level = request.param
    source = request.config.rootpath / "examples" / "myalloc.c"
    built = cc(source, compiler=compiler, optimize=level, flags=["-Wextra"])
    assert built.remarks == ""
    return built


def user_pages(process: hl.Process) -> list[int]:
    return [va for va in process.page_table.entries()["va"].tolist() if va < hl.TRAPFRAME]


def test_dump_while_it_sleeps_lists_three_areas_and_what_is_mapped_agrees(program: hl.Program) -> None:
    kernel, process = asleep(program)
    kernel.console.send(CTRL_P)
    assert kernel.console.text == DUMP
    kernel.call("procdump")
    assert kernel.console.text == 2 * DUMP

    pages = [0x0, 0x1000, 0x2000, 0x3000, 0x4000, 0x8000, *range(0x10000, 0x19000, 0x1000)]
    assert user_pages(process) == pages
    vm = layout.data(kernel).proc[process.slot].vm
    at = [layout.address("proc", process.slot, "vm", i) for i in range(10)]
    rw = hl.PTE_R | hl.PTE_W | hl.PTE_U
    assert [(v.start, v.length, v.next, v.perm, v.used) for v in vm] == [
        (0, 0, at[1], 0, 0),
        (0x3000, 0x2000, at[3], rw, 1),
        (0, 0, 0, 0, 0),
        (0x8000, 0x1000, at[5], rw, 1),
        (0, 0, 0, 0, 0),
        (0x10000, 0x9000, 0, rw, 1),
        *[(0, 0, 0, 0, 0)] * 4,
    ]
    assert process.load(0x3000, 2 * hl.PGSIZE) == b"x" * 2 * hl.PGSIZE
    for start, pages_of_area in ((0x8000, 1), (0x10000, 9)):
        assert process.load(start, pages_of_area * hl.PGSIZE) == bytes(pages_of_area * hl.PGSIZE)
    assert_no_errors(kernel)

    kernel.run(10_000_000)
    assert process.exit_status == 0
    assert user_pages(process) == [0x0, 0x1000, 0x2000]
    assert_no_errors(kernel)


def test_write_to_the_hole_kills_it_with_a_line_that_says_who_why_and_where(program: hl.Program) -> None:
    kernel, process = asleep(program, "hole")
    assert process.exit_status == -1
    line = kernel.console.text.splitlines()[1].strip()
    fault = r"scause 0xf, store page fault at pc \1, address 0x5000"
    match = re.fullmatch(rf"sepc=(0x[0-9a-f]+) stval=0x5000 \(pid 3, myalloc: {fault}\)", line)
    assert match, line
    name = program.symbol_at(int(match[1], 16))
    assert name is not None
    assert name.startswith("main+")
    assert_no_errors(kernel)


@pytest.mark.parametrize("xv6", ["2025", "2020"])
@pytest.mark.parametrize("fork", ["copy", "cow"])
@pytest.mark.parametrize("asid", ["off", "on"])
def test_every_kernel_prints_the_same(request: pytest.FixtureRequest, xv6: str, fork: str, asid: str) -> None:
    source = request.config.rootpath / "examples" / "myalloc.c"
    kernel, _ = asleep(cc(source), xv6=xv6, fork=fork, asid=asid)
    kernel.console.send(CTRL_P)
    assert kernel.console.text == DUMP
