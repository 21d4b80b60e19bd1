"""What may stand for a program: a `Program` from `cc`, the bytes of an ELF file, or its path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from . import arguments
from .toolchain.program import Program


def contents(name: str, value: Any) -> bytes:
    """Return the file that `value`, the argument `name`, stands for, as bytes."""
    if isinstance(value, Program):
        return value.elf
    if isinstance(value, os.PathLike):
        return Path(value).read_bytes()
    if isinstance(value, str):
        raise TypeError(f"{name}={value!r} must be a Program, bytes, or a pathlib.Path")
    return arguments.bytes_like(name, value)


def sources_of(value: Any) -> dict[str, str]:
    """Return the source texts that are known of it, by name."""
    return dict(value.sources) if isinstance(value, Program) else {}


def name_of(value: Any, default: str = "prog") -> str:
    """Say what the kernel shall call the program."""
    if isinstance(value, Program):
        return value.name
    if isinstance(value, os.PathLike):
        return Path(value).stem
    return default
