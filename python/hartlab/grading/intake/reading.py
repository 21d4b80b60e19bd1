"""Reading a submission, whatever form it has."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from ...labs import SubmissionError
from .archives import unpacked
from .bounds import MOST_BYTES, Bounds
from .folders import collected
from .handed import Handed, Piece
from .notebooks import cells_of

KINDS = (".c", ".py", ".ipynb", ".zip")
SOURCES = (".c", ".h", ".py", ".ipynb")  # what an archive or a folder is searched for


def read(path: Path, functions: Collection[str]) -> Handed:
    """Read what was handed in; none of it is executed.

    Parameters
    ----------
    path : path
        A notebook, a ``.py`` or ``.c`` file, a zip archive, or a folder: one submission.
    functions : collection of str
        The lab's functions, which are looked for in notebooks.

    Raises
    ------
    SubmissionError
        When it cannot be read, with the reason in words.
    """
    try:
        kind = path.lstat().st_mode
        if stat.S_ISLNK(kind):
            raise SubmissionError(f"{path.name} is a link: a submission is the file itself")
        if stat.S_ISDIR(kind):
            files = collected(path, SOURCES)
        elif stat.S_ISREG(kind):
            files = _opened(path)
        else:
            raise SubmissionError(f"{path.name} is neither a file nor a folder")
    except OSError as error:
        raise SubmissionError(f"{path.name} cannot be read: {error.strerror}") from None
    return _sorted_out({name: _text(name, data) for name, data in files.items()}, functions)


def _opened(path: Path) -> dict[str, bytes]:
    if path.suffix.lower() not in KINDS:
        raise SubmissionError(f"{path.name} is none of {', '.join(KINDS)}, and no folder")
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        if path.suffix.lower() == ".zip":
            return unpacked(path.name, file, SOURCES)
        bounds = Bounds(path.name)
        data = file.read(MOST_BYTES + 1)
        bounds.count(len(data))
        return {path.name: data}


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubmissionError(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None
    if "\0" in text:
        raise SubmissionError(f"{name} has a zero character in it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sorted_out(files: Mapping[str, str], functions: Collection[str]) -> Handed:
    pieces = [Piece(name, files[name]) for name in sorted(files)]
    kinds = {
        suffix: [piece for piece in pieces if PurePosixPath(piece.name).suffix.lower() == suffix]
        for suffix in SOURCES
    }
    python, c = list(kinds[".py"]), [tuple(kinds[".c"])] if kinds[".c"] else []
    for notebook in kinds[".ipynb"]:
        own_python, own_c = cells_of(notebook.name, notebook.text, functions)
        python += own_python
        c += [(piece,) for piece in own_c]
    if not python and not c:
        found = f": there are only {', '.join(sorted(files))}" if files else ""
        wanted = ", ".join(functions)
        raise SubmissionError(f"no code was found for any of the lab's functions ({wanted}){found}")
    return Handed(tuple(python), tuple(c), tuple(kinds[".h"]))
