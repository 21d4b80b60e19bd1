"""Packets of GDB's remote serial protocol: ``$payload#checksum`` in a stream of bytes.

[Debugging with GDB, appendix E.1, "Overview"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

PACKET_SIZE = 0x4000  # bytes of a packet's payload, as it is sent
_ESCAPE, _ESCAPED = 0x7D, 0x20


class Signal(Enum):
    """What comes between packets."""

    acknowledged = "+"
    resend = "-"
    interrupt = "\x03"  # Ctrl-C
    damaged = ""  # a packet that is no good


class Decoder:
    """Finds packets in a stream. What is in no packet, and no signal, is passed over."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes | Signal]:
        """Yield the payloads and signals that are complete with `data`."""
        self._waiting += data
        while self._waiting:
            first = self._waiting[0]
            if first != ord("$"):
                del self._waiting[0]
                if chr(first) in "+-\x03":
                    yield Signal(chr(first))
                continue
            end = self._waiting.find(b"#")
            again = self._waiting.find(b"$", 1, end if end >= 0 else None)
            if again >= 0:  # a `$` in a payload is escaped: the end of the packet before it is lost
                del self._waiting[:again]
                yield Signal.damaged
                continue
            if end < 0 or len(self._waiting) < end + 3:
                if len(self._waiting) <= PACKET_SIZE + 4:
                    return
                end = len(self._waiting) - 3  # longer than was agreed on
            body, digits = bytes(self._waiting[1:end]), bytes(self._waiting[end + 1 : end + 3])
            del self._waiting[: end + 3]
            yield unescaped(body) if _is_checksum(digits, body) else Signal.damaged


def _is_checksum(digits: bytes, body: bytes) -> bool:
    return digits.lower() == b"%02x" % (sum(body) % 256)


def encode(payload: bytes) -> bytes:
    """Return `payload` as a packet."""
    body = escaped(payload)
    return b"$%s#%02x" % (body, sum(body) % 256)


def escaped(payload: bytes) -> bytes:
    """Return `payload` without the bytes that mean something in a packet."""
    return re.sub(rb"[#$}*]", lambda match: bytes((_ESCAPE, match[0][0] ^ _ESCAPED)), payload)


def unescaped(body: bytes) -> bytes:
    """Return the payload that `body` stands for. An escape of nothing, at its end, is dropped."""
    return re.sub(rb"}(.?)", lambda match: bytes(byte ^ _ESCAPED for byte in match[1]), body, flags=re.DOTALL)
