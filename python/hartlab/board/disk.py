"""The disk of a machine: sectors in memory, which are part of its state."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .. import arguments, words
from ..atomic_write import atomic_write
from .disk_file import DiskFile

_PIECE = 1 << 20  # what is copied at once; pieces of zeros of an image are left out


class Disk:
    """What the guest finds on its virtio block device.

    Changes stay in memory, and are saved, restored and cloned with the machine; `save` writes them to a file.
    With ``disk_writable=True`` the image's own file follows them: after each run it holds what the disk does.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(disk=b"a disk of one sector")
    >>> machine.disk
    <Disk: 512 bytes>
    >>> machine.disk.read(2, 4)
    b'disk'
    """

    def __init__(self, engine: Any, changed: Callable[[], None], file: DiskFile | None = None) -> None:
        self._engine = engine
        self._changed = changed
        self._file = file

    @property
    def writable(self) -> bool:
        """Whether the image's file follows: for the machine that was given it, and for no clone."""
        return self._file is not None

    def flush(self) -> None:
        """Write all changes to the image's file, and have the host put them onto its own disk.

        Raises
        ------
        ValueError
            When the machine was not made with ``disk_writable=True``.
        """
        if self._file is None:
            raise ValueError("the disk's changes stay in memory: save() writes them to a file of their own")
        self._file.sync()

    @property
    def size(self) -> int:
        """Bytes: whole sectors of 512."""
        return int(self._engine.disk_size)

    def read(self, offset: int, size: int) -> bytes:
        """Copy bytes from the disk.

        Parameters
        ----------
        offset : int
            Of the first byte.
        size : int
            Number of bytes.

        Returns
        -------
        bytes
            A copy.

        Raises
        ------
        IndexError
            When not all of them are on the disk.
        """
        data: bytes = self._engine.disk_read(
            arguments.address("offset", offset), arguments.integer("size", size, 0, 1 << 40)
        )
        return data

    def write(self, offset: int, data: Any) -> None:
        """Write to the disk. What the guest has read before may be in its memory still.

        Parameters
        ----------
        offset : int
            Of the first byte.
        data : bytes-like
            What to write.

        Raises
        ------
        IndexError
            When not all of it fits; nothing is written then.
        """
        raw = arguments.bytes_like("data", data)
        self._changed()
        self._engine.disk_write(arguments.address("offset", offset), raw)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole disk to a file, as an image that a machine takes as ``disk=``.

        Parameters
        ----------
        path : path
            Where to; a file that is there is replaced, once the new one is whole.

        Raises
        ------
        OSError
            When the file cannot be written. One that was there before is as it was.
        """
        if self._file is not None and self._file.is_at(path):
            self._file.sync()  # the file that follows goes on following: it is not replaced
            return
        size = self.size
        atomic_write(path, (self.read(start, min(_PIECE, size - start)) for start in range(0, size, _PIECE)))

    def __repr__(self) -> str:
        file = f", in {os.fspath(self._file.path)!r}" if self._file else ""
        return f"<Disk: {words.size(self.size)}{file}>"


def insert(engine: Any, contents: bytes) -> None:
    """Give the machine a disk with these contents."""
    if not contents:
        raise ValueError("disk is empty")
    engine.insert_disk(len(contents))
    for start in range(0, len(contents), _PIECE):
        piece = contents[start : start + _PIECE]
        if piece.count(0) != len(piece):
            engine.disk_write(start, piece)
