"""The referee's side of the conversation: a player's functions in the place of the kernel's.

The kernel, the checks and the verdict are in this process. What the player says is data: the name of
something that ``k`` offers, and plain values for it. Whatever else comes, and whatever does not come, loses
the player.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..errors import KernelPanic
from ..functions import declarations
from ..labs import SubmissionError
from ..labs.metering import LineMeter, OutOfLinesError
from ..seam import _DIRECT, RaisedElsewhere
from .casting import player_program
from .intake import Piece
from .jail.job import Jailed, Job
from .jail.limits import PLAYER
from .player import wire
from .player.engine import VALUES
from .waiting import PlayerStuckError, Waiting, seconds_spent

USES = frozenset([*(f"fn_{name}" for name in declarations()), *_DIRECT.values(), "myproc"])
MOST_MESSAGES = 50_000  # from a player, in one check
MOST_BYTES = 64 << 20
_PATIENCE = 0.5  # seconds for a player to end that has hung up, or been hung up on
MOST_SECONDS = 20  # of the processor, for all players of a submission


class PlayerLostError(Exception):
    """There is no player any more, or it has said what no player says."""


class Referee:
    """Has a submission's Python performed by a player, and answers what it asks.

    Parameters
    ----------
    pieces : sequence of Piece
        The submission's Python.
    level : str
        Of the jail.
    wanted : sequence of str
        The lab's functions.
    lines : int
        That it may execute while it is loaded.
    """

    def __init__(self, pieces: Sequence[Piece], level: str, wanted: Sequence[str], lines: int) -> None:
        self._pieces = {piece.name: piece.text for piece in pieces}
        self._level = level
        self._wanted = list(wanted)
        self._lines = lines
        self._jailed: Jailed | None = None
        self._socket: socket.socket | None = None
        self._meter = LineMeter(0)
        self._check = 0
        self._messages = self._bytes = 0
        self._engines: list[Any] = []  # whose functions are being performed, the innermost last
        self._panic: KernelPanic | None = None
        self._used = 0.0

    def __enter__(self) -> Referee:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def functions(self) -> dict[str, RemoteFunction]:
        """Load what was handed in, and give those of the lab's functions that it defines.

        Raises SubmissionError when it cannot be loaded.
        """
        try:
            found = self._load()
        except PlayerLostError as lost:
            raise SubmissionError(f"{', '.join(self._pieces)} cannot be loaded: {lost}") from None
        return {
            name: RemoteFunction(self, name, self._place(*found[name]))
            for name in self._wanted
            if name in found
        }

    # ---- What a player does for us ----

    def perform(self, name: str, engine: Any, words: Sequence[int]) -> Any:
        """Perform a function: the player's result, or an exception as the function would have raised it."""
        self._new_check()
        if self._jailed is None and not self._engines:
            self._load()
        self._engines.append(engine)
        try:
            answer = self._talk(["call", name, list(words), self._meter.limit, self._meter.used])
            return self._result(name, answer)
        finally:
            self._engines.pop()

    def metered_by(self, meter: LineMeter) -> None:
        """Count in that meter the lines that the player says it has executed."""
        self._meter = meter

    def _new_check(self) -> None:
        if self._check != self._meter.resets:
            self._check = self._meter.resets
            self._messages = self._bytes = 0

    def _result(self, name: str, answer: list[Any]) -> Any:
        match answer:
            case ["returned", result, int(used)]:
                self._count_lines(used)
                return _Shown(*result) if isinstance(result, list) else result
            case ["out of lines", str(message), int(used)]:
                self._count_lines(used)
                raise OutOfLinesError(message)
            case ["panicked", str(file), int(line), int(used)] if self._panic is not None:
                self._count_lines(used)
                panic, self._panic = self._panic, None
                if file:
                    panic.add_note(f"in {name}, {self._place(file, line)}")
                raise panic
            case ["panicked", str(file), int(line), int(used)]:  # but not in the kernel
                self._count_lines(used)
                raise RaisedElsewhere("KernelPanic", self._place(file, line))
            case ["raised", str(what), str(file), int(line), int(used)]:
                self._count_lines(used)
                raise RaisedElsewhere(what, self._place(file, line))
            case _:
                return self._lose("it sent a message that makes no sense")

    def _count_lines(self, used: int) -> None:
        self._meter.used = min(max(used, self._meter.used), self._meter.limit + 1)

    def _place(self, file: str, line: int) -> str:
        lines = self._pieces.get(file, "").splitlines()
        source = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        if not source:
            return ""
        return f"{file}, line {line}: {source}" if ", cell " in file else f"{file}:{line}: {source}"

    # ---- What a player asks ----

    def _talk(self, message: list[Any]) -> list[Any]:
        """Say something, and answer questions until what comes is no question."""
        self._send(message)
        while True:
            said = self._receive()
            match said:
                case ["value", str(name)] if name in VALUES and self._engines:
                    self._answer(getattr, self._engines[-1], name)
                case ["use", str(name), list(arguments), dict(named)] if name in USES and self._engines:
                    self._answer(self._used_by, name, arguments, named)
                case ["assign", "kernel_satp", int(value)] if self._engines:
                    self._answer(setattr, self._engines[-1], "kernel_satp", value)
                case ["value" | "use" | "assign", *_]:
                    self._send(
                        ["raises", "AttributeError", "k has no such thing: help(k) lists what it has", {}]
                    )
                case _:
                    return said

    def _used_by(self, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        return getattr(self._engines[-1], name)(*arguments, **named)

    def _answer(self, question: Callable[..., Any], *arguments: Any) -> None:
        try:
            value = question(*arguments)
            answer = wire.encoded(["is", value])
        except KernelPanic as panic:
            self._panic = panic
            fields = {
                "text": panic.text,
                "function": panic.function,
                "pid": panic.pid,
                "address": panic.address,
            }
            answer = wire.encoded(["raises", "KernelPanic", str(panic), fields])
        except PlayerLostError:
            raise
        except Exception as error:
            answer = wire.encoded(["raises", type(error).__name__, str(error), {}])
        self._send_bytes(answer)

    # ---- The process, and the line to it ----

    def _load(self) -> dict[str, list[Any]]:
        self._begin()
        said = self._talk(["load", [list(each) for each in self._pieces.items()], self._wanted, self._lines])
        match said:
            case ["loaded", dict(places)] if all(map(_is_place, places.values())):
                return places
            case ["failed", str(what), str(file), int(line)]:
                place = self._place(file, line)
                raise SubmissionError(
                    f"{file or 'it'} cannot be loaded: {what}" + (f"\n  {place}" if place else "")
                )
            case _:
                return self._lose("it sent a message that makes no sense")

    def _begin(self) -> None:
        if self._used > MOST_SECONDS:
            raise PlayerLostError("all its time has been used up")
        with tempfile.TemporaryFile() as bundle:
            bundle.write(player_program())
            bundle.seek(0)
            ours, theirs = socket.socketpair()
            with theirs:
                job = Job("player", PLAYER, bundle=bundle.fileno(), channel=theirs.fileno())
                self._jailed = Jailed(self._level, job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = ours
        self._waiting = Waiting(ours, self._jailed.process.pid)

    def _send(self, message: list[Any]) -> None:
        self._send_bytes(wire.encoded(message))

    def _send_bytes(self, data: bytes) -> None:
        if self._socket is None:
            raise PlayerLostError("its process has ended")
        try:
            self._waiting.send(data)
        except OSError:
            self._lose()
        except PlayerStuckError as stuck:
            self._lose(str(stuck))

    def _receive(self) -> list[Any]:
        if self._socket is None:
            raise PlayerLostError("its process has ended")
        try:
            message, length = wire.received(self._waiting.read)
        except (OSError, EOFError):
            self._lose()
        except (wire.MalformedError, PlayerStuckError) as error:
            self._lose(str(error))
        self._messages += 1
        self._bytes += length
        if self._messages > MOST_MESSAGES:
            self._lose(f"{MOST_MESSAGES:,} uses of k in one check were not enough (a loop without end?)")
        if self._bytes > MOST_BYTES:
            self._lose(f"it sent more than {MOST_BYTES:,} bytes in one check")
        return message

    def _lose(self, why: str = "") -> NoReturn:
        status = self._end()
        raise PlayerLostError(why or _ending(status))

    def _end(self) -> int | None:
        """End the player; what its process ended with, if it ended by itself."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._jailed is None:
            return None
        jailed, self._jailed = self._jailed, None
        self._used += seconds_spent(jailed.process.pid, _PATIENCE)
        status = jailed.process.poll()
        jailed.close()
        return status


class RemoteFunction:
    """A function of a submission, as the kernel calls it."""

    def __init__(self, referee: Referee, name: str, returns_at: str) -> None:
        self._referee = referee
        self.__name__ = name
        self.returns_at = returns_at

    def __call__(self, k: Any, *words: int) -> Any:
        try:
            return self._referee.perform(self.__name__, k._engine, words)
        except PlayerLostError as lost:
            raise RaisedElsewhere(f"the process that performed it was ended: {lost}", "") from None

    def metered_by(self, meter: LineMeter) -> None:
        """Count lines there."""
        self._referee.metered_by(meter)


class _Shown:
    """A result that is no number, as the player showed it."""

    def __init__(self, text: object = "?", kind: object = "object", *_: object) -> None:
        self._text = str(text)

    def __repr__(self) -> str:
        return self._text


def _is_place(place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) == 2
        and isinstance(place[0], str)
        and isinstance(place[1], int)
    )


def _ending(status: int | None) -> str:
    return {
        None: "it closed the line",
        0: "it exited by itself",
        -9: "it used up its time, or was killed",
        137: "it used up its time, or was killed",
        -24: "it used up its time",
        152: "it used up its time",
    }.get(status, f"it ended with status {status}")
