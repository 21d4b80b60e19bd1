"""tohost and fromhost: how test programs end and print."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hartlab as hl

SECTIONS = (
    ".section .data\n.align 6\n.global tohost\ntohost: .dword 0\n.global fromhost\nfromhost: .dword 0\n"
)


def program(folder: Path, text: str) -> Path:
    gcc = shutil.which("riscv64-linux-gnu-gcc")
    if not gcc:
        pytest.skip("there is no riscv64-linux-gnu-gcc here, to make an ELF file with symbols")
    source, elf = folder / "test.S", folder / "test.elf"
    source.write_text(f".global _start\n_start:\n{text}\n1: j 1b\n{SECTIONS}")
    options = [
        "-nostdlib",
        "-static",
        "-Wl,-Ttext=0x80000000",
        "-Wl,--build-id=none,--nmagic",
        "-mcmodel=medany",
    ]
    subprocess.run([gcc, *options, str(source), "-o", str(elf)], check=True)
    return elf


@pytest.mark.parametrize(("value", "code"), [(1, 0), (1337 << 1 | 1, 1337)])
@pytest.mark.parametrize("store", ["sd t1, 0(t0)", "sw t1, 0(t0)\nsw zero, 4(t0)"])
def test_an_odd_value_ends_the_run_with_the_rest_as_exit_code(
    tmp_path: Path, value: int, code: int, store: str
) -> None:
    machine = hl.Machine(kernel=program(tmp_path, f"la t0, tohost\nli t1, {value}\n{store}"))
    result = machine.run(10_000)
    assert (result.reason, result.exit_code) == ("power_off", code)


def test_characters_go_to_the_console_and_are_answered(tmp_path: Path) -> None:
    text = """
    la t0, tohost
    la t3, fromhost
    li t1, (1 << 56) | (1 << 48) | 'A'
    sd t1, 0(t0)
    ld a0, 0(t0)
    ld a1, 0(t3)
    li t1, 3
    sd t1, 0(t0)
    """
    machine = hl.Machine(kernel=program(tmp_path, text))
    result = machine.run(10_000)
    assert (result.exit_code, machine.console.transcript) == (1, "A")
    assert (machine.hart.x.a0, machine.hart.x.a1 >> 48) == (0, 0x101)


def test_a_system_call_prints_and_a_wild_one_is_refused(tmp_path: Path) -> None:
    text = """
    la t0, tohost
    la t1, call
    sd t1, 0(t0)
    fence
    ld a0, 0(t1)
    la t1, wild
    sd t1, 0(t0)
    ld a1, 0(t1)
    li t1, 1
    sd t1, 0(t0)
    .data
    .align 6
    call: .dword 64, 1, text, 6, 0, 0, 0, 0
    wild: .dword 64, 1, 16, 6, 0, 0, 0, 0
    text: .ascii "hello\\n"
    .text
    """
    machine = hl.Machine(kernel=program(tmp_path, text))
    result = machine.run(10_000)
    assert (result.exit_code, machine.console.transcript) == (0, "hello\n")
    assert (machine.hart.x.a0, machine.hart.x.a1) == (6, 2**64 - 38)


# What the test programs of riscv-tests do: M-mode tries registers that may be absent, each with a trap vector
# behind it, lets every mode have all memory, delegates nothing, and goes to the mode of the test. That ends
# with an ecall, and the handler writes the test's number to tohost in two halves, again and again.
SUITE = """
    csrr a0, mhartid
  0: bnez a0, 0b
    la t0, 1f
    csrw mtvec, t0
    csrwi 0x744, 8
    .align 2
  1: la t0, 1f
    csrw mtvec, t0
    csrwi satp, 0
    .align 2
  1: la t0, 1f
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    .align 2
  1: csrwi mie, 0
    csrwi medeleg, 0
    csrwi mideleg, 0
    la t0, handler
    csrw mtvec, t0
    li t0, {status}
    csrw mstatus, t0
    la t0, test
    csrw mepc, t0
    mret
    .align 2
  handler:
    csrr t5, mcause
    li t6, 8
    bltu t5, t6, bad
  finish:
    la t5, tohost
    sw gp, 0(t5)
    sw zero, 4(t5)
    j finish
  bad:
    ori gp, gp, 1337
    j finish
  test:
    li gp, {number}
    la a1, begin_signature
    li a0, 0x0123456789abcdef
    sd a0, 0(a1)
    {action}
    li gp, {end}
    ecall
    .data
    .align 4
    .global begin_signature, end_signature
  begin_signature: .fill 4, 4, 0xdeadbeef
  end_signature: .dword 0
    .text
"""


@pytest.mark.parametrize("mode", [0, 1, 3])
@pytest.mark.parametrize(
    ("action", "end", "code"), [("nop", 1, 0), ("nop", 5 << 1 | 1, 5), (".word 0", 1, 1337 >> 1 | 2)]
)
def test_a_program_in_the_shape_of_riscv_tests_ends_with_the_number_of_what_failed(
    tmp_path: Path, mode: int, action: str, end: int, code: int
) -> None:
    text = SUITE.format(status=mode << 11, number=4, action=action, end=end)
    machine = hl.Machine(kernel=program(tmp_path, text))
    result = machine.run(100_000)
    assert (result.reason, result.exit_code) == ("power_off", code)
    assert machine.signature().split() == ["89abcdef", "01234567", "deadbeef", "deadbeef"]
    assert machine.signature(8).split() == ["0123456789abcdef", "deadbeefdeadbeef"]


def test_the_command_writes_the_signature_and_ends_with_the_exit_code(tmp_path: Path) -> None:
    elf = program(tmp_path, SUITE.format(status=0, number=4, action="nop", end=256 << 1 | 1))
    file = tmp_path / "test.signature"
    command = [sys.executable, "-m", "hartlab", "boot", str(elf), "--signature", str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")  # 256 has none of the eight bits of a status
    assert file.read_text() == "89abcdef\n01234567\ndeadbeef\ndeadbeef\n"


def test_a_signature_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    machine = hl.Machine(kernel=program(tmp_path, "nop"))
    with pytest.raises(ValueError, match="no begin_signature and no end_signature"):
        machine.signature()
    with pytest.raises(ValueError, match="granularity=3 must be 4, 8 or 16"):
        machine.signature(3)
