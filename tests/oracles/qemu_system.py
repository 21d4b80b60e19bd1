"""qemu-system-riscv64 as an oracle for privileged code: an image for 0x8000_0000, and the bytes that it
sent to the serial port before it switched the power off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

QEMU = shutil.which("qemu-system-riscv64")
_PATIENCE = 60  # seconds

# What this hart does not have either.
_CPU = "rv64,h=false,pmu-num=0"


def run(image: bytes, memory_mib: int = 128) -> bytes:
    """What the program sent. Raises if it did not power off."""
    assert QEMU, "qemu-system-riscv64 is not on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        program, output = Path(folder) / "program.bin", Path(folder) / "output"
        program.write_bytes(image)
        command = [QEMU, "-machine", "virt", "-cpu", _CPU, "-m", str(memory_mib), "-bios", str(program)]
        command += ["-nodefaults", "-display", "none", "-monitor", "none", "-serial", f"file:{output}"]
        # Not with a sanitizer's runtime, which is preloaded for the engine.
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        subprocess.run(command, check=True, timeout=_PATIENCE, env=environment, stderr=subprocess.DEVNULL)
        return output.read_bytes()
