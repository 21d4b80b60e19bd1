"""The conversation from the player's side: it loads what was handed in, and performs its functions."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from ...errors import KernelPanic
from ...labs.lab_kernel import LabKernel
from ...labs.metering import LineMeter, OutOfLinesError
from ...seam import returning, where
from . import wire
from .engine import Engine, raised

_LONGEST_TEXT = 4000
_ADDRESS = re.compile(r" at 0x[0-9a-f]+>")


class Player:
    """A player.

    Parameters
    ----------
    channel : int
        The descriptor to talk through.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._engine = Engine(self._asked)
        self._functions: dict[str, Callable[..., Any]] = {}
        self._meter = LineMeter(0)
        self._depth = 0

    def play(self) -> None:
        """Do as the referee says until it hangs up."""
        while True:
            self._do(self._receive())

    def _do(self, message: list[Any]) -> None:
        if message[0] == "load":
            self._send(self._loaded(*message[1:]))
        elif message[0] == "call":
            self._send(self._performed(*message[1:]))
        else:
            raise wire.MalformedError(f"the referee said {message[0]!r}")

    def _loaded(self, pieces: Sequence[Sequence[str]], wanted: Sequence[str], lines: int) -> list[Any]:
        names: dict[str, Any] = {"__name__": "submission"}
        self._meter.limit = lines
        self._meter.reset()
        for file, text in pieces:
            names["__file__"] = file
            names["__name__"] = PurePosixPath(file).stem
            try:
                self._meter.metered(exec)(compile(text, file, "exec", dont_inherit=True), names)
            except BaseException as error:
                line = error.lineno if isinstance(error, SyntaxError) else where(error.__traceback__)[1]
                return ["failed", _described(error), file, line or 0]
        self._functions = {name: names[name] for name in wanted if callable(names.get(name))}
        return ["loaded", {name: _place(each) for name, each in self._functions.items()}]

    def _performed(self, name: str, words: Sequence[int], limit: int, used: int) -> list[Any]:
        """Perform a function, of whose lines some have been used. The answer ends with how many have then.

        In the middle of another one the count is not the referee's, who has not heard of its lines yet.
        """
        if self._depth == 0:
            self._meter.limit, self._meter.used = limit, used
        self._depth += 1
        try:
            result = self._meter.metered(self._functions[name])(LabKernel(self._engine), *words)
            said = ["returned", _result(result)]
        except OutOfLinesError as error:
            said = ["out of lines", str(error)[:_LONGEST_TEXT]]
        except KernelPanic as error:
            said = ["panicked", *where(error.__traceback__)]
        except BaseException as error:
            said = ["raised", _described(error), *where(error.__traceback__)]
        finally:
            self._depth -= 1
        return [*said, self._meter.used]

    def _asked(self, question: list[Any]) -> Any:
        """Ask the referee; on the way to the answer it may have functions to perform.

        No line that is executed for that counts: as with the engine's own ``k``.
        """
        meter = sys.gettrace()
        sys.settrace(None)
        try:
            self._send(question)
            while (answer := self._receive())[0] not in ("is", "raises"):
                self._do(answer)
        finally:
            sys.settrace(meter)
        if answer[0] == "raises":
            raise raised(*answer[1:])
        return answer[1]

    def _send(self, message: list[Any]) -> None:
        data = memoryview(wire.encoded(message))
        while data:
            data = data[os.write(self._channel, data) :]

    def _receive(self) -> list[Any]:
        return wire.received(self._read)[0]

    def _read(self, size: int) -> bytes:
        data = os.read(self._channel, size)
        while len(data) < size:
            piece = os.read(self._channel, size - len(data))
            if not piece:
                os._exit(0)  # the referee has hung up
            data += piece
        return data


def _place(function: object) -> list[Any]:
    try:
        return list(returning(function))
    except Exception:  # a function that is none, and lies about itself
        return ["", 0]


def _result(value: Any) -> Any:
    """A result as it travels: a plain one as it is, a handle as its address, any other in words."""
    if value is None or (type(value) in (bool, int) and abs(value) < 1 << 128):
        return value
    try:
        return int(value.__index__())
    except Exception:
        return [_safely(repr, value), type(value).__name__]


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {_safely(str, error)}"


def _safely(shown: Callable[[Any], str], value: Any) -> str:
    """In words, even if saying them raises something; and without addresses, which are others in each run."""
    try:
        text = shown(value)
        return _ADDRESS.sub(">", text[:_LONGEST_TEXT]) if type(text) is str else "?"
    except BaseException as error:
        return f"(which cannot be shown: {type(error).__name__})"
