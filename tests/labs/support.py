"""What the tests of labs share."""

from __future__ import annotations

import pytest

from hartlab.toolchain import find_compilers

needs_compiler = pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")
