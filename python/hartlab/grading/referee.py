"""The referee's side of the conversation: a player's functions in the place of the kernel's.

The kernel, the checks and the verdict are in this process. What the player says is data: the name of
something that ``k`` offers, and plain values for it. Whatever else comes, and whatever does not come, loses
the player.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import KernelPanic
from ..functions import declarations
from ..labs import SubmissionError
from ..labs.metering import LineMeter, OutOfLinesError
from ..seam import _DIRECT, RaisedElsewhere
from .intake import Piece
from .player import wire
from .player.engine import VALUES
from .player_process import PlayerLostError, PlayerProcess

USES = frozenset([*(f"fn_{name}" for name in declarations()), *_DIRECT.values(), "myproc"])


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
        self._wanted = list(wanted)
        self._lines = lines
        self._player = PlayerProcess(level)
        self._meter = LineMeter(0)
        self._check = 0
        self._engines: list[Any] = []  # whose functions are being performed, the innermost last
        self._panic: KernelPanic | None = None

    def __enter__(self) -> Referee:
        return self

    def __exit__(self, *_: object) -> None:
        self._player.end()

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
        if not self._engines:
            self._panic = None
            if not self._player.lives:
                self._load()
        if self._check != self._meter.resets:
            self._check = self._meter.resets
            self._player.count_anew()
        self._engines.append(engine)
        try:
            answer = self._talk(["call", name, list(words), self._meter.limit, self._meter.used])
            return self._result(name, answer)
        finally:
            self._engines.pop()

    def metered_by(self, meter: LineMeter) -> None:
        """Count in that meter the lines that the player says it has executed."""
        self._meter = meter

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
                return self._player.lose("it sent a message that makes no sense")

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
        self._player.send(message)
        while True:
            said = self._player.receive()
            match said:
                case ["value", str(name)] if name in VALUES and self._engines:
                    self._answer(getattr, self._engines[-1], name)
                case ["use", str(name), list(arguments), dict(named)] if name in USES and self._engines:
                    self._answer(self._used_by, name, arguments, named)
                case ["assign", "kernel_satp", int(value)] if self._engines:
                    self._answer(setattr, self._engines[-1], "kernel_satp", value)
                case ["value" | "use" | "assign", *_]:
                    self._player.send(
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
        self._player.send_bytes(answer)

    # ---- Loading ----

    def _load(self) -> dict[str, list[Any]]:
        self._player.begin()
        said = self._talk(["load", [list(each) for each in self._pieces.items()], self._wanted, self._lines])
        match said:
            case ["loaded", dict(places)] if all(map(_is_place, places.values())):
                return dict(places)
            case ["failed", str(what), str(file), int(line)]:
                place = self._place(file, line)
                raise SubmissionError(
                    f"{file or 'it'} cannot be loaded: {what}" + (f"\n  {place}" if place else "")
                )
            case _:
                return self._player.lose("it sent a message that makes no sense")


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
