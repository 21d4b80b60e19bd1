"""``hartlab run``: a program on the simulated kernel, as though it were a program of this computer."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from hartlab.kernel import Kernel
from hartlab.process import Process

from . import report

_PIECE = 5_000_000  # instructions between looks at the console
_SHORTEST_PIECE = 100_000
_KILLED = 139  # as a shell reports a segmentation fault
_LINE = 100  # bytes typed at once: fewer than the console's buffer has room for


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "run",
        help="run a program: its console is this one, and so is its exit status",
        description="Run a C source or a RISC-V ELF file on the simulated kernel. Options before PROGRAM.",
    )
    parser.add_argument("program", type=Path, metavar="PROGRAM", help="a .c file, or an ELF file")
    parser.add_argument("args", nargs=argparse.REMAINDER, metavar="ARGS", help="its arguments")
    parser.add_argument(
        "--trace", action="store_true", help="list system calls and faults on stderr at the end"
    )
    parser.add_argument("--stats", action="store_true", help="say on stderr at the end what the run cost")
    parser.add_argument("--memory", default="32MiB", help="RAM (default 32MiB)")
    parser.add_argument(
        "--xv6", default="2025", choices=("2025", "2020"), help="edition whose policies to use"
    )
    parser.add_argument(
        "--policy", action="append", default=[], metavar="NAME=CHOICE", help="such as fork=cow"
    )
    parser.add_argument(
        "--add",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="another program or file that it may exec or open, under its own name",
    )
    parser.add_argument(
        "--max-instructions", type=int, default=1 << 60, metavar="N", help="give up after so many"
    )
    parser.add_argument("--compiler", default="zig", help="for .c files: zig (default), gcc, or a RISC-V gcc")
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the program and return its exit status."""
    from hartlab.errors import CompileError, CompilerNotFoundError, ElfError, KernelPanic

    try:
        kernel = _kernel(arguments)
        for path in arguments.add:
            loaded = _load(path, arguments.compiler)
            kernel.files.add(path.stem if path.suffix == ".c" else path.name, loaded)
        program = _load(arguments.program, arguments.compiler)
        name = arguments.program.stem if arguments.program.suffix == ".c" else arguments.program.name
        process = kernel.spawn(program, [name, *arguments.args], name=name)
    except (CompileError, CompilerNotFoundError, ElfError, OSError, ValueError, MemoryError) as error:
        print(f"hartlab: {error}", file=sys.stderr)
        return 127
    tracing = kernel.tracing() if arguments.trace else None
    started = time.monotonic()
    try:
        return _run(kernel, process, arguments.max_instructions)
    except KernelPanic as panic:
        _show(kernel)
        print(f"hartlab: {panic}", file=sys.stderr)
        return 1
    finally:
        if tracing is not None:
            report.trace(kernel.trace())
        if arguments.stats:
            report.stats(kernel, time.monotonic() - started)


def _kernel(arguments: argparse.Namespace) -> Kernel:
    policies: dict[str, Any] = {}
    for setting in arguments.policy:
        name, equals, choice = setting.partition("=")
        if not equals:
            raise ValueError(f"--policy {setting}: write NAME=CHOICE; `hartlab info` lists them")
        policies[name.strip()] = int(choice) if choice.strip().isdigit() else choice.strip()
    try:
        return Kernel(arguments.memory, xv6=arguments.xv6, **policies)
    except TypeError:
        raise ValueError(
            f"--policy: one of {', '.join(policies)} is no policy; `hartlab info` lists them"
        ) from None


def _load(path: Path, compiler: str) -> Any:
    if path.suffix != ".c":
        return path.read_bytes()
    from hartlab.toolchain import cc

    program = cc(path, compiler=compiler)
    if program.remarks:
        print(program.remarks, end="", file=sys.stderr)
    return program


def _run(kernel: Kernel, process: Process, budget: int) -> int:
    piece = _SHORTEST_PIECE  # short at first, so that what is printed early is seen early
    while process.alive and budget > 0:
        result = kernel.run(min(piece, budget), until="exit")
        budget -= result.instructions
        piece = min(2 * piece, _PIECE)
        _show(kernel)
        if result.reason == "interrupted":
            return 130
        if result.reason in ("idle", "finished") and not _ended(process) and not _type(kernel):
            print(f"hartlab: nothing can go on: {result.detail or result.why}", file=sys.stderr)
            return 1
    if process.alive:
        print("hartlab: the budget of instructions is used up", file=sys.stderr)
        return 1
    if process.killed_by:
        print(f"hartlab: killed: {process.killed_by}", file=sys.stderr)
        return _KILLED
    return (process.exit_status or 0) & 0xFF


def _ended(process: Process) -> bool:
    return not process.alive


def _show(kernel: Kernel) -> None:
    """Print what is new on the console."""
    if fresh := kernel.console.read_bytes():
        sys.stdout.buffer.write(fresh)
        sys.stdout.buffer.flush()


def _type(kernel: Kernel) -> bool:
    """Pass a line of stdin to whoever reads; False when nobody does."""
    if not (kernel.processes()["waits_in"] == "read").any():
        return False
    line = sys.stdin.buffer.readline(_LINE)
    kernel.console.send(line or b"\x04")  # Ctrl-D: the end of input
    kernel.console.read_bytes()  # the kernel's echo: the terminal has shown the line already
    return True
