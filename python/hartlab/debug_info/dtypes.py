"""From types of C to NumPy's: the layout in memory, and that of values, in which bit fields are numbers."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DebugInfoError
from .c_types import Aggregate, Array, CType, Enumeration, Member, Number, PointerType

_MOST_FIELDS = 20_000  # of a type with all that is inside it
MOST_BYTES = 1 << 30  # of one value; NumPy's own limit is not far
_DEEPEST = 32
_WIDTHS = {"u": (1, 2, 4, 8), "i": (1, 2, 4, 8), "f": (2, 4, 8), "c": (8, 16), "b": (1,), "S": (1,)}
_LETTERS = {"b": "?", "S": "u1"}  # one char is a small number; an array of them is text


def layout(type_: CType) -> np.dtype[Any]:
    """Return the dtype of a type as it lies in memory: offsets and size are the compiler's.

    An enum and a pointer are integers, ``char[16]`` is ``S16``, an array is a subarray, a union has fields
    that overlap. Bit fields, for which NumPy has no words, are left out. What NumPy cannot calculate with
    (a long double) is ``V16``.

    Raises
    ------
    DebugInfoError
        When the type cannot be: it contains itself, has fields outside it, or is enormous.
    """
    return _Maker(bit_fields=False).dtype(type_)


def value_dtype(type_: CType) -> np.dtype[Any]:
    """Return the dtype of values: `layout`, but where there are bit fields, with the fields in a row."""
    return _Maker(bit_fields=True).dtype(type_)


def has_bit_fields(type_: CType) -> bool:
    """Whether there is one anywhere in the type."""
    return value_dtype(type_) != layout(type_)


def check_size(type_: CType) -> None:
    """Raise DebugInfoError when a value of the type would be enormous: before memory is read for one."""
    if type_.plain.size > MOST_BYTES:
        raise DebugInfoError(
            f"{type_.name} has {type_.plain.size:,} bytes; at most {MOST_BYTES:,} make a value"
        )


class _Maker:
    def __init__(self, bit_fields: bool) -> None:
        self._bit_fields = bit_fields
        self._left = _MOST_FIELDS
        self._depth = 0
        self._made: dict[CType, np.dtype[Any]] = {}

    def dtype(self, type_: CType) -> np.dtype[Any]:
        plain = type_.plain
        check_size(type_)
        made = self._made.get(plain)
        if made is None:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise DebugInfoError(
                    f"{type_.name} has types inside each other {_DEEPEST} deep: it contains itself"
                )
            made = self._make(plain)
            self._depth -= 1
            self._made[plain] = made
        return made

    def _make(self, plain: CType) -> np.dtype[Any]:
        if isinstance(plain, Aggregate):
            return self._struct(plain)
        if isinstance(plain, Array):
            return self._array(plain)
        if isinstance(plain, PointerType) and plain.size in (4, 8):
            return np.dtype(f"<u{plain.size}")
        if isinstance(plain, Enumeration) and plain.size in (1, 2, 4, 8):
            return np.dtype(f"<{'i' if plain.signed else 'u'}{plain.size}")
        if isinstance(plain, Number) and plain.size in _WIDTHS[plain.kind]:
            return np.dtype(_LETTERS.get(plain.kind, f"<{plain.kind}{plain.size}"))
        return np.dtype(f"V{plain.size}")

    def _array(self, plain: Array) -> np.dtype[Any]:
        element = self.dtype(plain.element)
        *outer, last = plain.shape
        if prod(plain.shape) > MOST_BYTES:
            raise DebugInfoError(f"{plain.name} has more than {MOST_BYTES:,} elements")
        kind = plain.element.plain
        if isinstance(kind, Number) and kind.kind == "S" and last:
            return np.dtype((f"S{last}", tuple(outer))) if outer else np.dtype(f"S{last}")
        return np.dtype((element, plain.shape))

    def _struct(self, plain: Aggregate) -> np.dtype[Any]:
        self._left -= len(plain.members)
        if self._left < 0:
            raise DebugInfoError(f"{plain.name} has more than {_MOST_FIELDS:,} fields, with all inside it")
        fields: dict[str, tuple[np.dtype[Any], int]] = {}
        for each in plain.members:
            end = each.offset + (each.type.size if not each.bits else -(-(each.bit + each.bits) // 8))
            if each.offset < 0 or end > plain.size or each.bits > 64:
                raise DebugInfoError(
                    f"field {each.name!r} of {plain.name}, {each.offset:#x} to {end:#x}, "
                    f"is not inside its {plain.size} bytes"
                )
            if each.name and not each.bits:
                fields.setdefault(each.name, (self.dtype(each.type), each.offset))
        bit_fields = [each for each in plain.members if each.bits and each.name]
        widened = any(kind.itemsize != plain.member(name).type.size for name, (kind, _) in fields.items())
        if self._bit_fields and (bit_fields or widened):
            row = [(name, kind) for name, (kind, _) in fields.items()]
            return np.dtype(row + [(each.name, self.dtype(each.type)) for each in bit_fields])
        return np.dtype(
            {
                "names": list(fields),
                "formats": [kind for kind, _ in fields.values()],
                "offsets": [offset for _, offset in fields.values()],
                "itemsize": plain.size,
            }
        )


def unpack(type_: CType, raw: NDArray[np.uint8]) -> NDArray[Any]:
    """Give bytes, shape (n, size), their values: an array of n, each of the type.

    Returns
    -------
    ndarray
        Shape (n,) and, of an array type, its own shape behind. A copy.
    """
    kind = layout(type_)
    count = len(raw)
    if kind.itemsize == 0:
        return np.zeros((count, *kind.shape), kind.base)
    if has_bit_fields(type_):
        return _widened(type_.plain, raw, value_dtype(type_))
    values = raw.reshape(-1).copy().view(kind.base).reshape(count, *kind.shape)
    _end_texts(values)
    return values


def _widened(plain: CType, raw: NDArray[np.uint8], kind: np.dtype[Any]) -> NDArray[Any]:
    """Values of a type that has bit fields somewhere, field by field."""
    if isinstance(plain, Array):
        inner = plain.element.plain
        elements = unpack(inner, raw.reshape(-1, inner.size))
        return elements.reshape(len(raw), *plain.shape)
    assert isinstance(plain, Aggregate)
    values = np.zeros(len(raw), kind)
    for each in plain.members:
        if not each.name:
            continue
        if each.bits:
            values[each.name] = bit_field(each, raw)
        else:
            values[each.name] = unpack(each.type, raw[:, each.offset : each.offset + each.type.size])
    return values


def bit_field(member: Member, raw: NDArray[np.uint8]) -> NDArray[Any]:
    """Read a bit field out of each row of bytes."""
    numbers = np.zeros(len(raw), np.uint64)
    for number, byte in enumerate(range(member.offset, member.offset + -(-(member.bit + member.bits) // 8))):
        shift = 8 * number - member.bit
        part = raw[:, byte].astype(np.uint64)
        numbers |= part << np.uint64(shift) if shift >= 0 else part >> np.uint64(-shift)
    if member.bits < 64:
        numbers &= np.uint64((1 << member.bits) - 1)
    kind = layout(member.type)
    if kind.kind == "i" and member.bits < 64:
        sign = np.uint64(1 << (member.bits - 1))
        return ((numbers ^ sign).astype(np.int64) - np.int64(sign)).astype(kind)
    return numbers.astype(kind)


def _end_texts(values: NDArray[Any]) -> None:
    """Clear what stands behind the end of each text, which C's own functions would not see either."""
    kind = values.dtype
    if kind.names is not None:
        for name in kind.names:
            _end_texts(values[name])
    elif kind.kind == "S" and kind.itemsize > 1 and values.size:
        letters = values.view(np.dtype((np.uint8, (kind.itemsize,))))
        letters[np.logical_or.accumulate(letters == 0, axis=-1)] = 0
