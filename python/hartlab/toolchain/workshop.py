"""The work itself: sources to object files to a program, in a temporary folder that leaves no trace.

Neither the compiler's messages nor the debug information name that folder: the author reads ``prog.c:3:5``,
and the same source gives the same bytes wherever it was compiled.
"""

from __future__ import annotations

import functools
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .compilers import Compiler
from .errors import CompileError
from .run import run

_SIGNALLED = 128  # and the signal's number: as a shell reports it
ULIB = Path(__file__).resolve().parent.parent / "ulib"
USER_SCRIPT = ULIB / "user.ld"


@dataclass(frozen=True)
class Unit:
    """One source file: what it is called, its text, and the folder that #include "..." starts from."""

    name: str
    text: bytes
    folder: Path


class Workshop:
    """A temporary folder in which one compiler works on one program."""

    def __init__(self, compiler: Compiler, timeout: float) -> None:
        self.compiler = compiler
        self.timeout = timeout
        self.headers: set[Path] = set()  # outside ulib
        self.remarks = ""
        self._temporary = tempfile.TemporaryDirectory(prefix="hartlab-cc-", ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name).resolve()
        self._count = 0

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def compile(self, unit: Unit, options: Sequence[str], ulib: bool) -> Path:
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
        if not (result.is_file() and headers.is_file()):  # as zig does for an #embed that it may not read
            text = f"{unit.name}: the compiler made nothing of it; is there a file that it cannot read?"
            raise CompileError(text, str(self.compiler))
        for header in _dependencies(headers.read_text("utf-8", "surrogateescape")):
            path = Path(header).absolute()
            if not (path.is_relative_to(self._folder) or path.is_relative_to(ULIB)):
                self.headers.add(path)
        return result

    def link(self, objects: Sequence[Path], archive: Path | None, script: Path, flags: Sequence[str]) -> Path:
        """Link a program as a linker script says, with the library when there is one."""
        result = self._folder / "program.elf"
        # _start is in the library and nothing refers to it: asked for by name.
        library = ["-Wl,-u,_start", str(archive)] if archive else []
        self._run(
            self.compiler.link_command(
                *(f"-Wl,-T,{script}", "-o", str(result), *flags, *map(str, objects), *library)
            )
        )
        return result

    def link_with(self, script: str, objects: Sequence[bytes], options: Sequence[str]) -> Path:
        """Link object files, given as bytes, by a linker script, given as text."""
        result, path = self._folder / "unit.elf", self._folder / "unit.ld"
        path.write_text(script, encoding="utf-8")
        files = []
        for number, contents in enumerate(objects):
            files.append(self._folder / f"{number}.o")
            files[-1].write_bytes(contents)
        self._run(self.compiler.link_command(f"-Wl,-T,{path}", "-o", str(result), *options, *map(str, files)))
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
            outcome = run(command, timeout=self.timeout, environment=private, folder=self._folder)
        except TimeoutError as error:
            raise CompileError(f"{error}, and was stopped", str(self.compiler)) from None
        message = self._as_the_author_knows_it(outcome.text).strip()
        if outcome.status != 0:
            message = message or _silence(outcome.status)
            raise CompileError("\n".join([message, *_hints(message)]), str(self.compiler))
        if message:
            self.remarks += message + "\n"

    def _as_the_author_knows_it(self, text: str) -> str:
        """Take folders that exist only in here out of a message."""
        text = re.sub(re.escape(str(self._folder) + os.sep) + r"(\d+[\\/])?", "", text)
        for headers in (ULIB, ULIB.parent / "include"):
            text = text.replace(str(headers) + os.sep, "")
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


def _silence(status: int) -> str:
    """What a compiler says by its status that ended without a word."""
    if status < 0 or status > _SIGNALLED:
        return "the compiler was ended: it used up its time or memory, or went wrong"
    return f"the compiler ended with status {status} and said nothing"


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
