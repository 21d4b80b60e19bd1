"""The console: everything that the guest has printed, and a keyboard."""

from __future__ import annotations

from collections.abc import Callable

from . import _engine, arguments
from .showing import listing


class Console:
    """What programs and the kernel print, as data; and input for descriptor 0.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> kernel.console.text
    ''
    """

    def __init__(self, engine: _engine.Kernel, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._read = 0

    @property
    def output(self) -> bytes:
        """All that has been printed, as bytes."""
        return self._engine.console_output(0)

    @property
    def text(self) -> str:
        """All that has been printed."""
        return self.output.decode("utf-8", "replace")

    @property
    def dropped(self) -> int:
        """Bytes printed beyond the 16 MiB that are kept."""
        return self._engine.console_dropped

    def read(self) -> str:
        """Give what has been printed since the last `read`.

        Returns
        -------
        str
            Empty when there is nothing new. After a restore it goes on from where the output then ends.
        """
        return self.read_bytes().decode("utf-8", "replace")

    def read_bytes(self) -> bytes:
        """Give what has been printed since the last read, as bytes.

        Returns
        -------
        bytes
            Empty when there is nothing new.
        """
        fresh = self._engine.console_output(self._read)
        self._read += len(fresh)
        return fresh

    def _state_changed(self) -> None:
        """Another state has been restored: what it had printed by then counts as read."""
        self._read = min(self._read, self._engine.console_length)

    def send(self, text: str | bytes) -> None:
        """Type at the keyboard. A program's read returns when a whole line, or Ctrl-D, has come.

        Parameters
        ----------
        text : str or bytes
            Newlines included; ``"\\x04"`` is Ctrl-D, the end of input, and ``"\\x10"`` Ctrl-P, which makes
            the kernel list its processes.
        """
        data = text.encode() if isinstance(text, str) else arguments.bytes_like("text", text)
        self._changed()
        self._engine.console_input(data)

    @property
    def pending(self) -> int:
        """Bytes typed that the kernel has not had room for yet."""
        return self._engine.console_pending

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Console: {len(self.output):,} bytes printed>\n{self.text}".rstrip("\n")

    def _repr_html_(self) -> str:
        return listing(self.text)
