"""The programs of benchmarks/programs, for the kernel model by hartlab's `cc`, for the host by its own gcc.

Both are compiled with -O2, linked statically, and timed as what they cost in CPU time: other work of the
machine then counts less, and Linux is not charged for waiting for a processor.
"""

from __future__ import annotations

import functools
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import hartlab as hl
from hartlab.toolchain import find_compilers

HERE = Path(__file__).resolve().parent / "programs"
WITHOUT_END = 1 << 40  # instructions


# -- on the kernel model ----------------------------------------------------------------------


@functools.cache
def for_model(name: str) -> hl.Program:
    gcc = any(compiler.family == "gcc" for compiler in find_compilers())
    return hl.cc(HERE / f"{name}.c", compiler="gcc" if gcc else "zig", optimize="-O2")


def kernel_with(name: str, *args: object) -> tuple[hl.Kernel, hl.Process]:
    """A kernel in which the program is loaded and has not begun."""
    kernel = hl.Kernel()
    kernel.files["/nothing"] = for_model("nothing")
    return kernel, kernel.spawn(for_model(name), [name, *map(str, args)])


def on_model(name: str, *args: object) -> float:
    """CPU seconds of a whole run."""
    kernel, process = kernel_with(name, *args)
    start = time.process_time()
    ended = kernel.run(WITHOUT_END)
    seconds = time.process_time() - start
    if ended.reason != "finished" or process.exit_status != 0:
        raise RuntimeError(f"{name} {args}: {ended}, status {process.exit_status}")
    return seconds


def phases_on_model(name: str, *args: object) -> list[float]:
    """CPU seconds from each odd phase to the even one after it."""
    kernel, process = kernel_with(name, *args)
    times = []
    while kernel.run(WITHOUT_END).reason == "idle":
        kernel.console.send("\n")
        start = time.process_time()
        kernel._engine.run(WITHOUT_END, WITHOUT_END)  # Kernel.run less its checkpoint for stepping back
        times.append(time.process_time() - start)
        kernel.console.send("\n")
    if process.exit_status != 0:
        raise RuntimeError(f"{name} {args}: status {process.exit_status}")
    return times


# -- on the host ------------------------------------------------------------------------------


def have_host() -> bool:
    return shutil.which("gcc") is not None and os.uname().sysname == "Linux"


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="hartlab-bench-")


@functools.cache
def for_host(name: str) -> str:
    path = f"{_folder().name}/{name}"
    subprocess.run(["gcc", "-O2", "-static", "-Wall", "-Wextra", f"{HERE / name}.c", "-o", path], check=True)
    return path


def on_host(name: str, *args: object) -> float:
    """CPU seconds of a whole run, its children included."""
    before = _children()
    subprocess.run([for_host(name), *map(str, args)], check=True, stdout=subprocess.DEVNULL)
    return _children() - before


def phases_on_host(name: str, *args: object) -> list[float]:
    """CPU seconds from each odd phase to the even one after it."""
    done = subprocess.run([for_host(name), *map(str, args)], check=True, capture_output=True, text=True)
    times = [int(word) / 1e9 for word in done.stdout.split()]
    return [end - start for start, end in _pairs(times)]


def _pairs(values: list[float]) -> Iterator[tuple[float, float]]:
    return zip(values[::2], values[1::2], strict=True)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
