"""Files that are replaced as a whole: by saved states, the cache, and what a grader writes."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def atomic_write(path: str | os.PathLike[str], data: bytes | Iterable[bytes], *, sync: bool = False) -> None:
    """Give the file `path` the contents `data`, in place of what is there.

    Whoever opens the file, in this process or another, gets all of the old contents or all of the new. When
    anything goes wrong, Ctrl-C included, the old file is as it was and nothing else is left; only a process
    that is killed may leave a file ``.new-...`` beside it. Permissions are those that `open` gives to a new
    file. A symbolic link stays, and what it names is replaced.

    Parameters
    ----------
    path : path
        Its folder must exist.
    data : bytes or iterable of bytes
        All of it; or pieces, of what is too long to be in memory twice.
    sync : bool
        Whether the old or the new contents must outlive a power cut, too: for a file that cannot be made
        again. It costs a wait for the host's disk. Without, the file may then be empty or cut short.

    Raises
    ------
    OSError
        When it cannot be written, or is a device, a pipe or a folder; it names `path`. On Windows also while
        somebody else has the file open.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".new-{secrets.token_hex(8)}")
    try:
        if target.exists() and not target.is_file():
            raise OSError(errno.EINVAL, "no file, and nothing that a file may take the place of")
        try:
            with temporary.open("xb") as file:
                file.writelines([data] if isinstance(data, bytes) else data)
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise
