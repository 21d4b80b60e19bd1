"""Kernels on whole boards, hartlab's and QEMU's: the same images, the same commands, wall and CPU time."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import hartlab as hl

ROOT = Path(__file__).resolve().parents[1]
OPENSBI = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")
UBOOT = Path("/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin")
QEMU = "qemu-system-riscv64"
VIRTUAL = ("-icount", "shift=0,sleep=off")  # QEMU with a clock of its own, which waits for nobody
PATIENCE = 120.0


@dataclass(frozen=True)
class Image:
    """What a board boots, and the prompt that it comes to; `dialogue` is answered on the way there."""

    kernel: Path
    prompt: str
    bios: Path | None = None
    disk: Path | None = None
    memory_mib: int = 128
    dialogue: Sequence[tuple[str, str]] = ()


@dataclass
class Times:
    """Seconds from the start to the prompt, and of each command; bytes of host memory at the end."""

    boot: float = 0.0
    commands: list[float] = field(default_factory=list)
    resident: int = 0


def teaching_kernel(folder: Path, **options: object) -> Image:
    """Build the kernel of examples/teaching-kernel and its disk into `folder`."""
    builder = _builder()
    compiler = "gcc" if shutil.which("riscv64-linux-gnu-gcc") else "zig"
    kernel, disk = folder / "kernel.elf", folder / "fs.img"
    kernel.write_bytes(builder.build_kernel(compiler, **options).elf)
    disk.write_bytes(builder.build_disk(compiler))
    return Image(kernel, "$ ", disk=disk)


def uboot() -> Image | None:
    """OpenSBI and U-Boot, the countdown interrupted; None where the packages are not installed."""
    if not OPENSBI.exists() or not UBOOT.exists():
        return None
    return Image(UBOOT, "=> ", bios=OPENSBI, dialogue=[("Hit any key", " ")])


def on_hartlab(image: Image, commands: Sequence[str] = (), *, harts: int = 1) -> Times:
    """Boot and run commands; the interpreter has been started already."""
    times = Times()
    start = time.perf_counter()
    machine = hl.Machine(
        image.memory_mib << 20, bios=image.bios, kernel=image.kernel, disk=image.disk, harts=harts
    )
    for text, answer in image.dialogue:
        machine.console.expect(text)
        machine.console.send(answer)
    machine.console.expect("\n" + image.prompt)
    times.boot = time.perf_counter() - start
    for command in commands:
        start = time.perf_counter()
        machine.console.send(command + "\n")
        machine.console.expect("\n" + image.prompt)
        times.commands.append(time.perf_counter() - start)
    return times


def on_qemu(
    image: Image, commands: Sequence[str] = (), *, harts: int = 1, options: Sequence[str] = ()
) -> Times:
    """The same under QEMU, from the start of its process."""
    times = Times()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with subprocess.Popen(
            _command(image, harts, options, Path(folder)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                for text, answer in image.dialogue:
                    _expect(process, text)
                    _send(process, answer)
                _expect(process, "\n" + image.prompt)
                times.boot = time.perf_counter() - start
                for command in commands:
                    start = time.perf_counter()
                    _send(process, command + "\n")
                    _expect(process, "\n" + image.prompt)
                    times.commands.append(time.perf_counter() - start)
                times.resident = resident(process.pid)
            finally:
                process.kill()
    return times


def resident(pid: int | None = None) -> int:
    """Bytes of host memory that a process accounts for; of this one by default."""
    text = Path(f"/proc/{pid or 'self'}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None
    return 1024 * int(found[1])


def have_qemu() -> bool:
    return shutil.which(QEMU) is not None


def _command(image: Image, harts: int, options: Sequence[str], folder: Path) -> list[str]:
    command = [QEMU, "-machine", "virt", "-m", str(image.memory_mib), "-smp", str(harts)]
    command += ["-bios", str(image.bios or "none"), "-kernel", str(image.kernel)]
    command += ["-display", "none", "-monitor", "none", "-serial", "stdio"]
    command += ["-global", "virtio-mmio.force-legacy=false", *options]
    if image.disk:
        copy = folder / "disk.img"
        shutil.copy(image.disk, copy)
        command += ["-drive", f"file={copy},if=none,format=raw,id=disk"]
        command += ["-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0"]
    return command


def _send(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text.encode())
    process.stdin.flush()


def _expect(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdout is not None
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while text.encode() not in seen.replace(b"\r", b""):
        if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise RuntimeError(f"QEMU has not printed {text!r} but {seen!r}")
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            raise RuntimeError(f"QEMU ended; it printed {seen!r}")
        seen += piece


def _builder() -> ModuleType:
    path = ROOT / "examples" / "teaching-kernel" / "build.py"
    spec = importlib.util.spec_from_file_location("teaching_kernel_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
