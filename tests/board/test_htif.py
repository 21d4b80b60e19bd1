"""tohost and fromhost: how test programs end and print."""

from __future__ import annotations

import shutil
import subprocess
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
