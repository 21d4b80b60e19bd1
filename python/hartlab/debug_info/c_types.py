"""Types of C as a debugger knows them. What is behind a pointer or in a struct is looked up when asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

_MOST_STARS = 8


class CType:
    """A type: its name as C writes it, and its size in bytes.

    Attributes
    ----------
    size : int
        Bytes that a value takes; 0 when it is not known.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self.size = size

    @property
    def name(self) -> str:
        """As C writes it: ``"struct proc"``, ``"uint64"``, ``"char[16]"``."""
        return self._name

    def adopt(self, name: str) -> None:
        """Take the name of a typedef, having none of its own."""
        self._name = name

    @property
    def plain(self) -> CType:
        """The type behind typedefs, const and volatile."""
        return self

    def __repr__(self) -> str:
        return f"<{self.name}: {self.size} bytes>"


class Number(CType):
    """An arithmetic type; `kind` as NumPy writes it: u, i, f, b for bool, c for complex, or S for char."""

    def __init__(self, name: str, size: int, kind: str) -> None:
        super().__init__(name, size)
        self.kind = kind


class Enumeration(CType):
    """Numbers with names."""

    def __init__(self, name: str, size: int, signed: bool, names: dict[int, str]) -> None:
        super().__init__(name, size)
        self.signed = signed
        self.names = names

    def __repr__(self) -> str:
        return f"<{self.name}: {', '.join(f'{name} {value}' for value, name in self.names.items())}>"


class PointerType(CType):
    """An address of something, or of nothing in particular."""

    def __init__(self, size: int, find_target: Callable[[], CType | None]) -> None:
        super().__init__("", size)
        self._find_target = find_target

    @cached_property
    def target(self) -> CType | None:
        """What it points to; None for ``void *``."""
        return self._find_target()

    @property
    def name(self) -> str:
        target, stars = self.target, "*"
        while isinstance(target, PointerType) and len(stars) < _MOST_STARS:
            target, stars = target.target, stars + "*"
        if target is None or isinstance(target, PointerType):
            return f"void {stars}"
        if isinstance(target, Function):
            return f"{target.returns} ({stars})()"
        if isinstance(target, Array):
            return declaration(target, f"({stars})")
        return f"{target.name} {stars}"


class Array(CType):
    """Equal elements one behind the other; `shape` as NumPy writes it. 0: the file does not say how many."""

    def __init__(self, element: CType, shape: tuple[int, ...]) -> None:
        size = element.size
        for length in shape:
            size *= length
        super().__init__("", size)
        self.element = element
        self.shape = shape

    @property
    def name(self) -> str:
        return self.element.name + "".join(f"[{length or ''}]" for length in self.shape)


class Member(NamedTuple):
    """A field of a struct or union. A bit field has `bits` > 0 and begins at bit `bit` from `offset`."""

    name: str
    type: CType
    offset: int
    bit: int = 0
    bits: int = 0


class Aggregate(CType):
    """A struct or union."""

    def __init__(self, name: str, size: int, find_members: Callable[[], tuple[Member, ...]]) -> None:
        super().__init__(name, size)
        self._find_members = find_members

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Its fields. Those of an anonymous struct or union inside are its own, as in C."""
        return self._find_members()

    def member(self, name: str) -> Member:
        """Find a field; KeyError lists those that there are."""
        for each in self.members:
            if each.name == name:
                return each
        have = ", ".join(each.name for each in self.members)
        raise KeyError(f"{self.name} has no field {name!r}; it has {have or 'none'}")

    def __contains__(self, name: object) -> bool:
        return any(each.name == name for each in self.members)

    def __repr__(self) -> str:
        lines = [f"{self.name} {{  // {self.size} bytes"]
        for each in self.members:
            bits = f" : {each.bits}" if each.bits else ""
            lines.append(f"    {declaration(each.type, each.name)}{bits};  // {each.offset:#x}")
        return "\n".join([*lines, "}"])


class Alias(CType):
    """Another name for a type: a typedef, or one with const or volatile in front."""

    def __init__(self, name: str, target: CType) -> None:
        super().__init__(name, target.size)
        self.target = target

    @property
    def plain(self) -> CType:
        return self.target.plain

    def __repr__(self) -> str:
        return f"<{self.name}: {self.plain!r}>"


class Function(CType):
    """A function, to which a pointer may point; `returns` is the name of what it gives."""

    def __init__(self, returns: str) -> None:
        super().__init__(f"{returns} ()", 0)
        self.returns = returns


class Incomplete(CType):
    """Declared and never defined in this file; or of a kind that C does not have."""


def declaration(type_: CType, name: str) -> str:
    """Write a declaration as C does: ``char name[16]``, ``struct proc *parent``."""
    if isinstance(type_, Array):
        return declaration(type_.element, name + "".join(f"[{length or ''}]" for length in type_.shape))
    if isinstance(type_, PointerType) and "(*" in type_.name:
        before, _, behind = type_.name.partition(")")
        return f"{before}{name}){behind}"
    return f"{type_.name}{name}" if type_.name.endswith("*") else f"{type_.name} {name}"
