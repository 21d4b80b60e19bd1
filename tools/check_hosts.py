"""check_hosts.py: compiles the engine for hosts that it is not tested on, with the compiler of the extra cc.

Zig brings headers and a C++ library for each of them. That shows that the code is accepted, no more: nothing
is linked or executed. The bindings need a Python of that host, and are left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = ["aarch64-linux-gnu", "aarch64-macos", "x86_64-macos", "x86_64-windows-gnu"]
FLAGS = [
    "-std=gnu++20",
    "-O0",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-ffp-contract=off",
    f"-I{ROOT / 'src'}",
]


def compiled(target: str, source: Path) -> bool:
    """Whether the source is accepted; what the compiler says is passed on."""
    with tempfile.TemporaryDirectory() as folder:
        files = ["-c", str(source), "-o", str(Path(folder) / "made.o")]
        command = [sys.executable, "-m", "ziglang", "c++", "-target", target, *FLAGS, *files]
        return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", default=TARGETS, help=f"by default {' '.join(TARGETS)}")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    sources = [path for path in sorted((ROOT / "src").rglob("*.cpp")) if "bindings" not in path.parts]
    failed = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for target in arguments.targets:
            accepted = list(pool.map(lambda source, target=target: compiled(target, source), sources))
            print(f"{target}: {sum(accepted)} of {len(sources)} files compile", flush=True)
            failed += len(sources) - sum(accepted)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
