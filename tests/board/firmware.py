"""OpenSBI and U-Boot as Debian has them, and a file system for them to read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import hartlab as hl

OPENSBI = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic")
UBOOT = Path("/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin")
PROMPT = "\n=> "


def need(*files: Path) -> None:
    """Skip the test, and say why, where a package is not installed."""
    for file in files:
        if not file.exists():
            pytest.skip(f"{file} is not here: it is in Debian's opensbi, or u-boot-qemu")


def file_system(folder: Path, kind: str) -> Path:
    """An image, ext4 or vfat, with hello.txt and numbers.bin in it."""
    contents = folder / "contents"
    contents.mkdir()
    (contents / "hello.txt").write_text("hello from the disk\n")
    (contents / "numbers.bin").write_bytes(bytes(range(256)) * 300)
    image = folder / "fs.img"
    with image.open("wb") as file:
        file.truncate(4 << 20)
    if kind == "ext4":
        subprocess.run([_tool("mkfs.ext4"), "-q", "-d", contents, image], check=True)
    else:
        subprocess.run([_tool("mformat"), "-i", image, "-T", "8192", "::"], check=True)
        subprocess.run([_tool("mcopy"), "-i", image, *sorted(contents.iterdir()), "::"], check=True)
    return image


def _tool(name: str) -> str:
    """Where a program is; skips the test without it."""
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not program:
        pytest.skip(f"there is no {name} here: it is in Debian's e2fsprogs (mkfs.ext4) or mtools")
    return program


def at_prompt(**options: object) -> hl.Machine:
    """A machine with U-Boot at its prompt, the countdown interrupted."""
    need(OPENSBI / "fw_dynamic.bin", UBOOT)
    machine = hl.Machine(bios=OPENSBI / "fw_dynamic.bin", kernel=UBOOT, **options)
    machine.console.expect("Hit any key", 500_000_000)
    machine.console.send(" ")
    machine.console.expect(PROMPT, 500_000_000)
    return machine


def command(machine: hl.Machine, line: str) -> str:
    """What U-Boot prints for a command."""
    machine.console.send(line + "\n")
    output = machine.console.expect(PROMPT, 500_000_000)
    return output.removeprefix(line + "\n").removesuffix(PROMPT)
