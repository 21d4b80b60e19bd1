"""Breakpoints by line, watchpoints by name, backtraces with their variables, and code with its source."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import hartlab as hl
from board import teaching
from hart.boards import RAM, board
from hartlab.debugging.sources import Sources

from . import HERE, SOURCE, kernel, line_of

OPTIMISED = pytest.mark.parametrize("optimize", ["-O0", "-O2"])


def machine(optimize: str = "-O0", **options: object) -> hl.Machine:
    return hl.Machine(kernel=kernel(optimize), **options)


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """A linker script for all of a kernel in one place."""
    path = tmp_path / "kernel.ld"
    path.write_text("SECTIONS { . = 0x80000000; .text : { *(.text._start) *(.text .text.*) } }")
    return path


def at(text: str) -> str:
    """The place in kernel.c with that text."""
    return f"kernel.c:{line_of(text)}"


def functions(stopped: hl.Machine) -> list[str]:
    return [frame.function for frame in stopped.backtrace()]


# -- places --------------------------------------------------------------------------------------------------


@OPTIMISED
def test_breakpoint_at_a_line_stops_once_each_time_the_line_is_executed(optimize: str) -> None:
    stopped = machine(optimize)
    place = at("calls = calls + 1")
    stopped.breakpoints.add(place)
    seen = []
    while stopped.run().reason == "breakpoint":
        seen.append(stopped.memory.load(stopped._symbols["calls"]))
    assert seen == list(range(9))
    stopped.breakpoints.remove(place)
    assert len(stopped.breakpoints) == 0


def test_line_without_code_means_the_next_that_has_some() -> None:
    stopped = machine()
    assert stopped.breakpoints.add(at("uint64 cause;")) == stopped.breakpoints.address(at("csrr %0, scause"))


def test_inlined_line_has_a_breakpoint_wherever_it_went() -> None:
    stopped = machine("-O2")
    stopped.breakpoints.add(at("now + 50"))  # next_tick() is inlined into two functions
    assert len(stopped.breakpoints) == 2
    assert [stopped.run().reason for _ in range(3)] == ["breakpoint"] * 3


def test_run_to_takes_a_line_and_breakpoints_of_a_kernel_take_those_of_its_programs() -> None:
    stopped = machine()
    assert stopped.run_to(at("int before =")).reason == "breakpoint"
    model = hl.Kernel(memory="4MiB")
    program = hl.cc(
        "int main(void) {\n    int n = 1;\n    n += 2;\n    return n;\n}\n", name="prog", optimize="-O0"
    )
    model.spawn(program)
    model.breakpoints.add("prog.c:3")
    assert model.run().reason == "breakpoint"
    assert program.line(model.hart.pc) == ("prog.c", 3)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("nowhere.c:3", "there is of kernel.c"),
        ("kernel.c:9999", "behind the last line"),
        ("nobody", "no symbol 'nobody'"),
    ],
)
def test_places_that_are_none_are_explained(where: str, words: str) -> None:
    with pytest.raises(KeyError, match=re.escape(words)):
        machine().breakpoints.add(where)
    with pytest.raises(KeyError, match="compile it with -g"):
        hl.Machine(code=hl.asm("nop")).breakpoints.add("kernel.c:3")


# -- watchpoints ---------------------------------------------------------------------------------------------


def test_watch_by_name_says_what_has_changed_from_what_to_what() -> None:
    stopped = machine()
    with stopped.watch("ticks"):
        for before in range(3):
            result = stopped.run()
            hit = result.watch
            assert (result.reason, result.hart) == ("watchpoint", 0)
            assert (hit.access, hit.va, hit.size) == ("store", stopped._symbols["ticks"], 8)
            assert (hit.before, hit.after) == (before, before + 1)
            assert hl.disasm(stopped.memory.read(hit.pc, 4), pc=hit.pc)["text"][0].startswith("sd")
            assert f"{before:#x} -> {before + 1:#x}" in result.detail
    with stopped.watch("results") as whole:
        assert whole.size == 32
    with stopped.watch("frame.registers[2]") as part:
        assert (part.va, part.size) == (stopped._symbols["frame"] + 16, 8)
    assert stopped.watch("leave_trap").size == 8  # but a label
    with pytest.raises(KeyError, match="no variable 'tick'; it has ticks"):
        stopped.watch("tick")
    assert hl.Machine(code=hl.asm("nop")).watch(RAM).size == 8


def test_values_of_hits_are_right_for_every_kind_of_access_wherever_it_lies() -> None:
    rng = random.Random(1)
    edge = RAM + 0x9000
    kinds = {"sb": 1, "sh": 2, "sw": 4, "sd": 8, "lb": 1, "lhu": 2, "lw": 4, "ld": 8}
    for _ in range(150):
        text, size = rng.choice([*kinds.items()])
        va, old, new = edge - rng.randrange(12), rng.getrandbits(64), rng.getrandbits(64)
        stopped = board(f"nop; {text} a1, 0(a0); nop", x={"a0": va, "a1": new})
        stopped.memory.write(va, old.to_bytes(8, "little"))
        mask = (1 << 8 * size) - 1
        stopped.watch(va + rng.randrange(size), 1, loads=True)
        hit = stopped.run(10).watch
        after = new if text[0] == "s" else old
        assert (hit.va, hit.size, hit.pc, hit.before, hit.after) == (
            va, size, RAM + 4, old & mask, after & mask
        ), text  # fmt: skip


@pytest.mark.parametrize(
    ("text", "after"), [("amoadd.d a2, a1, (a0)", 12), ("amoswap.d a2, a1, (a0)", 5), ("lr.d a2, (a0)", 7)]
)
def test_hits_of_atomic_instructions(text: str, after: int) -> None:
    stopped = board(text, x={"a0": RAM + 64, "a1": 5})
    stopped.memory.write(RAM + 64, (7).to_bytes(8, "little"))
    stopped.watch(RAM + 64, loads=True)
    hit = stopped.run(1).watch
    assert (hit.before, hit.after) == (7, after)


def test_watchpoint_stops_in_the_very_turn_of_a_loop_that_fills_or_copies_memory() -> None:
    fill = "loop: sb zero, 0(a0); addi a0, a0, 1; bne a0, a1, loop; ecall"
    copy = "loop: ld t0, 0(a2); sd t0, 0(a0); addi a0, a0, 8; addi a2, a2, 8; bne a0, a1, loop; ecall"
    for text, length, step in ((fill, 3, 1), (copy, 5, 8)):
        for offset in (0, 0xFF8, 0x1000, 0x1FF8):
            x = {"a0": RAM + 0x8000, "a1": RAM + 0xA000, "a2": RAM + 0xC000}
            stopped = board(text, x=x, privilege="M")
            stopped.watch(RAM + 0x8000 + offset, 1)
            result = stopped.run(1_000_000)
            turn = offset // step
            done = {1: 1, 8: 2}[step]
            assert (result.reason, result.instructions) == ("watchpoint", turn * length + done)
            assert result.watch.va == RAM + 0x8000 + offset


def test_store_to_a_device_has_no_value_before() -> None:
    stopped = board("sb a1, 0(a0)", x={"a0": 0x1000_0000, "a1": 65})
    stopped.watch(0x1000_0000, 1)
    hit = stopped.run(1).watch
    assert (hit.before, hit.after) == (None, 65)


# -- backtraces ----------------------------------------------------------------------------------------------


@OPTIMISED
def test_backtrace_has_every_call_at_every_instruction_of_a_recursion(optimize: str) -> None:
    """Prologues and epilogues included: what the stack looks like there, only the compiler's tables say."""
    stopped = machine(optimize)
    stopped.run_to("user_main")
    code = stopped.disassemble("user_main").table["pc"]
    inside = {int(pc) for pc in code}
    depth, steps = 0, 0
    while steps < 900:
        result = stopped.step()
        assert result.reason == "budget"
        steps += 1
        if stopped.hart.privilege != "U":
            continue
        names = functions(stopped)
        assert names[-1] == "user_main", names
        if int(stopped.hart.pc) in inside:
            assert names == ["user_main"]
        depth = max(depth, names.count("fibonacci"))
    assert depth >= 3


def test_frames_have_lines_arguments_locals_and_registers() -> None:
    stopped = machine()
    stopped.breakpoints.add(at("return before + fibonacci"))
    while stopped.backtrace()[0].function != "fibonacci" or stopped.backtrace()[0].arguments != {"n": 4}:
        assert stopped.run().reason == "breakpoint"
    trace = stopped.backtrace()
    assert [frame.function for frame in trace] == ["fibonacci", "user_main"]
    inner, outer = trace
    assert (inner.file, inner.line) == ("kernel.c", line_of("return before + fibonacci"))
    assert (outer.line, outer.locals) == (line_of("results[i] = fibonacci(i)"), {"i": 4})
    assert inner.locals == {"n": 4, "before": 2}
    assert outer.registers["sp"] == inner.cfa
    assert outer.registers["t0"] is None
    assert "no code for U-mode" in trace.why
    assert repr(inner) == f"#0  {stopped.hart.pc:#x} in fibonacci(n=4) at kernel.c:{inner.line}"
    stopped.step()
    with pytest.raises(RuntimeError, match="gone on"):
        _ = inner.locals
    assert "fibonacci(n=4)" in repr(inner)


@OPTIMISED
def test_backtrace_of_the_kernel_ends_at_the_trap_vector_and_says_which_trap(optimize: str) -> None:
    stopped = machine(optimize)
    stopped.run_to(at("*POWER ="))
    trace = stopped.backtrace()
    assert [frame.function for frame in trace] == ["serve", "trap", "trap_vector"]
    assert "system call from user mode" in trace.why
    assert "<call+" in trace.why
    if optimize == "-O0":
        record = trace[1].locals["call"]
        assert (record["number"], record["argument"]) == (2, 5)
        assert int(trace[0].arguments["call"]) == record.address
        assert not trace[0].inlined
    else:
        assert [frame.inlined for frame in trace] == [True, False, False]
        assert trace[0].line == line_of("*POWER =")
        assert trace[1].line == line_of("serve(&call);")


def test_a_function_from_a_header_that_is_inlined_was_called_from_the_file_that_has_the_call(
    layout: Path,
) -> None:
    source = """
# 300 "riscv.h"
static inline __attribute__((always_inline)) int twice(volatile int *a) { *a = 7;
    return 2 * *a; }
# 40 "proc.c"
void _start(void) {
    volatile int x;
    for (;;)
        x = twice(&x);
}
"""
    stopped = hl.Machine(kernel=hl.cc(source, ulib=False, script=layout, optimize="-O1"))
    stopped.hart.x.sp = RAM + 0x8000
    stopped.run_to("riscv.h:301")
    assert [(frame.function, frame.file, frame.line) for frame in stopped.backtrace()] == [
        ("twice", "riscv.h", 301),
        ("_start", "proc.c", 43),
    ]


def test_a_kernel_of_many_files_is_followed_from_where_it_copies_a_process_to_the_trap() -> None:
    stopped = teaching.booted()
    stopped.breakpoints.add("uvmcopy")
    stopped.console.send("forks\n")
    assert stopped.run().reason == "breakpoint"
    trace = stopped.backtrace()
    assert [frame.function for frame in trace][:5] == ["uvmcopy", "fork", "sys_fork", "syscall", "usertrap"]
    assert trace[1].file.endswith("proc.c")
    assert trace[0].arguments["size"] == stopped.hart.x.a2
    parent, child = (trace[1].locals[name].read() for name in ("p", "child"))
    assert parent["pid"] != child["pid"]
    with stopped.watch("ticks"):
        stopped.breakpoints.clear()
        hit = stopped.run().watch
    assert hit.after == hit.before + 1
    assert "timer" in stopped.backtrace()[0].function


def test_harts_have_backtraces_of_their_own() -> None:
    stopped = machine(harts=2)
    stopped.run_to("fibonacci")
    other = 1 - stopped._engine.current_hart
    assert functions(stopped)[0] == "fibonacci"
    assert stopped.backtrace(other)[0].function in ("count", "other", "_start", "leave_machine_mode")
    with pytest.raises(ValueError, match="hart=2"):
        stopped.backtrace(2)


def test_code_without_debug_information_is_followed_by_its_frame_pointers() -> None:
    text = """
    start: la sp, 0x80008000; li s0, 0; li ra, 0; jal outer
    outer: addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16; jal inner
    inner: addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16; nop; j .
    """
    stopped = board(text)
    stopped.run(100)
    trace = stopped.backtrace()
    assert len(trace) == 3
    assert "s0 points to none" in trace.why


@pytest.mark.parametrize("limit", [1, 5, 1000])
def test_hostile_stacks_end_the_trace(limit: int) -> None:
    rng = random.Random(2)
    stopped = machine()
    stopped.breakpoints.add(at("return before + fibonacci"))
    stopped.run()
    for _ in range(20):
        stack = int(stopped.hart.x.sp) + 0x4000_0000
        words = [rng.getrandbits(64), stopped.hart.pc, int(stopped.hart.x.sp) + rng.randrange(200), 0]
        stopped.memory.write(stack, b"".join(rng.choice(words).to_bytes(8, "little") for _ in range(20)))
        trace = stopped.backtrace(limit=limit)
        assert 1 <= len(trace) <= limit
        assert trace.why
        assert [frame.locals is not None for frame in trace]


def test_a_stack_that_goes_on_for_ever_is_cut(layout: Path) -> None:
    source = """
        int down(int n) { return down(n + 1) + n; }
        char stack[65536];
        __asm__(".section .text._start; .globl _start; _start: la sp, stack + 65536; call down");
    """
    stopped = hl.Machine(kernel=hl.cc(source, name="deep", ulib=False, optimize="-O0", script=layout))
    stopped.run(2000)
    assert len(stopped.backtrace(limit=10)) == 10
    assert "there are more" in stopped.backtrace(limit=10).why
    assert len(stopped.backtrace(limit=1000)) > 50


# -- disassembly ---------------------------------------------------------------------------------------------


def test_disassembly_of_a_function_is_all_of_it_with_its_source() -> None:
    stopped = machine()
    stopped.run_to("trap")
    shown = stopped.disassemble("trap", source_path=HERE)
    table = shown.table
    assert int(table["pc"][0]) == stopped._symbols["trap"]
    assert table["text"][-1] == "ret"
    assert set(table["file"]) == {"kernel.c"}
    lines = repr(shown).splitlines()
    number = line_of("void trap(struct")
    assert lines[0] == f"kernel.c:{number}  void trap(struct trapframe *saved) {{"
    assert lines[1].startswith(f"=> {stopped.hart.pc:#x} <trap>  ")
    assert sum("serve(&call);" in line for line in lines) == 1
    assert repr(stopped.disassemble("trap")).splitlines()[0] == f"kernel.c:{number}"


def test_disassembly_begins_anywhere_and_knows_the_sources_of_programs_that_were_compiled_here(
    layout: Path,
) -> None:
    source = "void _start(void) {\n    for (;;)\n        ;\n}\n"
    program = hl.cc(source, name="spin", ulib=False, script=layout)
    stopped = hl.Machine(kernel=program)
    stopped.run_to("_start")
    assert "spin.c:1  void _start(void) {" in repr(stopped.disassemble(count=1))
    assert len(stopped.disassemble(0x8000_0000, 3)) == 3
    assert len(stopped.disassemble(0xFFFF_0000)) == 0
    with pytest.raises(KeyError, match="nobody"):
        stopped.disassemble("nobody")


def test_source_files_are_looked_for_where_they_may_be_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "kernel").mkdir(parents=True)
    (folder / "kernel" / "vm.c").write_text("one\ntwo\n")
    (tmp_path / "secret.c").write_text("secret\n")
    for name in ("/home/her/xv6/kernel/vm.c", "kernel/vm.c", "./kernel/vm.c"):
        assert Sources(folder).line(name, 2) == "two"
    for name in ("../secret.c", "/secret.c", "kernel/../../secret.c", "vm.c", "kernel/vm", "kernel\0/vm.c"):
        assert Sources(folder).line(name, 1) is None
    assert Sources(folder / "kernel").line("vm.c", 3) is None
    assert Sources().line(str(SOURCE), 1) == SOURCE.read_text().splitlines()[0]
    assert Sources().line("/etc/passwd", 1) is None
