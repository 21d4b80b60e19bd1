"""``hartlab boot``: a board in a terminal, as though it were the serial port of a real one."""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hartlab.arguments import integer
from hartlab.board.device_tree import TIMEBASE
from hartlab.gdb.server import Stub
from hartlab.machine import INSTRUCTIONS_PER_SECOND, Machine
from hartlab.run_result import RunResult

_PIECE = 1_000_000  # instructions between looks at the keyboard: some milliseconds
_SHORT_PIECE = 20_000  # less than a millisecond of the guest's: in real time, and while a guest rests
_QUIET = 1_000_000_000  # instructions without output after which the end of the input is the end
_LONG, _IDLE = 3600.0, 0.02  # seconds to wait: with nothing else to do, and for a guest that does nothing
_QUIET_FOR, _REST = 1.0, 0.1  # seconds after which a guest that only lets time pass rests, and for how long
_ESCAPE, _QUIT = 0x01, ord("x")  # Ctrl-A X, as in QEMU


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "boot",
        help="boot firmware or a kernel on a board like QEMU's virt, in this terminal",
        description="Boot KERNEL on a board like QEMU's virt. The terminal is its serial port; Ctrl-A X ends "
        "it. The exit status is the guest's.",
    )
    parser.add_argument("kernel", type=Path, nargs="?", metavar="KERNEL", help="an ELF file, or a raw image")
    parser.add_argument(
        "--bios", type=Path, metavar="FILE", help="firmware, such as OpenSBI's fw_dynamic.bin"
    )
    parser.add_argument("--initrd", type=Path, metavar="FILE", help="an initial RAM disk")
    parser.add_argument("--append", default="", metavar="TEXT", help="the kernel's command line")
    parser.add_argument(
        "--disk", type=Path, metavar="IMAGE", help="a raw image; changes stay in memory unless:"
    )
    parser.add_argument("--disk-writable", action="store_true", help="the guest's changes go to IMAGE")
    parser.add_argument("--save-disk", type=Path, metavar="IMAGE", help="where to write the disk at the end")
    parser.add_argument("--virtio", default="modern", choices=("modern", "legacy"), help="version 2 or 1")
    parser.add_argument("--harts", type=int, default=1, metavar="N", help="1 to 8")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the interleaving of harts")
    parser.add_argument("--memory", default="128MiB", help="RAM (default 128MiB)")
    parser.add_argument(
        "--rate",
        type=int,
        default=INSTRUCTIONS_PER_SECOND,
        metavar="N",
        help=f"instructions to a second of the guest's, a multiple of 10 million "
        f"(default {INSTRUCTIONS_PER_SECOND})",
    )
    parser.add_argument(
        "--realtime", action="store_true", help="let the guest's seconds take as long as yours, at least"
    )
    parser.add_argument(
        "--max-instructions", type=int, default=1 << 60, metavar="N", help="give up after so many"
    )
    parser.add_argument(
        "--signature",
        type=Path,
        metavar="FILE",
        help="where to write memory from begin_signature to end_signature at the end",
    )
    parser.add_argument(
        "--signature-granularity", type=int, default=4, metavar="N", help="bytes of a line of it: 4, 8 or 16"
    )
    parser.add_argument(
        "--gdb",
        type=int,
        metavar="PORT",
        help="begin stopped, and wait for GDB's 'target remote :PORT'; 0 for any port that is free",
    )
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Boot the board and return the guest's exit code."""
    if arguments.kernel is None and arguments.bios is None:
        print("hartlab: name a KERNEL, or firmware with --bios", file=sys.stderr)
        return 2
    try:
        machine = Machine(
            arguments.memory,
            bios=arguments.bios,
            kernel=arguments.kernel,
            initrd=arguments.initrd,
            append=arguments.append,
            disk=arguments.disk,
            virtio=arguments.virtio,
            harts=arguments.harts,
            seed=arguments.seed,
            disk_writable=arguments.disk_writable,
            instructions_per_tick=_per_tick(arguments.rate),
        )
        if arguments.signature:
            machine.signature(arguments.signature_granularity)  # now, and not only at the end
        stub = None if arguments.gdb is None else Stub(machine, integer("--gdb", arguments.gdb, 0, 65535))
    except (OSError, ValueError, TypeError, MemoryError) as error:
        print(f"hartlab: {error}", file=sys.stderr)
        return 127
    if stub:
        print(f"hartlab: waits for GDB: target remote 127.0.0.1:{stub.port}", file=sys.stderr, flush=True)
    with machine:
        with _raw_terminal():
            status = _Session(machine, arguments.realtime, arguments.max_instructions, stub).run()
        try:
            _write_results(machine, arguments)
        except OSError as error:
            return _complain(str(error))
    return status


def _write_results(machine: Machine, arguments: argparse.Namespace) -> None:
    """Write what is to be kept of a machine that has ended."""
    if arguments.save_disk and machine.disk:
        machine.disk.save(arguments.save_disk)
    if arguments.signature:
        arguments.signature.write_text(machine.signature(arguments.signature_granularity))


def _per_tick(rate: int) -> int:
    if rate < TIMEBASE or rate % TIMEBASE:
        raise ValueError(f"--rate={rate} is no multiple of the clock's {TIMEBASE:,} ticks a second")
    return rate // TIMEBASE


class _Session:
    """The conversation between a terminal and a machine."""

    def __init__(self, machine: Machine, realtime: bool, budget: int, stub: Stub | None = None) -> None:
        self.machine = machine
        self.stub = stub
        self.held = stub is not None  # GDB has not come yet
        self.realtime = realtime
        self.budget = budget
        self.started = time.monotonic()
        self.escaped = False
        self.input_ended = False
        self.quiet = 0  # instructions since the last output
        self.quiet_since = self.started

    def run(self) -> int:
        patience = rest = 0.0
        while self.budget > 0:
            ready = self._wait(patience)
            if not self._type(ready):
                return 0
            if self.stub and (how := self.stub.serve(ready)) in ("killed", "exited"):
                _print(self.machine.console.read_bytes())
                return _exit_status(self.machine._engine.exit_code) if how == "exited" else 0
            if self._with_gdb():
                _print(self.machine.console.read_bytes())
                patience = self._patience_of_gdb()
                continue
            before = self.machine.hart.time
            piece = _SHORT_PIECE if self.realtime or rest else _PIECE
            result = self.machine.run(min(piece, self.budget))
            self.budget -= result.instructions
            fresh = self.machine.console.read_bytes()
            _print(fresh)
            self.quiet = 0 if fresh else self.quiet + result.instructions
            if result.reason == "reset":
                self.machine.reset()
                continue
            if (status := self._ended(result)) is not None:
                return status
            # Without anything to wait for but the keyboard, there is time for it.
            rest = self._rest(result.instructions, self.machine.hart.time - before)
            patience = _LONG if result.reason == "waiting" else max(self._ahead(), rest)
        return _complain("the budget of instructions is used up")

    def _ended(self, result: RunResult) -> int | None:
        if result.reason == "power_off":
            return _exit_status(result.exit_code or 0)
        if result.reason not in ("budget", "waiting"):
            return _complain(result.why)
        if self.input_ended and not self.machine.console.pending:
            if result.reason == "waiting":
                return _complain(result.why)
            if self.quiet > _QUIET:
                return _complain("the input is at its end, and the guest prints nothing more")
        return None

    def _ahead(self) -> float:
        """Seconds by which the guest's clock is ahead of ours, if that matters."""
        if not self.realtime:
            return 0.0
        return max(0.0, self.machine.hart.time / 1e7 - (time.monotonic() - self.started))

    def _rest(self, instructions: int, ticks: int) -> float:
        """Seconds to leave the processor to others: a guest at its prompt lets time pass for nobody."""
        if self.quiet == 0:
            self.quiet_since = time.monotonic()
        machine = self.machine
        executing = instructions / (
            ticks * machine._config["instructions_per_tick"] * len(machine.harts) or 1
        )
        long_quiet = time.monotonic() - self.quiet_since > _QUIET_FOR
        return _REST if long_quiet and executing < 0.1 and not self.input_ended else 0.0

    def _with_gdb(self) -> bool:
        """Whether it is GDB that lets the machine run, or does not."""
        if self.stub and self.stub.session:
            self.held = False
            return True
        return self.held

    def _patience_of_gdb(self) -> float:
        session = self.stub.session if self.stub else None
        if session is None or not session.running:
            return _LONG
        return _IDLE if session.idle else self._ahead()

    def _wait(self, patience: float) -> list[Any]:
        """Wait so long for what is typed, or for GDB; return where something has come."""
        sources: list[Any] = [] if self.input_ended else [sys.stdin]
        sources += self.stub.sockets if self.stub else []
        if not sources:
            time.sleep(min(patience, 1.0))
            return []
        return select.select(sources, [], [], patience)[0]

    def _type(self, ready: list[Any]) -> bool:
        """Pass on what has been typed. False when it was Ctrl-A X."""
        if sys.stdin not in ready:
            return True
        data = os.read(sys.stdin.fileno(), 4096)
        if not data:
            self.input_ended = True
            return True
        typed = bytearray()
        for byte in data:
            if self.escaped:
                self.escaped = False
                if byte | 0x20 == _QUIT:
                    return False
                typed.append(byte)
            elif byte == _ESCAPE:
                self.escaped = True
            else:
                typed.append(byte)
        self.machine.console.send(bytes(typed))
        self.quiet = 0
        return True


def _exit_status(code: int) -> int:
    """Return the eight bits that a command's status has; what is no success is none there, either."""
    return code & 0xFF or int(code != 0)


def _print(data: bytes) -> None:
    if data:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _complain(what: str) -> int:
    print(f"\r\nhartlab: {what}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """Each key goes to the guest at once, Ctrl-C too; a pipe is left as it is."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
