"""C to RISC-V: finds a compiler, compiles with the guest C library, remembers the result.

`cc` is the one entry point; what it returns is a `Program`, which `Kernel.spawn` takes. Nothing here needs
the engine, and nothing but the standard library is needed to compile (`ziglang` or a RISC-V gcc aside).

One file for each duty: `compilers` (what there is, and how it is spoken to), `run` (a command, bounded),
`store` (the cache), `build` (`cc` itself) over `workshop` (sources to objects to a program), `errors`,
`program` and `elf` (the result).
"""

from __future__ import annotations

from .build import cc
from .compilers import Compiler, find_compilers
from .elf import Segment, Symbol
from .errors import CompileError, CompilerNotFoundError
from .program import Program
from .store import cache_dir

__all__ = [
    "cc",
    "find_compilers",
    "cache_dir",
    "Compiler",
    "Program",
    "Segment",
    "Symbol",
    "CompileError",
    "CompilerNotFoundError",
]
