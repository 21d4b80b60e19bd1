"""A variable and the way into it, as C writes it: ``"proc[3].name"``, ``"cpus[0].proc->pid"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from .c_types import Aggregate, Array, CType, Member, PointerType
from .dtypes import bit_field
from .loading import DebugInfo
from .values import Space, decode, read

_NAME = re.compile(r"[A-Za-z_][\w.]*?::[A-Za-z_]\w*|[A-Za-z_]\w*")
_STEP = re.compile(r"\s*(?:(\.|->)\s*([A-Za-z_]\w*)|\[\s*(-?\w+)\s*\])")


@dataclass(frozen=True)
class Reference:
    """A place in memory with a type; `member` is the bit field of it that is meant."""

    address: int
    type: CType
    member: Member | None = None

    def read(self, space: Space) -> Any:
        """The value there."""
        if self.member is None:
            return read(space, self.address, self.type)
        raw = np.frombuffer(space.read(self.address, self.type.size), np.uint8).reshape(1, -1)
        number = bit_field(self.member, raw)[0]
        return decode(self.member.type, number.tobytes(), space)


def resolve(info: DebugInfo, path: str, space: Space) -> Reference:
    """Follow a path; what its pointers say is read on the way.

    Raises
    ------
    KeyError
        When there is no such variable or field.
    ValueError
        When it is not written as a path.
    IndexError
        When an index is outside its array.
    TypeError
        When something is asked of a type that does not have it.
    LookupError
        When a pointer on the way leads nowhere.
    """
    text = path.strip()
    stars = len(text) - len(text.lstrip("* "))
    begin = _NAME.match(text, stars)
    if begin is None:
        raise ValueError(
            f'{path!r} does not begin with a name; write "proc", "proc[3].name" or "kmem.freelist"'
        )
    variable = info.variable(begin[0])
    here = Reference(variable.address, variable.type)
    position = begin.end()
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None or here.member is not None:
            raise ValueError(f'{path!r}: {text[position:]!r} is no step; ".name", "->name" and "[3]" are')
        here = _field(here, step[2], space) if step[2] else _element(here, _index(path, step[3]), space)
        position = step.end()
    for _ in range(text[:stars].count("*")):
        here = _target(here, space)
    return here


def _index(path: str, text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"{path!r}: the index {text!r} must be a number") from None


def _field(here: Reference, name: str, space: Space) -> Reference:
    if isinstance(here.type.plain, PointerType):
        here = _target(here, space)
    plain = here.type.plain
    if not isinstance(plain, Aggregate):
        raise TypeError(f"{plain.name} has no fields, so there is no {name!r} in it")
    member = plain.member(name)
    if member.bits:
        return Reference(here.address, plain, member)
    return Reference(here.address + member.offset, member.type)


def _element(here: Reference, index: int, space: Space) -> Reference:
    plain = here.type.plain
    if isinstance(plain, PointerType):
        target = _target(here, space)
        return Reference(target.address + index * target.type.size, target.type)
    if not isinstance(plain, Array):
        raise TypeError(f"{plain.name} is no array, so it has no [{index}]")
    length, *inner = plain.shape
    if index < 0 or (length and index >= length):
        raise IndexError(f"[{index}] is outside {plain.name}")
    element = Array(plain.element, tuple(inner)) if inner else plain.element
    return Reference(here.address + index * element.size, element)


def _target(here: Reference, space: Space) -> Reference:
    plain = here.type.plain
    if not isinstance(plain, PointerType):
        raise TypeError(f"{plain.name} is no pointer, so it leads nowhere")
    address = here.read(space)
    if not address:
        raise LookupError(f"a pointer of type {plain.name} on the way is NULL")
    if plain.target is None:
        raise TypeError(f"what a {plain.name} points to has no type")
    return Reference(int(address), plain.target)
