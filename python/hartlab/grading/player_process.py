"""The process of a player: begun in a jail, talked to within limits, and ended when it breaks them."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from typing import Any, NoReturn

from .casting import player_program
from .jail.job import Jailed, Job
from .jail.limits import PLAYER
from .player import wire
from .waiting import PlayerStuckError, Waiting, seconds_spent

MOST_MESSAGES = 50_000  # from a player, in one check
MOST_BYTES = 64 << 20
MOST_SECONDS = 20  # of the processor: a submission that has used them gets no other player
_PATIENCE = 0.5  # seconds for a player to end that has hung up, or been hung up on


class PlayerLostError(Exception):
    """There is no player any more, or it has said what no player says."""


class PlayerProcess:
    """A submission's player, one process after the other.

    Parameters
    ----------
    level : str
        Of the jail.
    """

    def __init__(self, level: str) -> None:
        self._level = level
        self._jailed: Jailed | None = None
        self._socket: socket.socket | None = None
        self._messages = self._bytes = 0
        self._seconds = 0.0

    @property
    def lives(self) -> bool:
        """Whether there is one to talk to."""
        return self._socket is not None

    def begin(self) -> None:
        """Begin a process."""
        if self._seconds > MOST_SECONDS:
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

    def count_anew(self) -> None:
        """Count messages from nothing again: for another check."""
        self._messages = self._bytes = 0

    def send(self, message: list[Any]) -> None:
        """Send a message. Raises PlayerLostError, as everything does that talks to it."""
        self.send_bytes(wire.encoded(message))

    def send_bytes(self, data: bytes) -> None:
        """Send a message that has been encoded."""
        if not self.lives:
            raise PlayerLostError("its process has ended")
        try:
            self._waiting.send(data)
        except OSError:
            self.lose()
        except PlayerStuckError as stuck:
            self.lose(str(stuck))

    def receive(self) -> list[Any]:
        """Receive a message."""
        if not self.lives:
            raise PlayerLostError("its process has ended")
        try:
            message, length = wire.received(self._waiting.read)
        except (OSError, EOFError):
            self.lose()
        except (wire.MalformedError, PlayerStuckError) as error:
            self.lose(str(error))
        self._messages += 1
        self._bytes += length
        if self._messages > MOST_MESSAGES:
            self.lose(f"{MOST_MESSAGES:,} uses of k in one check were not enough (a loop without end?)")
        if self._bytes > MOST_BYTES:
            self.lose(f"it sent more than {MOST_BYTES:,} bytes in one check")
        return message

    def lose(self, why: str = "") -> NoReturn:
        """End it, and say why; by default, how it ended by itself."""
        status = self.end()
        raise PlayerLostError(why or _ending(status))

    def end(self) -> int | None:
        """End it: the status with which it has ended by itself, if it has."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._jailed is None:
            return None
        jailed, self._jailed = self._jailed, None
        self._seconds += seconds_spent(jailed.process.pid, _PATIENCE)
        status = jailed.process.poll()
        jailed.close()
        return status


def _ending(status: int | None) -> str:
    return {
        None: "it closed the line",
        0: "it exited by itself",
        -9: "it used up its time, or was killed",
        137: "it used up its time, or was killed",
        -24: "it used up its time",
        152: "it used up its time",
    }.get(status, f"it ended with status {status}")
