"""The cache: what was compiled before, found again by content.

Two kinds of file, both immutable once they have their name::

    objects/ab/abcdef....elf     a result, named by the SHA-256 of its bytes
    recipes/01/012345....json    what led to it, named by the SHA-256 of sources, flags and compiler

A recipe also lists the headers that the compiler read, with their hashes: it holds as long as they do. Files
are replaced as a whole, so processes may share the cache: at worst two of them do the same work. A result
that no longer has its hash is as good as absent.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..atomic_write import atomic_write


class Artifact(NamedTuple):
    """A stored result: its bytes, the file that holds them, and what the compiler remarked."""

    data: bytes
    path: Path
    remarks: str


def cache_dir() -> Path:
    """Return the folder of hartlab's cache, which need not exist yet.

    ``HARTLAB_CACHE`` names it if set; otherwise it is the platform's place for caches: ``$XDG_CACHE_HOME`` or
    ``~/.cache`` on Linux, ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on Windows.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> cache_dir().is_absolute()
    True
    """
    if override := os.environ.get("HARTLAB_CACHE"):
        return Path(override).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base) / "hartlab" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "hartlab"
    # [XDG Base Directory] a relative path in the variable is invalid and to be ignored
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache") / "hartlab"


def digest(*parts: str | bytes) -> str:
    """Return the SHA-256 of `parts`, as hexadecimal digits; where one ends and the next begins matters."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()


def find(key: str) -> Artifact | None:
    """Return what was stored under `key` if all that it was made from is unchanged, otherwise None."""
    try:
        recipe = json.loads(_recipe(root(), key).read_text("utf-8"))
        for path, expected in recipe["headers"]:
            if _sha256(Path(path).read_bytes()) != expected:
                return None
        path = _object(root(), recipe["object"], recipe["suffix"])
        data = path.read_bytes()
        if _sha256(data) != recipe["object"]:
            return None
        return Artifact(data, path, recipe["remarks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # absent, or damaged: compile again


def put(key: str, data: bytes, suffix: str, headers: Iterable[Path] = (), remarks: str = "") -> Artifact:
    """Store `data` under `key`, as made from `headers` too, and return it as `find` will."""
    name = _sha256(data)
    path = _object(root(), name, suffix)
    recipe = {
        "object": name,
        "suffix": suffix,
        "headers": [(str(header), _sha256(header.read_bytes())) for header in headers],
        "remarks": remarks,
    }
    _write(path, data)  # first, so that no recipe names a result that is not there
    _write(_recipe(root(), key), json.dumps(recipe).encode())
    return Artifact(data, path, remarks)


def root() -> Path:
    """Return the folder that is in use: `cache_dir`, or where that cannot be written, one of this process."""
    return _usable(cache_dir())


@functools.cache
def _usable(wanted: Path) -> Path:
    """Return `wanted`, made if need be, or a folder for this process alone where it cannot be written."""
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:
        # A read-only home, as some graders have. Not a fixed name in the shared temporary folder: anyone
        # could have put files there. It goes when this process ends.
        folder = tempfile.mkdtemp(prefix="hartlab-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)


def _object(root: Path, name: str, suffix: str) -> Path:
    return root / "objects" / name[:2] / (name + suffix)


def _recipe(root: Path, key: str) -> Path:
    return root / "recipes" / key[:2] / (key + ".json")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        atomic_write(path, data)
    except PermissionError:
        # Windows does not replace a file that someone reads. Then it is there already, with these bytes.
        if not path.exists():
            raise
