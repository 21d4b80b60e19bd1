"""What a serial port has printed, as text that is decoded once, as it comes."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Callable


class Transcript:
    """UTF-8 with the line ends of a terminal made plain newlines; what is no UTF-8 is U+FFFD.

    A look costs what is new, so that a long session of many looks stays linear. Positions count characters.

    Parameters
    ----------
    output : callable
        Gives what has been printed, as bytes, from a byte on.
    """

    def __init__(self, output: Callable[[int], bytes]) -> None:
        self._output = output
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what was read: another state may have printed something else."""
        self._bytes = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []  # of text that stays as it is
        self._starts: list[int] = []  # of each
        self._settled = 0  # characters of them in all
        self._return = ""  # "\r", if it ends in one: with the next byte it may be a line's end
        self._open = ""  # the text behind the pieces, which the next byte may change

    def since(self, start: int) -> str:
        """All from a position on."""
        self._look()
        if start >= self._settled:
            return self._open[start - self._settled :]
        first = bisect_right(self._starts, start) - 1
        begins = self._pieces[first][start - self._starts[first] :]
        return "".join([begins, *self._pieces[first + 1 :], self._open])

    def last(self, characters: int) -> str:
        """The end of it."""
        return self.since(max(0, len(self) - characters))

    def settled(self) -> int:
        """How much of it stays as it is, whatever is printed next."""
        self._look()
        return self._settled

    def ends_with(self, text: str, start: int = 0) -> bool:
        """Whether what is there from a position on ends with a text."""
        begins = len(self) - len(text)
        return begins >= start and self.since(begins) == text

    def __len__(self) -> int:
        self._look()
        return self._settled + len(self._open)

    def __str__(self) -> str:
        self._look()
        if len(self._pieces) > 1:
            self._pieces, self._starts = ["".join(self._pieces)], [0]
        return "".join([*self._pieces, self._open])

    def _look(self) -> None:
        fresh = self._output(self._bytes)
        if not fresh:
            return
        self._bytes += len(fresh)
        text = self._return + self._decoder.decode(fresh)
        self._return = "\r" if text.endswith("\r") else ""
        piece = text.removesuffix("\r").replace("\r\n", "\n")
        if piece:
            self._pieces.append(piece)
            self._starts.append(self._settled)
            self._settled += len(piece)
        unfinished = self._decoder.getstate()[0]
        self._open = self._return + unfinished.decode("utf-8", "replace")
