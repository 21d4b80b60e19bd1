"""What the tests of labs share."""

from __future__ import annotations

from compilers import needs_compiler

__all__ = ["needs_compiler"]
