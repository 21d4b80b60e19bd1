"""What can go wrong between a C source and a program."""

from __future__ import annotations


class CompileError(RuntimeError):
    """A compiler or linker refused the source, or took too long.

    The text of the exception is the compiler's own message, with the source under the name that the caller
    gave it (``prog.c:3:5: error: ...``).

    Attributes
    ----------
    compiler : str
        Name and version of the compiler that spoke.
    """

    def __init__(self, message: str, compiler: str = "") -> None:
        super().__init__(message)
        self.compiler = compiler


class CompilerNotFoundError(RuntimeError):
    """The compiler that was asked for is not on this computer. The text says how to get one."""
