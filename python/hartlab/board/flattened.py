"""Device trees in their flattened form. [Devicetree Specification 0.4, chapter 5]"""

from __future__ import annotations

import struct
from collections.abc import Mapping

#: A node: its properties, and its children by name.
Node = Mapping[str, "Value | Node"]
#: Cells of 32 bits, text, several texts, bytes, or nothing at all (None).
Value = int | str | bytes | tuple[int, ...] | list[str] | None

_MAGIC, _VERSION, _COMPATIBLE_WITH = 0xD00DFEED, 17, 16
_BEGIN_NODE, _END_NODE, _PROPERTY, _END = 1, 2, 3, 9
_HEADER_SIZE = 40


def cells64(*numbers: int) -> tuple[int, ...]:
    """Numbers of two cells each: addresses and sizes of 64 bits."""
    return tuple(cell for number in numbers for cell in (number >> 32, number & 0xFFFF_FFFF))


def flattened(root: Node) -> bytes:
    """Write a device tree as firmware reads it.

    Parameters
    ----------
    root : mapping
        The root node: a value for each property, a mapping for each child.

    Returns
    -------
    bytes
        Header, an empty list of reserved memory, structure and strings.
    """
    strings = _Strings()
    structure = _node("", root, strings) + struct.pack(">I", _END)
    reserved = bytes(16)
    at_structure = _HEADER_SIZE + len(reserved)
    at_strings = at_structure + len(structure)
    total = at_strings + len(strings.bytes)
    header = struct.pack(
        ">10I", _MAGIC, total, at_structure, at_strings, _HEADER_SIZE, _VERSION, _COMPATIBLE_WITH,
        0, len(strings.bytes), len(structure),
    )  # fmt: skip
    return header + reserved + structure + strings.bytes


class _Strings:
    """The names of properties, each once."""

    def __init__(self) -> None:
        self.bytes = b""
        self._at: dict[str, int] = {}

    def at(self, name: str) -> int:
        if name not in self._at:
            self._at[name] = len(self.bytes)
            self.bytes += name.encode() + b"\0"
        return self._at[name]


def _node(name: str, node: Node, strings: _Strings) -> bytes:
    out = struct.pack(">I", _BEGIN_NODE) + _padded(name.encode() + b"\0")
    children = []
    for key, value in node.items():
        if isinstance(value, Mapping):
            children.append(_node(key, value, strings))
        else:
            data = _value(value)
            out += struct.pack(">3I", _PROPERTY, len(data), strings.at(key)) + _padded(data)
    return out + b"".join(children) + struct.pack(">I", _END_NODE)


def _value(value: Value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode() + b"\0"
    if isinstance(value, list):
        return b"".join(text.encode() + b"\0" for text in value)
    cells = (value,) if isinstance(value, int) else value
    return struct.pack(f">{len(cells)}I", *cells)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
