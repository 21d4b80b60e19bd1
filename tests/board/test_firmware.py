"""OpenSBI and U-Boot, unmodified, to the prompt and back."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

import hartlab as hl

from .firmware import OPENSBI, PROMPT, at_prompt, command, file_system, need


def test_opensbi_finds_what_the_board_has() -> None:
    machine = at_prompt()
    said = machine.console.transcript
    for fact in (
        "riscv-virtio,hartlab", "HART Count       : 1", "aclint-mswi", "aclint-mtimer @ 10000000Hz",
        "Console Device   : uart8250", "Shutdown Device  : sifive_test", "Base ISA        : rv64imafdc",
        "ISA Extensions  : time,sstc", "PMP Count       : 16", "PMP Granularity : 4", "Priv Version    "
        ": v1.12",
        "DRAM:  128 MiB",
    ):  # fmt: skip
        assert fact in said
    assert machine.hart.privilege == "S"


@pytest.mark.parametrize("harts", [1, 4])
def test_uboot_prints_its_version_the_board_and_memory(harts: int) -> None:
    machine = at_prompt(harts=harts)
    assert "U-Boot 20" in command(machine, "version")
    board = command(machine, "bdinfo")
    assert "start    = 0x0000000080000000" in board
    assert "size     = 0x0000000008000000" in board
    machine.memory.write(0x8400_0000, b"just these bytes")
    assert command(machine, "md.b 84000000 10").endswith("just these bytes")
    assert (
        command(machine, "mw.q 84000000 1122334455667788; md.q 84000000 1").split()[1] == "1122334455667788"
    )


@pytest.mark.parametrize(
    ("harts", "virtio", "kind"),
    [
        (1, "modern", "ext4"),
        (1, "legacy", "ext4"),
        (4, "modern", "ext4"),
        (1, "modern", "vfat"),
        (4, "legacy", "vfat"),
    ],
)
def test_uboot_reads_files_from_a_disk_and_powers_off(
    tmp_path: Path, harts: int, virtio: str, kind: str
) -> None:
    image = file_system(tmp_path, kind)
    machine = at_prompt(disk=image, harts=harts, virtio=virtio)
    assert f"HART Count       : {harts}" in machine.console.transcript
    command(machine, "virtio scan")
    assert "4.0 MB = 0.0 GB (8192 x 512)" in command(machine, "virtio info")
    assert "hello.txt" in command(machine, "ls virtio 0")
    assert command(machine, "load virtio 0 84000000 hello.txt").startswith("20 bytes read")
    assert machine.memory.read(0x8400_0000, 20) == b"hello from the disk\n"
    assert command(machine, "load virtio 0 84000000 numbers.bin").startswith("76800 bytes read")
    checksum = zlib.crc32(bytes(range(256)) * 300)
    machine.console.send("crc32 84000000 12c00\n")
    machine.console.expect(f"{checksum:08x}{PROMPT}", 500_000_000)
    machine.console.send("poweroff\n")
    result = machine.run(500_000_000)
    assert (result.reason, result.exit_code) == ("power_off", 0)


def test_uboot_writes_to_the_disk_and_the_image_stays_as_it_was(tmp_path: Path) -> None:
    image = file_system(tmp_path, "ext4")
    before = image.read_bytes()
    machine = at_prompt(disk=image)
    machine.memory.write(0x8400_0000, b"written by the guest" + bytes(492))
    command(machine, "virtio scan")
    assert "1 blocks written: OK" in command(machine, "virtio write 84000000 1fff 1")
    assert machine.disk.read(0x1FFF * 512, 20) == b"written by the guest"
    assert image.read_bytes() == before


def test_a_countdown_of_two_seconds_takes_as_long_on_the_guests_clock() -> None:
    machine = at_prompt()
    before = machine.hart.time
    command(machine, "sleep 2")
    assert 19_990_000 <= machine.hart.time - before < 20_100_000


def test_the_same_boot_is_the_same_to_the_bit() -> None:
    first, second = at_prompt(harts=2), at_prompt(harts=2)
    assert first.instructions == second.instructions
    assert not hl.diff(first.snapshot(), second)
    other = at_prompt(harts=2, seed=2)
    assert other.instructions != first.instructions


def test_a_booted_machine_is_cloned_and_goes_back(tmp_path: Path) -> None:
    machine = at_prompt(disk=file_system(tmp_path, "ext4"))
    command(machine, "virtio scan")
    booted = machine.snapshot()
    twin = machine.clone()
    said = command(machine, "virtio write 84000000 0 1; md.q 84000000 2")
    assert command(twin, "virtio write 84000000 0 1; md.q 84000000 2") == said
    assert twin.instructions == machine.instructions
    assert (
        machine.disk.read(1024 + 0x38, 2) == b"\x53\xef"
    )  # ext4's magic number is in the second sector pair
    machine.restore(booted)
    assert machine.disk.read(0, 512) == bytes(512)
    assert command(machine, "virtio write 84000000 0 1; md.q 84000000 2") == said
    machine.back(1_000)
    assert machine.instructions == twin.instructions - 1_000


def test_opensbi_alone_runs_its_own_payload_from_the_kernel_argument() -> None:
    """A kernel of three instructions in S-mode, which calls the firmware to shut down."""
    need(OPENSBI / "fw_dynamic.elf")
    shutdown = hl.asm("li a7, 8; ecall; loop: j loop")
    for firmware in ("fw_dynamic.elf", "fw_dynamic.bin"):
        machine = hl.Machine(bios=OPENSBI / firmware, kernel=shutdown)
        result = machine.run(500_000_000)
        assert (result.reason, result.exit_code) == ("power_off", 0)
