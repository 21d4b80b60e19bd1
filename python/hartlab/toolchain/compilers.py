"""The compilers that hartlab can use, and how each is spoken to.

Two families: clang as packed in the `ziglang` wheel (pip alone installs it, on every platform), and any GCC
for RISC-V. Both are given the same language, machine and code model, so that a program means the same
whichever made it.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .errors import CompilerNotFoundError
from .run import run

# In the order in which compiler="gcc" prefers them.
GCC_NAMES = (
    "riscv64-unknown-elf-gcc",
    "riscv64-linux-gnu-gcc",
    "riscv64-elf-gcc",
    "riscv64-unknown-linux-gnu-gcc",
)

# Language and code model, for both families.
#
# "Hosted" C only in that main may end without a return statement [C17 5.1.2.2.3]; -fno-builtin because the
# library behind it is ulib, of which the compiler must not assume what it knows about a host's. Fusing a
# product and a sum is off because the two families would do it in different places, and print other digits.
_COMMON = (
    "-std=gnu17",
    "-fhosted",
    "-fno-builtin",
    "-fno-math-errno",
    "-ffp-contract=off",
    "-mabi=lp64d",
    "-mcmodel=medany",
    "-fno-pic",
    "-fno-pie",
    "-fno-stack-protector",
    "-fno-omit-frame-pointer",
    "-fno-asynchronous-unwind-tables",
    "-fno-unwind-tables",
    "-ffunction-sections",
    "-fdata-sections",
    "-gdwarf-4",
    "-Wall",
    "-Werror=implicit-function-declaration",
    "-Werror=int-conversion",
)

_LINK = ("-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,-z,max-page-size=4096", "-Wl,--build-id=none")

_PROBE_TIMEOUT = 30.0


@dataclass(frozen=True)
class Compiler:
    """A C compiler for RISC-V on this computer.

    Attributes
    ----------
    name : str
        What `cc` takes as its `compiler` argument: ``"zig"``, a GCC's name, or a path.
    path : pathlib.Path
        The executable.
    version : str
        What it says about itself, on one line.
    family : str
        ``"zig"`` or ``"gcc"``.

    Examples
    --------
    >>> from hartlab.toolchain import cc
    >>> cc("int main() { return 0; }").compiler.family
    'zig'
    """

    name: str
    path: Path
    version: str
    family: str

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    @property
    def identity(self) -> str:
        """Text that changes when the executable does: part of every key in the cache."""
        real = self.path.resolve()
        status = real.stat()
        return f"{self.family} {real} {status.st_size} {status.st_mtime_ns} {self.version}"

    def compile_command(self, *arguments: str) -> list[str]:
        """Return the command that turns one source file into an object file."""
        if self.family == "zig":
            machine = ["cc", *_ZIG_MACHINE, "-fno-sanitize=undefined", "-mno-relax"]
        else:
            headers = _gcc_headers(self.path)
            machine = ["-march=rv64gc_zicsr_zifencei", "-nostdinc", "-isystem", headers, "-fmax-errors=20"]
        return [str(self.path), *machine, *_COMMON, "-c", *arguments]

    def link_command(self, *arguments: str) -> list[str]:
        """Return the command that turns object files into a program."""
        if self.family == "zig":
            return [str(self.path), "cc", *_ZIG_MACHINE, *_LINK, "-Wl,-e,_start", *arguments]
        return [str(self.path), "-march=rv64gc_zicsr_zifencei", "-mabi=lp64d", *_LINK, *arguments, "-lgcc"]

    def archive_command(self, *arguments: str) -> list[str]:
        """Return the command that collects object files in a static library."""
        if self.family == "zig":
            return [str(self.path), "ar", *arguments]
        return [_gcc_ar(self.path), *arguments]


_ZIG_MACHINE = ("-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+f+d+c+zicsr+zifencei")


def find_compilers() -> list[Compiler]:
    """Find the C compilers for RISC-V on this computer.

    Returns
    -------
    list of Compiler
        ``zig`` first if the `ziglang` wheel is installed, then each RISC-V GCC on the ``PATH``. May be empty.

    Examples
    --------
    >>> all(compiler.family in ("zig", "gcc") for compiler in find_compilers())
    True
    """
    found = []
    for name in ("zig", *GCC_NAMES):
        try:
            found.append(find_compiler(name))
        except CompilerNotFoundError:
            continue
    return found


def find_compiler(wanted: str | os.PathLike[str]) -> Compiler:
    """Return the compiler called `wanted`: "zig", "gcc", the name of a GCC on the PATH, or a path.

    Raises
    ------
    CompilerNotFoundError
        When it is not there, or is not a compiler for 64-bit RISC-V.
    """
    name = os.fspath(wanted)
    if name == "zig":
        return _zig()
    if name == "gcc":
        for candidate in GCC_NAMES:
            if path := shutil.which(candidate):
                return _gcc(candidate, path)
        raise CompilerNotFoundError(
            f"no RISC-V gcc on the PATH ({', '.join(GCC_NAMES)}). On Debian and Ubuntu: "
            "apt install gcc-riscv64-linux-gnu. " + _OR_ZIG
        )
    path = shutil.which(name)
    if path is None:
        raise CompilerNotFoundError(f"compiler {name!r} is neither on the PATH nor an executable. " + _OR_ZIG)
    return _gcc(name, path)


_OR_ZIG = 'A compiler that pip installs: pip install "hartlab[cc]", then compiler="zig", the default.'


def _zig() -> Compiler:
    spec = importlib.util.find_spec("ziglang")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for executable in ("zig", "zig.exe"):
            path = Path(folder) / executable
            if path.is_file():
                return Compiler("zig", path, _first_line(path, _mtime(path), "version"), "zig")
    others = [name for name in GCC_NAMES if shutil.which(name)]
    alternative = f' Or use the one on your PATH: compiler="{others[0]}".' if others else ""
    raise CompilerNotFoundError(
        'no C compiler for RISC-V: the default, zig, is not installed. To get it: pip install "hartlab[cc]".'
        + alternative
    )


def _gcc(name: str, path: str) -> Compiler:
    executable = Path(path).absolute()
    machine = _first_line(executable, _mtime(executable), "-dumpmachine")
    if not machine.startswith("riscv64"):
        raise CompilerNotFoundError(
            f"compiler {name!r} compiles for {machine or 'nothing known'}, not riscv64"
        )
    return Compiler(name, executable, _first_line(executable, _mtime(executable), "--version"), "gcc")


def _mtime(path: Path) -> int:
    return path.stat().st_mtime_ns


@functools.cache
def _first_line(path: Path, mtime_ns: int, question: str) -> str:
    """Ask an executable about itself, once for each process; `mtime_ns` is there to notice a new version."""
    try:
        outcome = run([path, question], timeout=_PROBE_TIMEOUT)
    except (OSError, TimeoutError) as error:
        raise CompilerNotFoundError(f"{path} does not run: {error}") from None
    return outcome.text.splitlines()[0].strip() if outcome.status == 0 and outcome.text else ""


def _gcc_headers(path: Path) -> str:
    # GCC's own headers (stdarg.h, stddef.h, ...), and not those of a C library that may stand beside them.
    return _first_line(path, _mtime(path), "-print-file-name=include")


def _gcc_ar(path: Path) -> str:
    return _first_line(path, _mtime(path), "-print-prog-name=ar")
