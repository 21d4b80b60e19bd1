"""One client's session: bytes in, bytes out. It knows no socket, and what packets mean is in `commands`."""

from __future__ import annotations

from typing import Any, Literal

from ..hart import Hart
from . import commands
from .motion import Motion
from .packets import Decoder, Signal, encode
from .target import Stop, Target

_SIGNALS = {"interrupt": 2, "trap_loop": 11}  # SIGINT, SIGSEGV
_TRAP = 5  # all else
End = Literal["detached", "killed", "exited"]


class Session:
    """A conversation with one client about one machine.

    Attributes
    ----------
    ended : str or None
        How it ended; None while it goes on.
    selected : dict
        Numbers of the harts that ``H`` packets have chosen: for registers and memory (g), and for steps (c).
    """

    def __init__(self, machine: Any) -> None:
        self.target = Target(machine)
        self.ended: End | None = None
        self.acknowledge = True
        self.enter_interrupts = False
        self.stop = Stop("step", self.target.current)
        self.selected = {"g": self.stop.hart, "c": self.stop.hart}
        self._decoder = Decoder()
        self._last = b""
        self._motion: Motion | None = None

    @property
    def running(self) -> bool:
        """Whether the machine is to go on: then `advance` is to be called."""
        return self._motion is not None

    @property
    def idle(self) -> bool:
        """Whether it runs, and waits for what only somebody outside can bring."""
        return self._motion is not None and self._motion.idle

    @property
    def hart(self) -> Hart:
        """The hart that registers and memory are asked of."""
        chosen: Hart = self.target.machine.harts[self.selected["g"]]
        return chosen

    def receive(self, data: bytes) -> bytes:
        """Take what the client has sent, and return what is to be sent to it."""
        out = b""
        for item in self._decoder.feed(data):
            if self.ended:
                break
            if item is Signal.interrupt and self.running:
                out += self._stopped(Stop("interrupt", self.target.current))
            elif item is Signal.resend:
                out += self._last
            elif item is Signal.damaged and self.acknowledge:
                out += b"-"
            elif isinstance(item, bytes):
                out += b"+" if self.acknowledge else b""
                reply = commands.answer(self, item)
                out += b"" if reply is None else self._packet(reply)
        return out

    def advance(self) -> bytes:
        """Let the machine go on for a piece; returns what is to be sent to the client."""
        try:
            stop = self._motion.advance() if self._motion else None
        except RuntimeError:  # somebody else makes it run, or has closed it
            stop = Stop("interrupt", self.stop.hart)
        return b"" if stop is None else self._stopped(stop)

    def go(self, motion: Motion) -> None:
        """Make the machine run from now on."""
        self._motion = motion

    def end(self, how: End) -> None:
        """Leave the machine as though no client had been there."""
        self.ended = self.ended or how
        self._motion = None
        self.leave()

    def leave(self) -> bool:
        """Take away what the client has left behind; False while somebody else makes the machine run."""
        try:
            self.target.remove_all()
        except RuntimeError:
            return bool(self.target.machine.closed)
        return True

    def stop_reply(self) -> bytes:
        """Say why the machine has stopped. [E.3 "Stop Reply Packets"]"""
        stop = self.stop
        if stop.kind == "exited":
            return b"W%02x" % (stop.exit_code & 0xFF)
        why = {
            "breakpoint": "swbreak:;",
            "watchpoint": f"{stop.watched}:{stop.address:x};",
            "beginning": "replaylog:begin;",
        }.get(stop.kind, "")
        return f"T{_SIGNALS.get(stop.kind, _TRAP):02x}{why}thread:{stop.hart + 1:x};".encode()

    def _stopped(self, stop: Stop) -> bytes:
        self._motion, self.stop = None, stop
        self.selected = {"g": stop.hart, "c": stop.hart}
        if stop.kind == "exited":
            self.end("exited")
        return self._packet(self.stop_reply())

    def _packet(self, payload: bytes) -> bytes:
        self._last = encode(payload)
        return self._last
