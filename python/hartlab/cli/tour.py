"""``hartlab tour``: a C program on the simulated kernel, and what its system calls did to memory."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hartlab.kernel import Kernel
    from hartlab.process import Process
    from hartlab.toolchain.program import Program

SOURCE = """\
#include "user.h"

int shared = 1;

int main(void) {
    char *heap = sbrk(2 * 4096);              // two pages, at once
    heap[0] = 'A';

    char *later = sbrklazy(64 * 4096);        // 64 pages, on credit
    later[40 * 4096] = 'L';                   // touching one of them brings it

    int pid = fork();                         // a child with the same memory ...
    if (pid == 0) {
        shared = 2;                           // ... of its own
        exit(7);
    }
    int status;
    wait(&status);
    printf("child %d exited with %d; my shared is still %d\\n", pid, status, shared);
    return 0;
}
"""


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser("tour", help="watch a C program change page tables and the free list")
    parser.add_argument("--compiler", default="zig", help="zig (default), gcc, or the name of a RISC-V gcc")
    parser.add_argument(
        "--fork", default="copy", choices=("copy", "cow"), help="how fork gives the child its memory"
    )
    parser.set_defaults(handler=tour)


def tour(arguments: argparse.Namespace) -> int:
    """Tell the story from the compiler to the exit status."""
    import hartlab as hl

    heading("A C program")
    print(textwrap.indent(SOURCE, "    "), end="")
    try:
        program = hl.cc(SOURCE, name="tour", compiler=arguments.compiler)
    except (hl.CompilerNotFoundError, hl.CompileError) as error:
        print(f"hartlab: {error}", file=sys.stderr)
        return 1
    kernel = hl.Kernel(fork=arguments.fork)
    process = kernel.spawn(program)
    _tell(kernel, process, program)
    heading("What it printed")
    print(textwrap.indent(kernel.console.text, "    "), end="")
    return process.exit_status or 0


def _tell(kernel: Kernel, process: Process, program: Program) -> None:
    import hartlab as hl

    heading(f"Compiled by {program.compiler.name} for RISC-V, and loaded by exec: pid {process.pid}")
    show(process.areas()[["start", "end", "kind", "perms", "present", "absent"]])

    heading("Its page table: what the MMU will look up")
    entries = process.page_table.entries()
    show(entries[["va", "pa", "level", "V", "R", "W", "X", "U", "G", "A", "D"]])

    for call, text in (
        ("sbrk", "sbrk(8192): pages at once"),
        ("sbrk", "sbrklazy(262144): a promise, and no page"),
    ):
        run_to(kernel, process, call)
        before = kernel.snapshot()
        kernel.run(1)  # the kernel serves the call, and one user instruction follows
        heading(text)
        tell_diff(hl.diff(before, kernel))

    result = kernel.run(until="trap")
    before = kernel.snapshot()
    heading(f"Touching a promised page: {kernel.hart.last_trap()['words']} at {kernel.hart.csrs['stval']:#x}")
    print(f"    {result.instructions:,} instructions later, at this one:")
    show(process.disassemble(1))
    kernel.run(1)
    tell_diff(hl.diff(before, kernel))

    run_to(kernel, process, "fork")
    before = kernel.snapshot()
    kernel.run(1)
    how = (
        "each page copied"
        if kernel.policies["fork"] == "copy"
        else "each page shared until one of them writes"
    )
    heading(f"fork: {how}")
    tell_diff(hl.diff(before, kernel))
    child = process.children[0]
    print(f"\n    {process!r}\n    {child!r}")

    before = kernel.snapshot()
    result = kernel.run()
    heading(f"The rest: {result.why}, after {result.instructions:,} instructions and {result.traps:,} traps")
    tell_diff(hl.diff(before, kernel))
    print(f"\n    the audit of all {len(kernel.frames()):,} frames finds {problems(kernel)}")


def problems(kernel: Kernel) -> str:
    """Say what the audit says."""
    errors = int((kernel.audit()["severity"] == "error").sum())
    return f"{errors} problems" if errors else "nothing wrong: no frame is lost, none has two owners"


def run_to(kernel: Kernel, process: Process, call: str) -> None:
    """Run until `process` is about to make that system call."""
    from hartlab.system_calls import NUMBERS

    while True:
        result = kernel.run(until="syscall")
        if result.reason != "syscall":
            raise RuntimeError(f"the program made no {call}: {result!r}")
        if result.pid == process.pid and kernel.hart.x["a7"] == NUMBERS[call]:
            return


def heading(text: str) -> None:
    """Print a heading."""
    width = min(shutil.get_terminal_size().columns, 100)
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{text}{plain}\n{'-' * min(len(text), width)}")


def show(table: Any) -> None:
    """Print a table, indented."""
    print(textwrap.indent(repr(table), "    "))


def tell_diff(diff: Any) -> None:
    """Print what changed, in words and as page-table entries."""
    for line in diff.words or ["nothing has changed"]:
        print(textwrap.fill(line, 96, initial_indent="    ", subsequent_indent="      "))
    if 0 < len(diff.ptes) <= 12:
        print()
        show(diff.ptes)
