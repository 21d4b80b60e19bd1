"""The socket that GDB connects to, on this computer only."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from .. import arguments
from .session import Session

_LOOPBACK = "127.0.0.1"
_IDLE = 0.02  # seconds between looks at a guest that waits for input


class Stub:
    """A listening socket, and the session of the one client there may be. Its owner calls `serve`."""

    def __init__(self, machine: Any, port: int) -> None:
        self._machine = machine
        self._listener = socket.create_server((_LOOPBACK, port))
        self._client: socket.socket | None = None
        self.session: Session | None = None
        self._leaving: list[Session] = []  # whose breakpoints are still in a machine that runs

    @property
    def waits(self) -> bool:
        """Whether it is to be asked again soon, although nothing comes."""
        return bool(self._leaving) or (self.session is not None and self.session.idle)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """What to wait for."""
        return [self._listener, *([self._client] if self._client else [])]

    def serve(self, ready: Sequence[Any]) -> str | None:
        """Answer what has come, and let the machine go on if it is to; how a session ended, if one did."""
        self._leaving = [session for session in self._leaving if not session.leave()]
        if self._listener in ready:
            self._accept()
        if self._client in ready:
            self._receive()
        elif self.session and self.session.running:
            self._send(self.session.advance())
        if self.session and self.session.ended:
            how = self.session.ended
            self._hang_up()
            return how
        return None

    def close(self) -> None:
        """Listen no longer."""
        self._hang_up()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            if self._client:  # one at a time
                client.close()
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client, self.session = client, Session(self._machine)

    def _receive(self) -> None:
        assert self._client is not None
        assert self.session is not None
        try:
            data = self._client.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self.session.end("detached")
            return
        self._send(self.session.receive(data))

    def _send(self, data: bytes) -> None:
        assert self._client is not None
        assert self.session is not None
        try:
            self._client.sendall(data)
        except OSError:
            self.session.end("detached")

    def _hang_up(self) -> None:
        if self.session:
            self.session.end("detached")
            self._leaving.append(self.session)
        if self._client:
            self._client.close()
        self._client = self.session = None


class GdbServer:
    """A machine that waits for GDB, in a thread of its own: what ``machine.gdb()`` gives.

    While GDB has stopped the machine, Python may look at it and change it; while GDB lets it run, any other
    use raises RuntimeError. GDB may come and go.

    Attributes
    ----------
    port : int
        The TCP port, on 127.0.0.1.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(code=hl.asm("loop: j loop"))
    >>> with machine.gdb() as server:
    ...     print(server.command)
    gdb-multiarch -ex 'target remote 127.0.0.1:...'
    """

    def __init__(self, machine: Any, port: int = 0) -> None:
        self._stub = Stub(machine, arguments.integer("port", port, 0, 65535))
        self.port = self._stub.port
        self._wake, self._woken = socket.socketpair()
        self._changed = threading.Condition()
        self._ended: list[str] = []
        self._thread = threading.Thread(target=self._work, name="hartlab-gdb", daemon=True)
        self._thread.start()

    @property
    def command(self) -> str:
        """What to type in a terminal."""
        return f"gdb-multiarch -ex 'target remote {_LOOPBACK}:{self.port}'"

    def wait(self, timeout: float | None = None) -> str | None:
        """Wait until GDB has left.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Returns
        -------
        str or None
            How it left: ``"detached"``, ``"killed"``, or ``"exited"`` when the guest has switched the power
            off; None when it is still there, or has not come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or not self._thread.is_alive(), timeout)
            return self._ended.pop(0) if self._ended else None

    def close(self) -> None:
        """Listen no longer. A client that is there is sent away."""
        self._wake.close()
        self._thread.join()

    def _work(self) -> None:
        stub = self._stub
        with contextlib.closing(stub), self._woken:
            self._serve(stub)

    def _serve(self, stub: Stub) -> None:
        while True:
            session = stub.session
            running = session is not None and session.running
            patience = _IDLE if stub.waits else 0.0 if running else None
            ready, _, _ = select.select([*stub.sockets, self._woken], [], [], patience)
            if self._woken in ready:
                return
            if how := stub.serve(ready):
                with self._changed:
                    self._ended.append(how)
                    self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "" if self._thread.is_alive() else ", closed"
        return f"<GdbServer: {_LOOPBACK}:{self.port}{state}>"
