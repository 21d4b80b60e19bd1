"""From DWARF's entries for types to `c_types`. [DWARF 5, chapter 5]

Each entry is read once. A file may say anything: an array of itself, a struct inside itself, a bound of
2**63; what cannot be is refused with its offset in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import DebugInfoError
from .c_types import (
    Aggregate,
    Alias,
    Array,
    CType,
    Enumeration,
    Function,
    Incomplete,
    Member,
    Number,
    PointerType,
)
from .entries import children, flag, number, referred, text

_POINTER_SIZE = 8
_MOST_MEMBERS = 4096
_DEEPEST = 64
_AGGREGATES = {
    "DW_TAG_structure_type": "struct",
    "DW_TAG_union_type": "union",
    "DW_TAG_class_type": "struct",
}
_QUALIFIERS = {
    "DW_TAG_const_type": "const ",
    "DW_TAG_volatile_type": "volatile ",
    "DW_TAG_restrict_type": "",
    "DW_TAG_atomic_type": "_Atomic ",
}
_POINTERS = ("DW_TAG_pointer_type", "DW_TAG_reference_type", "DW_TAG_rvalue_reference_type")
_PLUS_UCONST, _CONSTU = 0x23, 0x10  # DW_OP_*
# DW_ATE_*: [DWARF 5, table 7.11]
_KINDS = {1: "u", 2: "b", 3: "c", 4: "f", 5: "i", 6: "i", 7: "u", 8: "u", 0x10: "u"}


class Types:
    """The types of one file, by the entries that describe them."""

    def __init__(self, complete: Any) -> None:
        self._complete = complete  # finds the full entry of a struct that is only declared in one
        self._known: dict[tuple[str, int], CType] = {}
        self._open: set[tuple[str, int]] = set()

    def of(self, die: Any) -> CType | None:
        """The type that an entry's DW_AT_type names; None for void."""
        target = referred(die, "DW_AT_type")
        return None if target is None else self.described_by(target)

    def described_by(self, die: Any) -> CType:
        """The type that an entry describes."""
        key = (type(die.cu).__name__, int(die.offset))
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._open or len(self._open) > _DEEPEST:
            raise DebugInfoError(f"the type at {die.offset:#x} of .debug_info contains itself")
        self._open.add(key)
        try:
            made = self._make(die)
        finally:
            self._open.discard(key)
        self._known[key] = made
        return made

    def _make(self, die: Any) -> CType:
        tag, name = die.tag, text(die)
        size = number(die, "DW_AT_byte_size", 0)
        if tag == "DW_TAG_base_type":
            return _number(die, name, size)
        if tag in _POINTERS:
            return PointerType(size or _POINTER_SIZE, lambda: self.of(die))
        if tag == "DW_TAG_typedef":
            return self._alias(die, name)
        if tag in _QUALIFIERS:
            target_type = self.of(die)
            return self._alias(die, _QUALIFIERS[tag] + (target_type.name if target_type else "void"))
        if tag in _AGGREGATES:
            return self._aggregate(die, f"{_AGGREGATES[tag]} {name}".strip(), size)
        if tag == "DW_TAG_enumeration_type":
            return self._enumeration(die, f"enum {name}".strip(), size)
        if tag == "DW_TAG_array_type":
            return self._array(die)
        if tag == "DW_TAG_subroutine_type":
            returns = self.of(die)
            return Function(returns.name if returns else "void")
        return Incomplete(name or str(tag), size)

    def _alias(self, die: Any, name: str) -> CType:
        target = self.of(die)
        if target is None:
            return Incomplete(name, 0)
        if (
            isinstance(target, Aggregate | Enumeration)
            and " " not in target.name
            and die.tag == "DW_TAG_typedef"
        ):
            target.adopt(name)
        return Alias(name, target)

    def _aggregate(self, die: Any, name: str, size: int) -> CType:
        if flag(die, "DW_AT_declaration"):
            full = self._complete(die.tag, text(die))
            return Incomplete(name, 0) if full is None else self.described_by(full)
        return Aggregate(name, size, lambda: tuple(self._members(die, 0, name, 0)))

    def _members(self, die: Any, base: int, name: str, depth: int) -> Iterator[Member]:
        if depth > _DEEPEST:
            raise DebugInfoError(f"{name} has anonymous parts inside each other without end")
        count = 0
        for each in children(die):
            if each.tag != "DW_TAG_member" or flag(each, "DW_AT_external"):
                continue
            count += 1
            if count > _MOST_MEMBERS:
                raise DebugInfoError(f"{name} has more than {_MOST_MEMBERS:,} fields")
            type_, called = self.of(each), text(each)
            if type_ is None:
                raise DebugInfoError(f"field {called!r} of {name} has no type")
            offset = base + _offset(each)
            inner = referred(each, "DW_AT_type")
            if not called and inner is not None and inner.tag in _AGGREGATES:
                yield from self._members(inner, offset, name, depth + 1)
            else:
                yield _member(each, called, type_, offset, base)

    def _enumeration(self, die: Any, name: str, size: int) -> CType:
        names: dict[int, str] = {}
        for each in children(die):
            if each.tag == "DW_TAG_enumerator" and len(names) < _MOST_MEMBERS:
                names.setdefault(number(each, "DW_AT_const_value", 0), text(each))
        base = self.of(die)
        signed = any(value < 0 for value in names) or (
            isinstance(base, CType) and isinstance(base.plain, Number) and base.plain.kind == "i"
        )
        return Enumeration(name, size or (base.size if base else 4), signed, names)

    def _array(self, die: Any) -> CType:
        element = self.of(die)
        if element is None:
            raise DebugInfoError(f"the array at {die.offset:#x} of .debug_info has no type of elements")
        shape = tuple(
            _length(each)
            for each in children(die)
            if each.tag in ("DW_TAG_subrange_type", "DW_TAG_enumeration_type")
        ) or (0,)
        if len(shape) > _DEEPEST // 4:
            raise DebugInfoError(f"the array at {die.offset:#x} of .debug_info has {len(shape)} dimensions")
        return Array(element, shape)


def _number(die: Any, name: str, size: int) -> CType:
    encoding = number(die, "DW_AT_encoding", 0)
    kind = _KINDS.get(encoding)
    if name == "char" and size == 1:
        kind = "S"  # text; whether it is signed is of no interest
    if kind is None or size not in {"f": (2, 4, 8, 16), "c": (8, 16, 32)}.get(kind, (1, 2, 4, 8, 16)):
        return Incomplete(name, size)
    return Number(name, size, kind)


def _offset(die: Any) -> int:
    """Where a field begins: a number, or up to DWARF 3 an expression that adds one. [DWARF 2, 5.5.4]"""
    found = die.attributes.get("DW_AT_data_member_location")
    if found is None or not isinstance(found.value, list):
        return number(die, "DW_AT_data_member_location", 0)
    operation, *operand = found.value or [0]
    if operation not in (_PLUS_UCONST, _CONSTU):
        raise DebugInfoError(f"the field at {die.offset:#x} of .debug_info has no constant offset")
    offset = 0
    for place, byte in enumerate(operand[:10]):  # LEB128
        offset |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return offset


def _member(die: Any, name: str, type_: CType, offset: int, base: int) -> Member:
    """Make a field of an entry; a bit field has one of two descriptions. [DWARF 5, 5.7.6; DWARF 3, 5.5.6]"""
    bits = number(die, "DW_AT_bit_size", 0)
    if not bits:
        return Member(name, type_, offset)
    start = number(die, "DW_AT_data_bit_offset", -1)
    if start >= 0:
        return Member(name, type_, base + start // 8, start % 8, bits)
    storage = number(die, "DW_AT_byte_size", 0) or type_.size
    start = storage * 8 - number(die, "DW_AT_bit_offset", 0) - bits  # counted from the big end
    return Member(name, type_, offset + start // 8, start % 8, bits)


def _length(die: Any) -> int:
    """Elements in one dimension; 0 when the file does not say."""
    count = number(die, "DW_AT_count", -1)
    if count < 0:
        count = number(die, "DW_AT_upper_bound", -1) - number(die, "DW_AT_lower_bound", 0) + 1
    return count if 0 <= count < 1 << 48 else 0
