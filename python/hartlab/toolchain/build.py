"""`cc`: C sources to a RISC-V program."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from pathlib import Path

from . import store
from .compilers import Compiler, find_compiler
from .program import Program
from .run import is_confined
from .workshop import ULIB, USER_SCRIPT, Unit, Workshop

# Part of every key: to be raised when the same inputs shall give another result.
_RECIPE_VERSION = "1"

Source = str | os.PathLike[str]


def cc(
    source: Source | Sequence[Source],
    *,
    name: str | None = None,
    compiler: str | os.PathLike[str] = "zig",
    optimize: str = "-O1",
    flags: Sequence[str] = (),
    ulib: bool = True,
    script: str | os.PathLike[str] | None = None,
    link: bool = True,
    timeout: float = 60.0,
) -> Program:
    r"""Compile C for the simulated machine.

    Parameters
    ----------
    source : str, path, or sequence of these
        A string with a newline or a brace in it is source text; any other string, and every
        `pathlib.Path`, is the path of a ``.c``, ``.S`` or ``.s`` file. Several make one program.
    name : str, optional
        The program's name; by default the first file's without its suffix, or ``"prog"`` for text. Text is
        called ``<name>.c`` in messages, its second piece ``<name>_2.c`` and so on.
    compiler : str or path
        ``"zig"`` (the `ziglang` wheel), ``"gcc"`` (the first RISC-V gcc on the ``PATH``), the name of a
        RISC-V gcc such as ``"riscv64-linux-gnu-gcc"``, or its path.
    optimize : str
        ``"-O0"`` to ``"-O3"``, ``"-Os"`` or ``"-Og"``.
    flags : sequence of str
        More arguments for the compiler, such as ``"-DN=3"``; they come last and win.
    ulib : bool
        Whether to offer the guest C library (``user.h``) and its ``_start``. Without it the source has to
        define ``_start`` and whatever else it calls.
    script : path, optional
        A linker script in place of that of user programs: a kernel's, say.
    link : bool
        False returns the object file of a single source.
    timeout : float, seconds
        For each run of the compiler.

    Returns
    -------
    Program
        From the cache when sources, headers, flags, library and compiler are the same as once before.

    Raises
    ------
    CompileError
        When the compiler or the linker refuses, or `timeout` is over.
    CompilerNotFoundError
        When the compiler is not there.
    FileNotFoundError
        When a path does not exist.
    ValueError
        When a name or an argument has no meaning here.

    Examples
    --------
    >>> program = cc('#include "user.h"\nint main() { printf("hello\\n"); }', name="hello")
    >>> program.name, program.segments[0].flags
    ('hello', 'R-X')
    >>> cc("int main() { return 1 + ; }", name="wrong")
    Traceback (most recent call last):
    ...
    hartlab.toolchain.errors.CompileError: wrong.c:1:25: error: expected expression
    ...
    """
    units = _read(source, name)
    if not link and len(units) != 1:
        raise ValueError(f"link=False compiles one source to one object file; {len(units)} were given")
    if optimize not in _LEVELS:
        raise ValueError(f"optimize={optimize!r} is none of {', '.join(_LEVELS)}")
    if isinstance(flags, str):
        raise TypeError(f"flags is a sequence of strings, such as [{flags!r}]")
    program_name = name or Path(units[0].name).stem
    found = find_compiler(compiler)

    options = [optimize, *flags]
    layout = USER_SCRIPT if script is None else Path(script).absolute()
    key = store.digest(
        *(_RECIPE_VERSION, "program", found.identity, _ulib_digest() if ulib else "", str(link), os.getcwd()),
        *(("confined",) if is_confined() else ()),
        layout.read_bytes(),
        *(str(len(options)), *options),
        *(part for unit in units for part in (unit.name, unit.text, str(unit.folder))),
    )
    artifact = store.find(key)
    if artifact is None:
        archive = _ulib_archive(found, optimize, flags, timeout) if ulib and link else None
        with Workshop(found, timeout) as work:
            objects = [work.compile(unit, options, ulib) for unit in units]
            result = work.link(objects, archive, layout, flags) if link else objects[0]
            suffix = ".elf" if link else ".o"
            artifact = store.put(key, result.read_bytes(), suffix, work.headers, work.remarks)
    texts = {unit.name: unit.text.decode("utf-8", "replace") for unit in units}
    return Program(program_name, artifact.data, artifact.path, found, texts, artifact.remarks)


_LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os", "-Og")


# ---- What was asked for ----


def _read(source: Source | Sequence[Source], name: str | None) -> list[Unit]:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name):
        raise ValueError(f"name={name!r} is not a plain file name (letters, digits, and _ . + - inside)")
    pieces = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    if not pieces:
        raise ValueError("no source was given")
    units: list[Unit] = []
    for piece in pieces:
        if isinstance(piece, str) and ("\n" in piece or "{" in piece):
            number = "" if not units else f"_{len(units) + 1}"
            text = piece.encode("utf-8", "surrogateescape")
            units.append(Unit(f"{name or 'prog'}{number}.c", text, Path.cwd()))
        else:
            units.append(_read_file(piece))
    return units


def _read_file(piece: Source) -> Unit:
    path = Path(piece)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"no file {str(path)!r} (a string counts as source text when it has a newline or a brace in it)"
        ) from None
    if path.suffix not in (".c", ".S", ".s"):
        raise ValueError(f"{str(path)!r} is neither C (.c) nor assembly (.S, .s)")
    return Unit(path.name, text, path.absolute().parent)


# ---- The guest C library ----


@functools.cache
def _ulib_digest() -> str:
    files = sorted(path for path in ULIB.rglob("*") if path.suffix in (".c", ".h", ".S", ".ld"))
    return store.digest(*(part for path in files for part in (str(path), path.read_bytes())))


def _ulib_archive(compiler: Compiler, optimize: str, flags: Sequence[str], timeout: float) -> Path:
    """Return ulib as a static library, so that a program's own malloc, say, takes the place of ulib's."""
    options = [optimize, *(flag for flag in flags if flag.startswith("-m"))]  # the machine must be the same
    key = store.digest(_RECIPE_VERSION, "ulib", compiler.identity, _ulib_digest(), *options)
    artifact = store.find(key)
    if artifact is None:
        with Workshop(compiler, timeout) as work:
            sources = sorted([*ULIB.glob("*.c"), *ULIB.glob("*.S")])
            objects = [work.compile(_read_file(path), options, ulib=True) for path in sources]
            artifact = store.put(key, work.archive(objects).read_bytes(), ".a")
    return artifact.path
