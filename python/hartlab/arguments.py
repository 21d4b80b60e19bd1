"""Checks of what callers pass in: errors that name the argument, its value and what would be right."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection
from typing import SupportsIndex

_UNITS = {"": 0, "B": 0, "KIB": 10, "K": 10, "MIB": 20, "M": 20, "GIB": 30, "G": 30}


def integer(name: str, value: SupportsIndex, low: int | None = None, high: int | None = None) -> int:
    """Return `value` as an int within `low` and `high`, both included."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}; it must be an int") from None
    if (low is not None and number < low) or (high is not None and number > high):
        if low is not None and high is not None:
            wanted = f"from {_shown(low)} to {_shown(high)}"
        else:
            wanted = f"at least {_shown(low)}" if low is not None else f"at most {_shown(high or 0)}"
        raise ValueError(f"{name}={_shown(number)} is out of range; it must be {wanted}")
    return number


def address(name: str, value: SupportsIndex) -> int:
    """Return `value` as an address: an unsigned number of 64 bits."""
    return integer(name, value, 0, (1 << 64) - 1)


def byte_size(name: str, value: SupportsIndex | str, low: int, high: int, multiple: int = 1) -> int:
    """Return a size in bytes from an int or from text such as ``"32MiB"``."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+)\s*([A-Za-z]*)\s*", value)
        if not match or match[2].upper() not in _UNITS:
            raise ValueError(
                f'{name}={value!r} is no size; write "32MiB", "512KiB", "2GiB" or a number of bytes'
            )
        number = int(match[1]) << _UNITS[match[2].upper()]
    else:
        number = integer(name, value)
    if not low <= number <= high:
        raise ValueError(f"{name}={value!r} is out of range; it must be from {_size(low)} to {_size(high)}")
    if number % multiple:
        raise ValueError(f"{name}={value!r} is not a multiple of {multiple} bytes")
    return number


def text(name: str, value: object, example: str = "") -> str:
    """Return `value` when it is a str without a zero character."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} must be a str{f', such as {example}' if example else ''}")
    if "\0" in value:
        raise ValueError(f"{name}={value!r} has a zero character in it, which ends a string of C")
    return value


def instance(name: str, value: object, kind: type, wanted: str) -> None:
    """Raise TypeError unless `value` is of that kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}={value!r} must be {wanted}")


def choice(name: str, value: str, choices: Collection[str]) -> str:
    """Return `value` when it is one of `choices`."""
    if text(name, value, ", ".join(map(repr, choices))) not in choices:
        raise ValueError(f"{name}={value!r} is none of {', '.join(map(repr, choices))}")
    return value


def bytes_like(name: str, value: object) -> bytes:
    """Return the bytes of anything with a buffer; a NumPy array counts, a str does not."""
    if isinstance(value, str):
        raise TypeError(f"{name} must be bytes, not a str: write b{value!r} or {value!r}.encode()")
    if isinstance(value, int):
        raise TypeError(f"{name}={value!r} must be bytes, not an int: write ({value}).to_bytes(8, 'little')")
    try:
        return memoryview(value).tobytes()  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be bytes or an array, not a {type(value).__name__}") from None


def _shown(number: int) -> str:
    return hex(number) if abs(number) >= 1 << 16 else str(number)


def _size(count: int) -> str:
    from . import words

    return words.size(count)
