"""Waiting for a player, for as long as it works.

No clock decides how long that may be: its processor time is limited by the kernel. A player that neither
works nor can come to work again, because it waits for something that never comes, uses no time: so it is
noticed.
"""

from __future__ import annotations

import os
import select
import socket
import time
from pathlib import Path

from .descendants import children_of

LOOK = 500  # milliseconds between looks
_IDLE_LOOKS = 10  # looks in a row that find it asleep, with no time used in between


class PlayerStuckError(Exception):
    """It sleeps, and nothing will wake it."""


class Waiting:
    """Sends to a player's process and reads from it.

    Parameters
    ----------
    line : socket
        Our end.
    pid : int
        Of the process that was started; the player may be a child of it.
    """

    def __init__(self, line: socket.socket, pid: int) -> None:
        self._line = line
        self._pid = pid
        self._data = b""
        line.setblocking(False)
        self._reads, self._writes = select.poll(), select.poll()
        self._reads.register(line, select.POLLIN)
        self._writes.register(line, select.POLLOUT)

    def read(self, size: int) -> bytes:
        """Read exactly so many bytes. Raises EOFError when they do not come, and PlayerStuckError."""
        while len(self._data) < size:
            self._until(self._reads)
            piece = self._line.recv(1 << 16)
            if not piece:
                raise EOFError
            self._data += piece
        data, self._data = self._data[:size], self._data[size:]
        return data

    def send(self, data: bytes) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._line.send(rest) :]
            except BlockingIOError:
                self._until(self._writes)

    def _until(self, ready: select.poll) -> None:
        if ready.poll(LOOK):
            return
        idle, before = 0, _time_used(self._pid)
        while not ready.poll(LOOK):
            now = _time_used(self._pid)
            idle = idle + 1 if now == before and now[1] else 0
            before = now
            if idle >= _IDLE_LOOKS:
                raise PlayerStuckError("it waits for something that never comes")


def seconds_spent(pid: int, patience: float) -> float:
    """Processor time of a process and what it has waited for, once it has ended, or after so many seconds.

    The process is not reaped. That of this process's other children, which other threads wait for, does not
    count.
    """
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
            break
        time.sleep(0.002)
    return _time_used(pid)[0] / os.sysconf("SC_CLK_TCK")


def _time_used(pid: int) -> tuple[int, bool]:
    """Processor time of a process and its descendants, in ticks, and whether all of them sleep."""
    used, asleep = 0, True
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used, asleep = sum(map(int, fields[11:15])), fields[0] not in "RD"
    except (OSError, ValueError, IndexError):
        return used, asleep
    for child in children_of(pid):
        more, quiet = _time_used(child)
        used, asleep = used + more, asleep and quiet
    return used, asleep
