"""sanitized.py BUILD ARGUMENTS...: runs Python with the sanitized engine of the folder BUILD.

The interpreter itself is not sanitized, so the sanitizer's runtime is preloaded; libstdc++ comes with it,
because the runtime looks up the function that throws exceptions once, when it starts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

RUNTIMES = {"address": "libasan.so", "thread": "libtsan.so"}


def environment(build: Path) -> dict[str, str]:
    """This process's environment with what the engine in `build` needs to load."""
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    compiler = _entry(cache, "CMAKE_CXX_COMPILER")
    sanitizers = _entry(cache, "HARTLAB_SANITIZE").split(",")
    libraries = [RUNTIMES[name] for name in sanitizers if name in RUNTIMES] + ["libstdc++.so"]
    preload = [
        subprocess.check_output([compiler, f"-print-file-name={name}"], text=True).strip()
        for name in libraries
    ]
    return {
        **os.environ,
        "PYTHONPATH": str(build.resolve() / "python"),
        "PYTHONMALLOC": "malloc",
        "LD_PRELOAD": " ".join(str(Path(library).resolve()) for library in preload),
        # The interpreter never frees all it holds, so leaks of the process say nothing about the engine.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": "report_bugs=1:exitcode=66:ignore_noninstrumented_modules=1",
    }


def _entry(cache: str, name: str) -> str:
    found = re.search(rf"^{name}:\w+=(.*)$", cache, re.MULTILINE)
    if not found:
        raise SystemExit(f"no {name} in the build folder's CMakeCache.txt")
    return found[1]


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    os.execve(sys.executable, [sys.executable, *sys.argv[2:]], environment(Path(sys.argv[1])))
