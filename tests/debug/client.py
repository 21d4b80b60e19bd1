"""GDB's side of the protocol, as little of it as tests need."""

from __future__ import annotations

import re
import struct
from typing import Any

from hartlab.gdb.packets import encode
from hartlab.gdb.session import Session

REPLY = re.compile(rb"\+?\$([^#]*)#([0-9a-f]{2})", re.DOTALL)


class Client:
    """A session that is spoken to by payloads."""

    def __init__(self, machine: Any) -> None:
        self.session = Session(machine)

    def ask(self, payload: str | bytes, pieces: int = 1000) -> str:
        """The reply to a packet; of one that makes the machine run, when it has stopped."""
        raw = payload.encode() if isinstance(payload, str) else payload
        sent = self.session.receive(encode(raw))
        while pieces and self.session.running:
            sent += self.session.advance()
            pieces -= 1
        return payload_of(sent)

    def register(self, number: int) -> int:
        return struct.unpack("<Q", bytes.fromhex(self.ask(f"p{number:x}")))[0]

    def monitor(self, line: str) -> str:
        reply = self.ask("qRcmd," + line.encode().hex())
        return bytes.fromhex(reply).decode()


def payload_of(sent: bytes) -> str:
    """The payload of the only packet in `sent`."""
    found = REPLY.fullmatch(sent)
    assert found, sent
    assert sum(found[1]) % 256 == int(found[2], 16)
    return found[1].decode("latin-1")
