"""Zip archives: read in memory, and never unpacked to where their names point."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import IO

from ...labs import SubmissionError
from .bounds import MOST_FILES, Bounds
from .names import is_wanted

_LARGEST_RATIO = 100  # of the size to the compressed size; source code has about 5
_SMALL = 64 << 10  # bytes for which the ratio does not matter
_PIECE = 1 << 16


def unpacked(archive: str, file: IO[bytes], suffixes: Collection[str]) -> dict[str, bytes]:
    """Read the sources in an archive, by name.

    Raises SubmissionError for one that is damaged, is encrypted, has links or names that lead out of it, or
    holds much more than it seems.
    """
    bounds = Bounds(archive)
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(file) as opened:
            if len(opened.infolist()) > MOST_FILES:
                raise SubmissionError(f"{archive} has more than {MOST_FILES} entries")
            for entry in opened.infolist():
                bounds.entry()
                _check(archive, entry)
                if entry.is_dir() or not is_wanted(entry.filename, suffixes):
                    continue
                if entry.filename in found:
                    raise SubmissionError(f"{archive} has {entry.filename} twice")
                found[entry.filename] = _contents(archive, opened, entry, bounds)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, SubmissionError):
            raise
        raise SubmissionError(f"{archive} is no zip archive that can be read: {error}") from None
    return _without_common_folder(found)


def _check(archive: str, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise SubmissionError(f"{archive} has an entry {name!r}, which leads out of it")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise SubmissionError(f"{archive} has a link, {name!r}: hand in the file itself")
    if entry.flag_bits & 1:
        raise SubmissionError(f"{archive} is encrypted")


def _contents(archive: str, opened: zipfile.ZipFile, entry: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    """Read an entry as far as it may reach, whatever size it says it has."""
    pieces: list[bytes] = []
    size = 0
    with opened.open(entry) as stream:
        while piece := stream.read(min(_PIECE, bounds.left + 1)):
            pieces.append(piece)
            size += len(piece)
            bounds.count(len(piece))
            if size > _SMALL and size > _LARGEST_RATIO * max(entry.compress_size, 1):
                raise SubmissionError(
                    f"{archive}: {entry.filename} holds far more than it seems, as a bomb does"
                )
    return b"".join(pieces)


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Of ``lab/a.c`` and ``lab/a.h`` make ``a.c`` and ``a.h``."""
    firsts = {PurePosixPath(name).parts[0] for name in files}
    if len(firsts) != 1 or any("/" not in name for name in files):
        return files
    return {name.partition("/")[2]: data for name, data in files.items()}
