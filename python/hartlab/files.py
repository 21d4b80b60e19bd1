"""The kernel's files: read-only, registered by path from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import _engine, arguments, words
from .program import contents


class Files(Mapping[str, bytes]):
    """Path to contents of every file that exec and open can find. Assigning registers a file.

    A path with and without the leading slash is the same. What is assigned again is replaced for those who
    open it from then on.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> kernel.files["motd"] = b"hello"
    >>> sorted(kernel.files)
    ['/init', '/motd']
    """

    def __init__(self, engine: _engine.Kernel, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed

    def __setitem__(self, path: str, data: Any) -> None:
        self.add(path, data)

    def add(self, path: str, data: Any) -> None:
        """Register a file.

        Parameters
        ----------
        path : str
            Where programs will find it.
        data : Program or bytes-like
            Its contents: a program from `cc` is its ELF file.

        Raises
        ------
        ValueError
            When the path names no file.
        """
        if not arguments.text("path", path, "'/hello'").strip("/"):
            raise ValueError(f"path={path!r} names no file; write '/hello', say")
        self._changed()
        self._engine.add_file(path, contents("data", data))

    def __getitem__(self, path: str) -> bytes:
        found = self._engine.file_bytes(arguments.text("path", path))
        if found is None:
            raise KeyError(f"there is no file {path!r}; there are {', '.join(self)}")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._engine.file_paths())

    def __len__(self) -> int:
        return len(self._engine.file_paths())

    def __repr__(self) -> str:
        listed = ", ".join(f"{path} ({words.size(len(data))})" for path, data in self.items())
        return f"<Files: {listed}>"
