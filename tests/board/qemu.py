"""QEMU's virt board with the same kernel and disk: its console, command by command, and its RAM."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest

QEMU = "qemu-system-riscv64"
_PATIENCE = 60.0
_UNTIL_IDLE = 0.1  # after the prompt


class Qemu:
    """A running QEMU; `with` ends it."""

    def __init__(self, folder: Path, kernel: bytes, disk: bytes, *, memory_mib: int, harts: int) -> None:
        if not shutil.which(QEMU):
            pytest.skip(f"{QEMU} is not here: it is in Debian's qemu-system-misc")
        (folder / "kernel.elf").write_bytes(kernel)
        (folder / "fs.img").write_bytes(disk)
        self._monitor = folder / "monitor"
        self._ram = folder / "ram"
        self._transcript = ""
        self._process = subprocess.Popen(
            [
                *(QEMU, "-machine", "virt", "-bios", "none", "-kernel", folder / "kernel.elf"),
                *("-m", str(memory_mib), "-smp", str(harts)),
                *(("-icount", "shift=0") if harts == 1 else ()),  # its clock does not depend on ours
                *("-display", "none", "-serial", "stdio"),
                *("-monitor", f"unix:{self._monitor},server,nowait"),
                *("-global", "virtio-mmio.force-legacy=false"),
                *("-drive", f"file={folder / 'fs.img'},if=none,format=raw,id=disk,snapshot=on"),
                *("-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Qemu:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def expect(self, text: str) -> str:
        """Read until QEMU has printed `text`; what was printed, with plain newlines."""
        assert self._process.stdout
        seen = bytearray()
        while not seen.replace(b"\r\n", b"\n").endswith(text.encode()):
            byte = self._process.stdout.read(1)
            assert byte, f"QEMU ended; it had printed {bytes(seen)!r}"
            seen += byte
        return seen.replace(b"\r\n", b"\n").decode()

    def send(self, text: str) -> None:
        """Type."""
        assert self._process.stdin
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def ram(self, start: int, size: int) -> bytes:
        """RAM once the guest waits for input; it is stopped then."""
        time.sleep(_UNTIL_IDLE)
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(_PATIENCE)
            monitor.connect(str(self._monitor))
            for command in (None, "stop", f'pmemsave {start:#x} {size:#x} "{self._ram}"'):
                self._ask(monitor, command)
        return self._ram.read_bytes()

    @staticmethod
    def _ask(monitor: socket.socket, command: str | None) -> str:
        if command:
            monitor.sendall(command.encode() + b"\n")
        said = b""
        while not re.search(rb"\(qemu\) $", said):
            said += monitor.recv(4096)
        return said.decode("utf-8", "replace")
