"""The teaching kernel of examples, built once for each way of building it."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import hartlab as hl
from hartlab.toolchain import CompilerNotFoundError
from hartlab.toolchain.compilers import find_compiler

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "teaching-kernel"
MEMORY_MIB = 16


@functools.cache
def builder() -> ModuleType:
    """The module examples/teaching-kernel/build.py."""
    spec = importlib.util.spec_from_file_location("teaching_kernel_build", FOLDER / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(compiler: str = "zig", **options: object) -> tuple[hl.Program, bytes]:
    """Kernel and disk; skips where the compiler is not installed."""
    try:
        find_compiler(compiler)
    except CompilerNotFoundError as error:
        pytest.skip(str(error))
    kernel = builder().build_kernel(compiler, memory_mib=MEMORY_MIB, **options)
    return kernel, builder().build_disk(compiler)


def booted(compiler: str = "zig", *, harts: int = 1, seed: int = 1, **options: object) -> hl.Machine:
    """A machine with the kernel's shell at its prompt."""
    kernel, disk = built(compiler, **options)
    machine = hl.Machine(MEMORY_MIB << 20, kernel=kernel, disk=disk, harts=harts, seed=seed)
    machine.shell.wait(1_000_000_000)
    return machine
