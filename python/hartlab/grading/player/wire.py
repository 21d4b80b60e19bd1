"""What player and referee say to each other: messages of plain values, each behind its length.

A message is a list whose first item is a word; the others are ints, text, bytes, bools, None, and lists or
mappings of these. It travels as JSON, bytes as base64. Nothing that is read here can make anything happen.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

LONGEST = 1 << 20  # bytes of a message
_BYTES = "base64"
_DEEPEST = 4


class MalformedError(ValueError):
    """What came is no message."""


def encoded(message: list[Any]) -> bytes:
    """A message with its length before it; MalformedError if it is too long, or not of plain values."""
    try:
        body = json.dumps(message, default=_plain, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedError(f"no plain value: {error}") from None
    if len(body) > LONGEST:
        raise MalformedError(f"a message of {len(body):,} bytes is longer than {LONGEST:,}")
    return len(body).to_bytes(4, "little") + body


def received(read: Callable[[int], bytes]) -> tuple[list[Any], int]:
    """Receive a message by `read`, which gives exactly as many bytes as it is asked for; and its length."""
    length = int.from_bytes(read(4), "little")
    if not 0 < length <= LONGEST:
        raise MalformedError(f"a message of {length:,} bytes; there are at most {LONGEST:,}")
    try:
        message = json.loads(read(length))
    except (ValueError, RecursionError):
        raise MalformedError("no JSON") from None
    if not isinstance(message, list) or not message or not isinstance(message[0], str):
        raise MalformedError("no list that begins with a word")
    return [_checked(item, 0) for item in message], length


def _plain(value: object) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {_BYTES: base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__}")


def _checked(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, int | str):
        return value
    if depth < _DEEPEST:
        if isinstance(value, list):
            return [_checked(item, depth + 1) for item in value]
        if isinstance(value, dict):
            if value.keys() == {_BYTES}:
                return _bytes(value[_BYTES])
            return {name: _checked(item, depth + 1) for name, item in value.items()}
    raise MalformedError(f"a {type(value).__name__} is no plain value")


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True)  # type: ignore[arg-type]
    except (binascii.Error, TypeError, ValueError):
        raise MalformedError("no base64") from None
