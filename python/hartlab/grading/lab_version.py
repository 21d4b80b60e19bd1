"""Whether a lab is still the one that it was."""

from __future__ import annotations

import hashlib

from ..labs import Lab


def version_of(given: Lab) -> str:
    """Equal as long as the lab's files are."""
    files = [
        each for each in sorted(given.folder.rglob("*")) if each.is_file() and "__pycache__" not in each.parts
    ]
    digest = hashlib.sha256()
    for path in files:
        digest.update(
            f"{path.relative_to(given.folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes()
        )
    return digest.hexdigest()
