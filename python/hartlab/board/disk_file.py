"""A file that follows a disk: what the guest writes is in it after each run."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

_PAGE = 4096


class DiskFile:
    """The image file of a disk with ``disk_writable=True``. It belongs to one machine, and to no clone."""

    def __init__(self, engine: Any, path: str | os.PathLike[str]) -> None:
        self._engine = engine
        self.path = Path(path)
        try:
            self._file = self.path.open("r+b")
        except PermissionError as error:
            raise PermissionError(
                f"disk={os.fspath(path)!r} cannot be written to: leave out disk_writable=, and the guest's "
                f"changes stay in memory"
            ) from error
        try:
            _lock(self._file, path)
        except BaseException:
            self._file.close()
            raise
        weakref.finalize(self, self._file.close)  # if nobody closes the machine
        engine.disk_changes()  # what it is now is in the file

    def is_at(self, path: str | os.PathLike[str]) -> bool:
        """Whether a path leads to this file."""
        return Path(path).exists() and self.path.exists() and self.path.samefile(path)

    def write_changes(self) -> None:
        """Write what has changed since the last time."""
        if self._file.closed:
            return
        size = int(self._engine.disk_size)
        for page in self._engine.disk_changes():
            start = page * _PAGE
            self._file.seek(start)
            self._file.write(self._engine.disk_read(start, min(_PAGE, size - start)))
        self._file.flush()

    def sync(self) -> None:
        """Write what has changed, and have the host put it onto its own disk."""
        self.write_changes()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write what has changed, and let go of the file."""
        if not self._file.closed:
            self.write_changes()
            self._file.close()


def _lock(file: Any, path: str | os.PathLike[str]) -> None:
    """Keep other machines from the file, where the host can."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(f"disk={os.fspath(path)!r} is being written to by another machine") from None


def disk_file(engine: Any, disk: Any) -> DiskFile:
    """Let the file that was given as `disk` follow the engine's disk."""
    if not isinstance(disk, str | os.PathLike):
        raise ValueError("disk_writable=True is for a disk= that is the path of a file")
    if Path(disk).stat().st_size != engine.disk_size:
        raise ValueError(
            f"disk={os.fspath(disk)!r} has {Path(disk).stat().st_size:,} bytes, and a disk that is written "
            f"to must be of whole sectors of 512"
        )
    return DiskFile(engine, disk)
