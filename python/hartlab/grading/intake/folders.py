"""Folders: the sources in them, without following any link."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from ...labs import SubmissionError
from .bounds import Bounds
from .names import is_wanted

_DEEPEST = 8


def collected(folder: Path, suffixes: Collection[str]) -> dict[str, bytes]:
    """Read the sources in a folder, by their path in it."""
    bounds = Bounds(folder.name)
    found: dict[str, bytes] = {}
    _collect(folder, folder, bounds, suffixes, found)
    return found


def _collect(
    root: Path, folder: Path, bounds: Bounds, suffixes: Collection[str], found: dict[str, bytes]
) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            bounds.entry()
            path = Path(entry.path)
            name = path.relative_to(root).as_posix()
            kind = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind):
                if name.count("/") >= _DEEPEST:
                    raise SubmissionError(f"{root.name} has folders nested deeper than {_DEEPEST}")
                if not entry.name.startswith((".", "__")):
                    _collect(root, path, bounds, suffixes, found)
            elif stat.S_ISLNK(kind):
                raise SubmissionError(f"{name} in {root.name} is a link: hand in the file itself")
            elif stat.S_ISREG(kind) and is_wanted(name, suffixes):
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                with os.fdopen(descriptor, "rb") as file:
                    found[name] = file.read(bounds.left + 1)
                bounds.count(len(found[name]))
