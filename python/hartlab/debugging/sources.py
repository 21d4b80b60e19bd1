"""Texts of source files, which debug information knows by name only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

_SUFFIXES = {".c", ".h", ".s", ".cc", ".cpp", ".hpp", ".rs"}  # a guest's file names what it likes
_LONGEST = 1 << 23


class Sources:
    """Lines of source files.

    Parameters
    ----------
    folders : path or list of these, optional
        Where the files are: each is looked for by its whole path below them, then by less and less of it. By
        default where the compiler found them.
    texts : mapping of str to str
        What is known by name already.
    """

    def __init__(
        self,
        folders: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        if isinstance(folders, (str, os.PathLike)):
            folders = [folders]
        self._folders = None if folders is None else [Path(each).resolve() for each in folders]
        self._lines = {name: text.splitlines() for name, text in (texts or {}).items()}

    def line(self, file: str, number: int) -> str | None:
        """Return a line, counted from 1; None when the file is not found, or shorter."""
        if file not in self._lines:
            self._lines[file] = self._read(file)
        lines = self._lines[file]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, file: str) -> list[str]:
        path = self._find(PurePosixPath(file))
        if path is None or path.stat().st_size > _LONGEST:
            return []
        return path.read_text("utf-8", "replace").splitlines()

    def _find(self, file: PurePosixPath) -> Path | None:
        if file.suffix.lower() not in _SUFFIXES or "\0" in str(file):
            return None
        if self._folders is None:
            return path if (path := Path(file)).is_absolute() and path.is_file() else None
        parts = [part for part in file.parts if part not in ("/", "..", ".")]
        for folder in self._folders:
            for start in range(len(parts)):
                path = folder.joinpath(*parts[start:]).resolve()
                if path.is_relative_to(folder) and path.is_file():
                    return path
        return None
