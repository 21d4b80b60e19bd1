"""Where the sources of a submission lie while they are compiled: a folder named by what they are."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..atomic_write import atomic_write
from ..labs import SubmissionError
from ..toolchain.store import root
from .intake import Handed


def staged(handed: Handed) -> tuple[Path, list[list[Path]]]:
    """Write sources and headers: the folder, and the files of each unit. Equal submissions share it all."""
    folder = root() / "handed" / handed.digest
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is handed in is nobody else's to read
    for piece in [*(each for unit in handed.c for each in unit), *handed.headers]:
        name = PurePosixPath(piece.name)
        if name.is_absolute() or ".." in name.parts:
            raise SubmissionError(f"{piece.name} leads out of the submission")
        _write(folder / _file_name(piece.name), piece.text)
    return folder, [[folder / _file_name(piece.name) for piece in unit] for unit in handed.c]


def _file_name(name: str) -> str:
    """A cell's name as a file's."""
    return name if name.endswith((".c", ".h")) else name.replace(", cell ", ".cell-") + ".c"


def _write(path: Path, text: str) -> None:
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, data)
