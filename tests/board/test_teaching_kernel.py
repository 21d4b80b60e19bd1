"""The kernel of examples/teaching-kernel: what it can do here, and the same under QEMU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import hartlab as hl

from .firmware import OPENSBI, need
from .qemu import Qemu
from .teaching import FOLDER, MEMORY_MIB, booted, built

README = (FOLDER / "readme.txt").read_text()
COMMANDS = [
    ("echo a  b c", "a b c\n"),
    ("cat readme.txt", README),
    ("forks 3", "3 children report 3\n"),
    ("pages 2", "512 pages came as zeros\n"),
    ("spin 1", "765288973\n"),
    ("nonesuch", "nonesuch: there is no such program\n[status 127]\n"),
    ("put readme.txt HELLO", ""),
    ("cat readme.txt", "HELLO" + README[5:]),
    ("sleep 0", ""),
    ("race 40 lock", "counted 40 of 40\n"),
]


@pytest.mark.parametrize(
    ("compiler", "harts", "options"),
    [
        ("zig", 1, {}),
        ("gcc", 1, {"timer": "sstc"}),
        ("zig", 2, {"timer": "sstc", "poll": True}),
        ("gcc", 3, {}),
        ("zig", 1, {"optimize": "-Os"}),
    ],
)
def test_its_programs_do_what_they_say(compiler: str, harts: int, options: dict[str, object]) -> None:
    machine = booted(compiler, harts=harts, **options)
    for command, output in COMMANDS:
        assert machine.shell(command) == output
    assert "killed by trap f" in machine.shell("crash")
    machine.console.send("poweroff 3\n")
    result = machine.run(100_000_000)
    assert (result.reason, result.exit_code) == ("power_off", 3)


def test_behind_opensbi_it_runs_in_s_mode_on_all_harts() -> None:
    need(OPENSBI / "fw_dynamic.bin")
    kernel, disk = built(timer="sbi")
    machine = hl.Machine(MEMORY_MIB << 20, bios=OPENSBI / "fw_dynamic.bin", kernel=kernel, disk=disk, harts=2)
    assert machine.shell("echo in S-mode") == "in S-mode\n"
    assert machine.shell("race 400 lock") == "counted 400 of 400\n"
    assert {hart.privilege for hart in machine.harts} == {"S"}


def test_what_computes_does_not_keep_others_from_the_hart() -> None:
    machine = booted()
    machine.shell("spin 3 &")
    assert machine.shell("echo meanwhile") == "meanwhile\n"
    assert "2295919" not in machine.console.transcript
    machine.console.expect("\n", 200_000_000)


def test_a_sleep_of_a_minute_is_over_soon_and_a_minute_later_for_the_guest() -> None:
    machine = booted()
    before = machine.hart.time
    machine.shell("sleep 60")
    assert 60 <= (machine.hart.time - before) / 1e7 < 61


def test_increments_are_lost_between_harts_without_a_lock_and_the_same_ones_each_time() -> None:
    lost = {}
    for seed in (1, 2, 3):
        machine = booted(harts=4, seed=seed)
        twin = machine.clone()
        lost[seed] = machine.shell("race 2000")
        assert twin.shell("race 2000") == lost[seed]
        assert machine.shell("race 2000 lock") == "counted 2000 of 2000\n"
    assert len(set(lost.values()) - {"counted 2000 of 2000\n"}) > 1


def test_a_script_that_is_pasted_is_read_to_its_end() -> None:
    machine = booted()
    typed = "".join(f"echo  line  {n}  of  a  script\n" for n in range(40))
    machine.console.send(typed + "spin x\n")
    machine.console.expect("$ 0\n", 1_000_000_000)  # of spin
    printed = machine.console.transcript
    assert [f"line {n} of a script\n" in printed for n in range(40)] == [True] * 40
    assert "no such program" not in printed


def test_every_frame_is_free_or_owned_once_whatever_has_run() -> None:
    machine = booted(harts=2)
    free = len(hl.xv6(machine).free_list())
    for command in ("forks 3", "pages 1", "crash", "nonesuch", "race 40"):
        machine.shell(command)
    guest = hl.xv6(machine)
    assert len(guest.audit()) == 0
    assert len(guest.free_list()) == free
    assert list(guest.processes()["name"]) == ["sh"]


def test_what_is_written_to_a_file_is_on_the_disk() -> None:
    machine = booted()
    image = machine.disk.read(0, machine.disk.size)
    assert README.encode() in image
    machine.shell("put readme.txt WRITTEN")
    after = machine.disk.read(0, machine.disk.size)
    assert after == image.replace(README.encode(), ("WRITTEN" + README[7:]).encode())


# ---- The same under QEMU ----


def time_dependent(machine: hl.Machine) -> NDArray[np.bool_]:
    """Which words of RAM depend on when the clock's interrupts came.

    The count of ticks and its lock, M-mode's scratch of the clock, and the stacks of the kernel: an
    interrupt leaves what it pushed below the stack pointer. All else must be equal: code, data, page
    tables with their A and D bits, trapframes, user memory, the free list and what is left in free pages.
    """
    words = np.zeros(machine.memory.size // 8, dtype=bool)

    def leave_out(pa: int, size: int) -> None:
        words[(pa - hl.KERNBASE) // 8 : (pa - hl.KERNBASE + size + 7) // 8] = True

    sizes = {"ticks": 8, "tickslock": 24, "timer_scratch": 8 * 5 * 8, "boot_stacks": 8 * 4096}
    for name, size in sizes.items():
        leave_out(machine.breakpoints.address(name), size)
    kernel_stacks = 32
    for slot in range(kernel_stacks):
        va = (1 << 38) - 4096 - (slot + 1) * 2 * 4096
        leave_out(machine.hart.page_table.walk(va, privilege="S").pa, 4096)
    return words


@pytest.mark.parametrize(("compiler", "harts"), [("gcc", 1), ("zig", 1), ("gcc", 4)])
def test_qemu_prints_the_same_and_leaves_the_same_in_ram(tmp_path: Path, compiler: str, harts: int) -> None:
    commands = [command for command, _ in COMMANDS if harts > 1 or not command.startswith("race")]
    kernel, disk = built(compiler)
    with Qemu(tmp_path, kernel.elf, disk, memory_mib=MEMORY_MIB, harts=harts) as qemu:
        theirs = [qemu.expect("$ ")]
        for command in commands:
            qemu.send(command + "\n")
            theirs.append(qemu.expect("\n$ "))
        ram = qemu.ram(hl.KERNBASE, MEMORY_MIB << 20)

    machine = booted(compiler, harts=harts)
    mine = [machine.console.transcript]
    for command in commands:
        machine.console.send(command + "\n")
        mine.append(machine.console.expect("\n$ "))
    assert mine == theirs
    if harts > 1:
        return  # which process got which page depends on who was first
    machine.run(5_000_000)
    machine.run_to("kernelvec")  # the next tick: the scheduler has waited for it
    differ = np.frombuffer(ram, "<u8") != machine.memory.array.view("<u8")
    where = [hex(hl.KERNBASE + 8 * int(n)) for n in np.flatnonzero(differ & ~time_dependent(machine))]
    assert not where
