"""Types as one writes them: ``"struct proc"``, ``"struct run *"``, ``"uint64[4]"``."""

from __future__ import annotations

import re
from collections.abc import Callable

from .c_types import Array, CType, PointerType

_PARTS = re.compile(r"\s*([^*\[\]]+?)\s*((?:\*\s*)*)((?:\[\s*\d+\s*\]\s*)*)$")
_MOST_ELEMENTS = 1 << 40


def parse(text: str, find: Callable[[str], CType | None]) -> CType:
    """Return the type that `text` means; `find` knows those with a name.

    Raises
    ------
    ValueError
        When it is not written as a type.
    """
    parts = _PARTS.match(text)
    if parts is None:
        raise ValueError(
            f'{text!r} is not written as a type: a name, then stars, then lengths, such as "struct run *[8]"'
        )
    made = find(spelling(parts[1]))
    for _ in range(parts[2].count("*")):
        made = _pointer_to(made)
    lengths = tuple(int(each) for each in re.findall(r"\d+", parts[3]))
    if not lengths:
        if made is None:
            raise ValueError("a value cannot be of type void; did you mean 'void *'?")
        return made
    count = 1
    for length in lengths:
        count *= length
    if made is None or not 0 < count <= _MOST_ELEMENTS:
        raise ValueError(f"{text!r}: there is no array of {count} elements of this type")
    return Array(made, lengths)


def _pointer_to(target: CType | None) -> CType:
    return PointerType(8, lambda: target)


# The words of C's numbers may come in any order, and compilers differ in which they write down.
_WORDS = {"unsigned", "signed", "int", "long", "short", "char"}


def spelling(name: str) -> str:
    """Return the name under which a type is kept: one for each of C's numbers."""
    words = name.split()
    if not set(words) <= _WORDS:
        return " ".join(words)
    sign = "unsigned " if "unsigned" in words else "signed " if "signed" in words and "char" in words else ""
    if "char" in words:
        return f"{sign}char"
    if "short" in words:
        return f"{sign}short"
    if "long" in words:
        return f"{sign}{'long ' * words.count('long')}".strip()
    return f"{sign}int"
