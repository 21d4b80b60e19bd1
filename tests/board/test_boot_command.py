"""`hartlab boot`: the guest's console is that of the command, and so is its exit code."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hartlab as hl

UART, TEST = 0x1000_0000, 0x10_0000
# Prints a prompt, echoes what is typed in capitals, and powers off with 7 at a q.
ECHO = f"""
    li s0, {UART}
    li t0, '>'
    sb t0, 0(s0)
next:
    lb t0, 5(s0)
    andi t0, t0, 1
    beqz t0, next
    lb t0, 0(s0)
    li t1, 'q'
    beq t0, t1, quit
    addi t0, t0, -32
    sb t0, 0(s0)
    j next
quit:
    li t0, {TEST}
    li t1, 0x73333
    sw t1, 0(t0)
"""
COMMAND = [sys.executable, "-m", "hartlab", "boot"]


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    path = tmp_path / "kernel.bin"
    path.write_bytes(hl.asm(ECHO, origin=0x8000_0000))
    return path


def test_a_script_is_read_and_the_exit_code_is_the_guests(kernel: Path) -> None:
    done = subprocess.run(
        [*COMMAND, str(kernel)], input=b"abcq", capture_output=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == (b">ABC", 7)


def test_a_guest_that_goes_on_after_the_end_of_the_input_is_given_up(kernel: Path) -> None:
    command = [*COMMAND, "--max-instructions", "5000000", str(kernel)]
    done = subprocess.run(command, input=b"ab", capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == (b">AB", 1)
    assert b"budget" in done.stderr


def test_a_terminal_is_raw_and_control_a_x_ends_it(kernel: Path) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen([*COMMAND, str(kernel)], stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    seen = b""
    try:
        for typed, expected in ((b"", b">"), (b"hi", b"HI"), (b"\x01\x01", b"\xe1"), (b"\x01x", None)):
            time.sleep(0.05)
            os.write(leader, typed)
            deadline = time.monotonic() + 30
            while expected is not None and expected not in seen and time.monotonic() < deadline:
                seen += os.read(leader, 1000)
            assert expected is None or expected in seen
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(leader)


def test_mistakes_are_named(tmp_path: Path) -> None:
    for arguments, status, words in (
        ([], 2, b"name a KERNEL"),
        ([str(tmp_path / "none")], 127, b"is no file"),
        (["--harts", "9", str(tmp_path / "none")], 127, b"harts=9"),
    ):
        done = subprocess.run([*COMMAND, *arguments], capture_output=True, timeout=60, check=False)
        assert (done.returncode, words in done.stderr) == (status, True), done.stderr


def test_a_reset_boots_again_and_the_disk_is_saved(tmp_path: Path) -> None:
    # A word of RAM says whether it has been here: RAM stays over a reset.
    code = f"""
        li t0, 0x80010000
        li s0, {UART}
        li t1, 'r'
        sb t1, 0(s0)
        ld t1, 0(t0)
        li t2, 1
        sd t2, 0(t0)
        li t0, {TEST}
        bnez t1, off
        li t1, 0x7777
        sw t1, 0(t0)
    off:
        li t1, 0x5555
        sw t1, 0(t0)
    """
    (tmp_path / "kernel.bin").write_bytes(hl.asm(code, origin=0x8000_0000))
    (tmp_path / "disk.img").write_bytes(b"sectors")
    disk = ["--disk", str(tmp_path / "disk.img"), "--save-disk", str(tmp_path / "after.img")]
    command = [*COMMAND, *disk, str(tmp_path / "kernel.bin")]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == (b"rr", 0)
    assert (tmp_path / "after.img").read_bytes() == b"sectors".ljust(512, b"\0")
    command[command.index("--save-disk") + 1] = str(tmp_path / "none" / "after.img")
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == (b"rr", 1)
    assert len(done.stderr.split(b"\n")) == 3  # one line, below what the guest has printed
    assert b"none/after.img" in done.stderr


def test_the_guests_processor_is_as_fast_as_one_says(tmp_path: Path) -> None:
    # Powers off with the ticks of its clock that two thousand instructions take.
    code = (
        "csrr t0, time; li t1, 1000; loop: addi t1, t1, -1; bnez t1, loop; csrr t2, time; sub t2, t2, t0; "
        f"slli t2, t2, 16; li t0, 0x3333; or t2, t2, t0; li s0, {TEST}; sw t2, 0(s0)"
    )
    (tmp_path / "kernel.bin").write_bytes(hl.asm(code, origin=0x8000_0000))
    ticks = {
        rate: subprocess.run(
            [*COMMAND, "--rate", str(rate), str(tmp_path / "kernel.bin")],
            input=b"", capture_output=True, timeout=60, check=False,
        )
        for rate in (10**8, 10**9, 12_345)
    }  # fmt: skip
    assert ticks[10**8].returncode in (200, 201)
    assert ticks[10**9].returncode in (20, 21)
    assert b"--rate=12345 is no multiple of the clock's 10,000,000" in ticks[12_345].stderr


# Wakes a hundred times a second, and at a key powers off with 7.
TICKING = f"""
    li s0, {UART}
    li s1, 0x2004000        # mtimecmp
    li s2, 0x200bff8        # mtime
    li t0, 0x80
    csrw mie, t0
    li t0, '>'
    sb t0, 0(s0)
tick:
    ld t0, 0(s2)
    li t1, 100000
    add t0, t0, t1
    sd t0, 0(s1)
    wfi
    lb t0, 5(s0)
    andi t0, t0, 1
    beqz t0, tick
    li t0, {TEST}
    li t1, 0x73333
    sw t1, 0(t0)
"""


def seconds_used(pid: int) -> float:
    """The processor's time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs /proc, for the time that a process has used"
)
def test_a_guest_that_only_lets_time_pass_leaves_the_processor_to_others(tmp_path: Path) -> None:
    path = tmp_path / "ticking.bin"
    path.write_bytes(hl.asm(TICKING, origin=0x8000_0000))
    with subprocess.Popen([*COMMAND, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.read(1) == b">"
            time.sleep(1.3)
            before = seconds_used(process.pid)
            time.sleep(1)
            assert seconds_used(process.pid) - before < 0.3
            process.stdin.write(b"x")
            process.stdin.flush()
            assert process.wait(timeout=10) == 7
        finally:
            process.kill()


def test_the_image_of_a_writable_disk_has_to_be_a_file_of_whole_sectors(kernel: Path, tmp_path: Path) -> None:
    image = tmp_path / "fs.img"
    image.write_bytes(bytes(700))
    command = [*COMMAND, str(kernel), "--disk", str(image), "--disk-writable"]
    done = subprocess.run(command, input=b"q", capture_output=True, timeout=60, check=False)
    assert (done.returncode, b"whole sectors of 512" in done.stderr) == (127, True)
    image.write_bytes(bytes(1024))
    assert subprocess.run(command, input=b"q", capture_output=True, timeout=60, check=False).returncode == 7
