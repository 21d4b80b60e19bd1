"""What the tests of labs share."""

from __future__ import annotations

from pathlib import Path

import pytest

from hartlab.toolchain import find_compilers

needs_compiler = pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")


def file(path: Path) -> object:
    """A parameter for a solution's file, skipped where its language cannot be compiled."""
    marks = [needs_compiler] if path.suffix == ".c" else []
    return pytest.param(
        path,
        marks=marks,
        id=f"{path.parts[-3]}-{path.name}" if "wrong" in path.parts else path.parent.name + path.suffix,
    )
