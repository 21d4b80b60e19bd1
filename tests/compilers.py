"""The C compilers for RISC-V that are here, for tests that need one."""

from __future__ import annotations

import pytest

from hartlab.toolchain import find_compilers

COMPILERS = [compiler.name for compiler in find_compilers()]
needs_compiler = pytest.mark.skipif(not COMPILERS, reason="no C compiler for RISC-V on this computer")
