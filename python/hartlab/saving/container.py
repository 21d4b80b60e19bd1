"""The file that a state is saved in: what it is, how long, a checksum, and everything else compressed.

=======  =========================================================================
offset   little-endian
=======  =========================================================================
0        ``\\x89hartlab``
8        version of the format, 4 bytes
12       1 for a machine, 2 for a kernel; 4 bytes
16       bytes of the rest before it was compressed, 8 bytes
24       bytes of the rest as it is here, 8 bytes
32       SHA-256 of the 32 bytes before and of the rest
64       the rest, by zlib: the length of a JSON text (8 bytes), the text, and the
         engine's state
=======  =========================================================================

The JSON text has what Python knows beside the engine's state: how the machine was configured, its images. A
file is believed no further than a caller of the same functions would be.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import SavedFileError

FORMAT = 2  # of the files that are written, and the only one that is read
KINDS = {1: "machine", 2: "kernel"}
_MAGIC = b"\x89hartlab"
_HEADER = struct.Struct("<8sIIQQ")
_START = _HEADER.size + hashlib.sha256().digest_size
_LEVEL = 3  # of zlib: most pages are described rather than stored
_BESIDE_MEMORY = 256 << 20  # that a file may have beside memory: console, files, images


@dataclass(frozen=True)
class Contents:
    """What a file holds: ``"machine"`` or ``"kernel"``, what Python saved, and the engine's bytes."""

    kind: str
    facts: Mapping[str, Any]
    state: bytes


def pack(contents: Contents) -> bytes:
    """Give the bytes of a file."""
    text = json.dumps(contents.facts, default=_wrapped).encode()
    whole = struct.pack("<Q", len(text)) + text + contents.state
    rest = zlib.compress(whole, _LEVEL)
    number = {name: number for number, name in KINDS.items()}[contents.kind]
    header = _HEADER.pack(_MAGIC, FORMAT, number, len(whole), len(rest))
    return header + hashlib.sha256(header + rest).digest() + rest


def unpack(data: bytes, max_memory: int) -> Contents:
    """Give what a file with these bytes holds. Raises SavedFileError, without the file's name."""
    if data[: len(_MAGIC)] != _MAGIC:
        raise SavedFileError("it is no file that save() has written")
    if len(data) < _START:
        raise SavedFileError(f"it ends after {len(data)} bytes, within its header")
    _, version, number, whole_size, rest_size = _HEADER.unpack_from(data)
    if version != FORMAT:
        raise SavedFileError(
            f"it has version {version} of the format, and this hartlab reads version {FORMAT}: save it again "
            f"with this one"
        )
    rest = data[_START:]
    if len(rest) != rest_size:
        cut = "it was cut short" if len(rest) < rest_size else "something was appended"
        raise SavedFileError(f"it has {len(data):,} bytes and should have {_START + rest_size:,}: {cut}")
    if hashlib.sha256(data[: _HEADER.size] + rest).digest() != data[_HEADER.size : _START]:
        raise SavedFileError("its checksum is wrong: bytes of it have changed since it was saved")
    if number not in KINDS:
        raise SavedFileError(f"it holds neither a machine (1) nor a kernel (2), but {number}")
    if whole_size > max_memory + _BESIDE_MEMORY:
        raise SavedFileError(
            f"it would take {whole_size:,} bytes of memory: say max_memory= if it is to be believed"
        )
    whole = _inflated(rest, whole_size)
    if len(whole) < 8 or (length := struct.unpack_from("<Q", whole)[0]) > len(whole) - 8:
        raise SavedFileError("its description is cut short")
    try:
        facts = json.loads(whole[8 : 8 + length], object_hook=_unwrapped)
    except (ValueError, RecursionError) as error:
        raise SavedFileError(f"its description cannot be read: {error}") from None
    if not isinstance(facts, dict):
        raise SavedFileError("its description is no object")
    return Contents(KINDS[number], facts, whole[8 + length :])


def _inflated(rest: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        whole = inflater.decompress(rest, size + 1)
    except zlib.error as error:
        raise SavedFileError(f"it cannot be decompressed: {error}") from None
    if len(whole) != size or not inflater.eof or inflater.unused_data:
        raise SavedFileError("its contents are not as long as it says")
    return whole


def _wrapped(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"{value!r} cannot be saved")


def _unwrapped(found: dict[str, Any]) -> Any:
    if found.keys() != {"base64"}:
        return found
    try:
        return base64.b64decode(found["base64"], validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError(f"bytes that are no base64: {error}") from None
