"""Which names in an archive or a folder are a student's sources."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath


def is_wanted(name: str, suffixes: Collection[str]) -> bool:
    """Whether a file is a source, and not what an editor, Jupyter or macOS has left beside it."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__")) for part in path.parts)
    return not hidden and path.suffix.lower() in suffixes
