"""`cc`: C sources to a RISC-V program."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import store
from .compilers import Compiler, find_compiler
from .errors import CompileError
from .program import Program
from .run import run

ULIB = Path(__file__).resolve().parent.parent / "ulib"

# Part of every key: to be raised when the same inputs shall give another result.
_RECIPE_VERSION = "1"

Source = str | os.PathLike[str]


@dataclass(frozen=True)
class _Unit:
    """One source file: what it is called, its text, and the folder that #include "..." starts from."""

    name: str
    text: bytes
    folder: Path


def cc(
    source: Source | Sequence[Source],
    *,
    name: str | None = None,
    compiler: str | os.PathLike[str] = "zig",
    optimize: str = "-O1",
    flags: Sequence[str] = (),
    ulib: bool = True,
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
    key = store.digest(
        *(_RECIPE_VERSION, "program", found.identity, _ulib_digest() if ulib else "", str(link), os.getcwd()),
        *(str(len(options)), *options),
        *(part for unit in units for part in (unit.name, unit.text, str(unit.folder))),
    )
    artifact = store.find(key)
    if artifact is None:
        archive = _ulib_archive(found, optimize, flags, timeout) if ulib and link else None
        with _workshop(found, timeout) as work:
            objects = [work.compile(unit, options, ulib) for unit in units]
            result = work.link(objects, archive, flags) if link else objects[0]
            suffix = ".elf" if link else ".o"
            artifact = store.put(key, result.read_bytes(), suffix, work.headers, work.remarks)
    texts = {unit.name: unit.text.decode("utf-8", "replace") for unit in units}
    return Program(program_name, artifact.data, artifact.path, found, texts, artifact.remarks)


_LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os", "-Og")


# ---- What was asked for ----


def _read(source: Source | Sequence[Source], name: str | None) -> list[_Unit]:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name):
        raise ValueError(f"name={name!r} is not a plain file name (letters, digits, and _ . + - inside)")
    pieces = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    if not pieces:
        raise ValueError("no source was given")
    units: list[_Unit] = []
    for piece in pieces:
        if isinstance(piece, str) and ("\n" in piece or "{" in piece):
            number = "" if not units else f"_{len(units) + 1}"
            text = piece.encode("utf-8", "surrogateescape")
            units.append(_Unit(f"{name or 'prog'}{number}.c", text, Path.cwd()))
        else:
            units.append(_read_file(piece))
    return units


def _read_file(piece: Source) -> _Unit:
    path = Path(piece)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"no file {str(path)!r} (a string counts as source text when it has a newline or a brace in it)"
        ) from None
    if path.suffix not in (".c", ".S", ".s"):
        raise ValueError(f"{str(path)!r} is neither C (.c) nor assembly (.S, .s)")
    return _Unit(path.name, text, path.absolute().parent)


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
        with _workshop(compiler, timeout) as work:
            sources = sorted([*ULIB.glob("*.c"), *ULIB.glob("*.S")])
            objects = [work.compile(_read_file(path), options, ulib=True) for path in sources]
            artifact = store.put(key, work.archive(objects).read_bytes(), ".a")
    return artifact.path


# ---- The work ----


class _workshop:  # noqa: N801 - used as a function: with _workshop(...) as work
    """A temporary folder in which one compiler works on one program."""

    def __init__(self, compiler: Compiler, timeout: float) -> None:
        self.compiler = compiler
        self.timeout = timeout
        self.headers: set[Path] = set()  # outside ulib
        self.remarks = ""
        self._temporary = tempfile.TemporaryDirectory(prefix="hartlab-cc-", ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name).resolve()
        self._count = 0

    def __enter__(self) -> _workshop:
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def compile(self, unit: _Unit, options: Sequence[str], ulib: bool) -> Path:
        """Compile one source; returns its object file, and notes the headers it read."""
        # A folder of its own: two sources may have the same name, and messages shall show just that name.
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        source, result, headers = folder / unit.name, folder / f"{unit.name}.o", folder / "headers.d"
        source.write_bytes(unit.text)
        self._run(
            self.compiler.compile_command(
                *_renamed(os.getcwd(), ULIB, folder),
                *("-iquote", str(unit.folder)),
                *(["-I", str(ULIB)] if ulib else []),
                *options,
                *("-MD", "-MF", str(headers), str(source), "-o", str(result)),
            )
        )
        for header in _dependencies(headers.read_text("utf-8", "surrogateescape")):
            path = Path(header).absolute()
            if not (path.is_relative_to(self._folder) or path.is_relative_to(ULIB)):
                self.headers.add(path)
        return result

    def link(self, objects: Sequence[Path], archive: Path | None, flags: Sequence[str]) -> Path:
        """Link a program at address 0, with the library when there is one."""
        result = self._folder / "program.elf"
        # _start is in the library and nothing refers to it: asked for by name.
        library = ["-Wl,-u,_start", str(archive)] if archive else []
        self._run(
            self.compiler.link_command(
                *(f"-Wl,-T,{ULIB / 'user.ld'}", "-o", str(result), *flags, *map(str, objects), *library)
            )
        )
        return result

    def archive(self, objects: Sequence[Path]) -> Path:
        """Collect object files in a static library."""
        result = self._folder / "library.a"
        self._run(self.compiler.archive_command("rcsD", str(result), *map(str, objects)))
        return result

    def _run(self, command: Sequence[str]) -> None:
        # What the compiler keeps for itself goes when the folder goes.
        private = {
            **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self._folder)),
            "ZIG_LOCAL_CACHE_DIR": str(self._folder / "zig"),
            "ZIG_GLOBAL_CACHE_DIR": str(self._folder / "zig"),
        }
        try:
            outcome = run(command, timeout=self.timeout, environment=private)
        except TimeoutError as error:
            raise CompileError(f"{error}, and was stopped", str(self.compiler)) from None
        message = self._as_the_author_knows_it(outcome.text).strip()
        if outcome.status != 0:
            message = message or f"the compiler ended with status {outcome.status} and said nothing"
            raise CompileError("\n".join([message, *_hints(message)]), str(self.compiler))
        if message:
            self.remarks += message + "\n"

    def _as_the_author_knows_it(self, text: str) -> str:
        """Take folders that exist only in here out of a message."""
        text = re.sub(re.escape(str(self._folder) + os.sep) + r"(\d+[\\/])?", "", text)
        text = text.replace(str(ULIB) + os.sep, "")
        return re.sub(r"(?m)^\./(?=[^/\n]+:\d)", "", text)  # GNU ld, from the folder that DWARF names


def _renamed(*folders: str | Path) -> Iterator[str]:
    """Yield the options that take `folders` out of file names in DWARF and __FILE__; later ones win."""
    for folder in map(str, folders):
        if folder.strip(os.sep):
            # Without the separator for the folder's own name, with it so that no "./" is left of a file's.
            yield f"-ffile-prefix-map={folder}=."
            yield f"-ffile-prefix-map={folder}{os.sep}="


def _dependencies(rule: str) -> Iterator[str]:
    """Yield the files that a make rule, as compilers write it, names behind its colon."""
    rule = rule.replace("\\\n", " ")
    _, _, names = rule.partition(": ")
    for name in re.findall(r"(?:\\.|[^\\\s])+", names):
        yield re.sub(r"\\([ #])", r"\1", name).replace("$$", "$")


# ---- Help with what students meet first ----


def _hints(message: str) -> Iterator[str]:
    if re.search(r"'?<?(stdio|stdlib|string|unistd|math)\.h>?'?.*(not found|No such file)", message):
        yield 'hint: the simulated machine has no host C library; #include "user.h" declares what there is.'
        return
    undeclared = re.findall(r"(?:undeclared|implicit declaration of)(?: library)? function '(\w+)'", message)
    known = [name for name in dict.fromkeys(undeclared) if name in _library_functions()]
    if known:
        yield f'hint: #include "user.h" declares {", ".join(known)}.'


@functools.cache
def _library_functions() -> frozenset[str]:
    return frozenset(re.findall(r"^[a-z].*?\b(\w+)\(", (ULIB / "user.h").read_text("utf-8"), re.MULTILINE))
