"""Debian's gdb-multiarch at work on kernel.c: its own words, as a student would read them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import hartlab as hl

from . import HERE, kernel, line_of, need_gdb


def command_line(port: int, elf: Path, commands: Sequence[str]) -> list[str]:
    """GDB's, with a line before what each of the commands prints."""
    first = ["set confirm off", "set pagination off", "set width 0", f"directory {HERE}"]
    line = [need_gdb(), "-nx", "-batch", str(elf)]
    for each in (*first, f"target remote 127.0.0.1:{port}", *commands):
        line += ["-ex", f"echo >>>{each}<<<\\n", "-ex", each]
    return line


def gdb(port: int, elf: Path, commands: Sequence[str]) -> dict[str, str]:
    """What GDB prints for each of the commands; the same command again is the last one."""
    done = subprocess.run(
        command_line(port, elf, commands),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    parts = re.split(r"^>>>(.*)<<<\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    path = tmp_path / "kernel.elf"
    path.write_bytes(kernel())
    return path


def debug(elf: Path, *commands: str, **options: object) -> dict[str, str]:
    machine = hl.Machine(kernel=elf, **options)
    with machine.gdb() as server:
        return gdb(server.port, elf, commands)


def running(server: hl.GdbServer) -> bool:
    session = server._stub.session
    return session is not None and session.running


def said(text: str, *wanted: str) -> bool:
    """Whether all of these stand in what GDB said, in this order; `...` is anything."""
    pattern = ".*".join(re.escape(each) for each in wanted)
    assert re.search(pattern, text, re.DOTALL), text
    return True


def test_breakpoints_backtraces_arguments_and_source_lines(elf: Path) -> None:
    out = debug(
        elf, "break fibonacci if n == 4", "continue", "backtrace", "finish",
        f"tbreak kernel.c:{line_of('call(EXIT, 5)')}",
        "delete 1", "continue ", "print results", "info registers priv",
    )  # fmt: skip
    said(out["continue"], "Breakpoint 1, fibonacci (n=4) at", "kernel.c", "if (n < 2)")
    said(out["backtrace"], "#0  fibonacci (n=4)", "#1 ", "in user_main ()")
    said(out["finish"], "Value returned is $1 = 3")
    said(out["continue "], "Temporary breakpoint 2", "user_main ()", "call(EXIT, 5)")
    said(out["print results"], "{0, 1, 1, 2, 3, 5, 8, 13}")
    said(out["info registers priv"], "User/Application")


def test_steps_across_ecall_mret_and_sret(elf: Path) -> None:
    out = debug(
        elf, "break leave_machine_mode", "continue", "x/i $pc", "stepi", "info registers priv",
        "tbreak call", "continue ", "stepi 5", "stepi ", "x/i $pc ", "stepi  ", "info registers priv scause",
        "tbreak leave_trap", "continue  ", "x/i $pc  ", "stepi   ", "info registers priv ",
    )  # fmt: skip
    said(out["x/i $pc"], "mret")
    said(out["stepi"], "start_kernel ()")
    said(out["info registers priv"], "Supervisor")
    said(out["x/i $pc "], "ecall")
    said(out["stepi  "], "in trap_vector ()")
    said(out["info registers priv scause"], "Supervisor", "scause", "0x8")
    said(out["x/i $pc  "], "sret")
    said(out["stepi   "], "in call (number=1, argument=97)")
    said(out["info registers priv "], "User/Application")


def test_stepping_by_lines_goes_over_system_calls_and_ticks(elf: Path) -> None:
    lines = ["break user_main", "continue", *(f"next{' ' * n}" for n in range(12)), "print ticks", "print i"]
    out = debug(elf, *lines)
    shown = "".join(out[f"next{' ' * n}"] for n in range(12))
    assert shown.count("results[i] = fibonacci(i);") == 3
    assert "trap" not in shown
    assert int(out["print ticks"].split()[-1]) > 0
    said(out["print i"], "= 2")


def test_watchpoints_show_old_and_new_values_and_who_reads(elf: Path) -> None:
    out = debug(
        elf, "watch calls", "continue", "continue ", "delete", "rwatch ticks", "continue  ", "delete ",
        "awatch results[5]",
        "continue   ",
    )  # fmt: skip
    said(out["continue"], "Hardware watchpoint 1: calls", "Old value = 0", "New value = 1", "serve (call=")
    said(out["continue "], "Old value = 1", "New value = 2")
    said(out["continue  "], "Hardware read watchpoint 2: ticks", "Value = ", "in trap (")
    said(out["continue   "], "access", "watchpoint 3: results[5]", "in user_main ()")


def test_running_backwards_undoes_what_was_written(elf: Path) -> None:
    out = debug(
        elf, "break user_main", "continue", f"break {line_of('call(EXIT, 5)')}", "continue ",
        "watch results[6]", "reverse-continue",
        "print results", "reverse-continue ", "info registers pc priv", "reverse-stepi", "print $priv",
        "reverse-continue  ",
        "continue  ", "print results ", "monitor history",
    )  # fmt: skip
    said(out["reverse-continue"], "Old value = 8", "New value = 0")
    said(out["print results"], "{0, 1, 1, 2, 3, 5, 0, 0}")
    said(out["reverse-continue "], "Breakpoint 1, user_main ()")
    said(out["reverse-continue  "], "No more reverse-execution history")
    said(out["continue  "], "Breakpoint 1, user_main ()")
    said(out["print results "], "{0, 0, 0, 0, 0, 0, 0, 0}")


def test_reverse_steps_go_back_over_sret_and_ecall(elf: Path) -> None:
    out = debug(
        elf, "tbreak leave_trap", "continue", "stepi", "info symbol $pc", "reverse-stepi", "x/i $pc",
        "tbreak trap_vector",
        "reverse-continue", "reverse-stepi ", "x/i $pc ", "info registers priv",
    )  # fmt: skip
    said(out["x/i $pc"], "sret")
    said(out["reverse-continue"], "in trap_vector ()")
    said(out["x/i $pc "], "ecall")
    said(out["info registers priv"], "User/Application")


def test_registers_memory_and_variables_are_read_and_written(elf: Path) -> None:
    out = debug(
        elf, "break fibonacci if n == 3", "continue", "set var n = 1", "finish", "set var $a0 = 41",
        "print $a0 + 1",
        "print $fa0", "set var $ft0 = 1.5", "print $ft0", "print/x $satp >> 60", "print $sp == (long)$x2",
        "set var results[7] = 99", "print results[7]", "x/2xw &results", "print/x *(int *)0x1000",
        "print *(int *)0xc0000000", "monitor memory physical",
        "print table[1] & 1",
    )  # fmt: skip
    said(out["finish"], "Value returned is $1 = 1")
    said(out["print $a0 + 1"], "= 42")
    said(out["print $ft0"], "double = 1.5")
    said(out["print/x $satp >> 60"], "0x8")
    said(out["print results[7]"], "= 99")
    said(out["print/x *(int *)0x1000"], "0x297")  # the boot ROM: page 0 is mapped to itself
    said(out["print *(int *)0xc0000000"], "Cannot access memory")
    said(out["print table[1] & 1"], "= 1")


def test_harts_are_threads_that_are_stopped_and_stepped_by_themselves(elf: Path) -> None:
    out = debug(
        elf, "break call", "continue", "info threads", "delete", "thread 2", "print $mhartid", "stepi",
        "print $mhartid ",
        "watch counted", "continue ", "thread apply all print $priv", harts=2,
    )  # fmt: skip
    said(out["info threads"], '"hart 0" (U-mode)', '"hart 1" (M-mode)')
    said(out["print $mhartid"], "= 1")
    said(out["print $mhartid "], "= 1")
    said(out["continue "], "Thread 2", "Hardware watchpoint 2: counted")
    assert len(re.findall(r"= [013]\n", out["thread apply all print $priv"])) == 2


def test_monitor_and_the_end(elf: Path) -> None:
    out = debug(
        elf, "break call", "continue", "monitor walk 0x40020000 fetch", "monitor trap", "monitor nonsense",
        "monitor reset",
        "maint flush register-cache", "print $pc", "delete", "continue ",
    )  # fmt: skip
    said(out["monitor walk 0x40020000 fetch"], "Walk of 0x40020000", "level 2")
    said(out["monitor nonsense"], "monitor help lists them")
    said(out["print $pc"], "0x1000")
    said(out["continue "], "exited with code 05")


def test_control_c_stops_a_guest_that_goes_round_for_ever(elf: Path) -> None:
    machine = hl.Machine(kernel=hl.asm("li a0, 7; loop: j loop", origin=hl.KERNBASE))
    with machine.gdb() as server:
        line = command_line(server.port, elf, ["continue", "print $a0", "stepi", "print $pc"])
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            deadline = time.monotonic() + 60
            while not running(server) and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            try:
                out, _ = process.communicate(timeout=60)
            finally:
                process.kill()
    said(out, "Program received signal SIGINT", "$1 = 7", "0x80000004")


def test_hartlab_boot_waits_for_gdb_and_goes_on_without_it(elf: Path) -> None:
    need_gdb()
    command = [sys.executable, "-m", "hartlab", "boot", str(elf), "--gdb", "0"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as boot:
        try:
            assert boot.stderr is not None
            port = int(boot.stderr.readline().decode().rstrip().rpartition(":")[2])
            out = gdb(port, elf, ["break fibonacci if n == 5", "continue", "detach"])
            said(out["continue"], "fibonacci (n=5)")
            printed, _ = boot.communicate(timeout=60)
        finally:
            boot.kill()
    assert (printed, boot.returncode) == (b"abbcdfin", 5)
