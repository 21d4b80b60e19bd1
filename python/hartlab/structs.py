"""The kernel's structs as handles: an address and the fields behind it, read and written in RAM.

Names and offsets are those of the C header (``include/kernel/layout.h``), which is made from the engine's
own layout: what Python code calls ``p.sz`` is what C code calls ``p->sz``.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any, NamedTuple

_HEADER = Path(__file__).resolve().parent / "include" / "kernel" / "layout.h"
SIZES = {"char": 1, "uint8": 1, "short": 2, "uint16": 2, "int": 4, "uint32": 4, "uint64": 8}
_SIGNED = {"short": 16, "int": 32}


class Field(NamedTuple):
    """A field: where it is, and how it is read."""

    offset: int
    type: str  # a number's type in C, or the name of a struct
    length: int  # 0 when it is no array


class Layout(NamedTuple):
    """A struct: its size and fields."""

    size: int
    fields: dict[str, Field]


@functools.cache
def layouts() -> dict[str, Layout]:
    """Every struct of the header, by its name in C."""
    text = _HEADER.read_text(encoding="utf-8")
    offsets = {
        (struct, field): int(offset, 16)
        for struct, field, offset in re.findall(r"offsetof\(struct (\w+), (\w+)\) == (0x[0-9a-f]+)", text)
    }
    sizes = {
        name: int(size, 16) for name, size in re.findall(r"sizeof\(struct (\w+)\) == (0x[0-9a-f]+)", text)
    }
    found = {}
    for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, re.MULTILINE | re.DOTALL):
        fields = {}
        for type_, star, field, count in re.findall(
            r"^ +(?:struct )?(\w+) (\*?)(\w+)(?:\[(\d+)\])?;", body, re.MULTILINE
        ):
            pointer = bool(star) or type_ == "pagetable_t"
            fields[field] = Field(offsets[name, field], "uint64" if pointer else type_, int(count or 0))
        found[name] = Layout(sizes[name], fields)
    return found


class Struct:
    """A struct in RAM. Fields read as ints, assign as ints; a struct inside is another handle.

    An element of an array is a method call: ``p.ofile(3)``; ``p.set("ofile", value, 3)`` assigns it. In a
    truth value, and as an argument of a kernel function, it is its address.
    """

    __slots__ = ("_k", "_layout", "address")

    def __init__(self, k: Any, name: str, address: int) -> None:
        object.__setattr__(self, "_k", k)
        object.__setattr__(self, "_layout", (name, layouts()[name]))
        object.__setattr__(self, "address", int(address))

    def _at(self, name: str, index: int | None) -> tuple[str, int]:
        struct, layout = self._layout
        field = layout.fields.get(name)
        if field is None:
            raise AttributeError(f"struct {struct} has no field {name!r}; it has {', '.join(layout.fields)}")
        if (index is not None) != bool(field.length):
            wanted = f"an array of {field.length}" if field.length else "no array"
            raise TypeError(f"struct {struct}: {name} is {wanted}")
        if index is not None and not 0 <= index < field.length:
            raise IndexError(f"struct {struct}: {name}[{index}] is outside an array of {field.length}")
        size = SIZES.get(field.type) or layouts()[field.type].size
        return field.type, self.address + field.offset + size * (index or 0)

    def _get(self, name: str, index: int | None = None) -> Any:
        type_, address = self._at(name, index)
        if type_ not in SIZES:
            return Struct(self._k, type_, address)
        value = getattr(self._k, f"load{8 * SIZES[type_]}")(address)
        bits = _SIGNED.get(type_)
        return value - (1 << bits) if bits and value >> (bits - 1) else value

    def __getattr__(self, name: str) -> Any:
        field = self._layout[1].fields.get(name)
        if field is not None and field.length:
            return lambda index: self._get(name, index)
        return self._get(name)

    def __setattr__(self, name: str, value: int) -> None:
        self.set(name, value)

    def set(self, name: str, value: int, index: int | None = None) -> None:
        """Assign a number to a field, or to an element of an array."""
        type_, address = self._at(name, index)
        if type_ not in SIZES:
            raise TypeError(f"{name} is a struct: assign its fields")
        getattr(self._k, f"store{8 * SIZES[type_]}")(address, value)

    def address_of(self, name: str, index: int | None = None) -> int:
        """Where a field is, as ``&p->name`` in C."""
        _, layout = self._layout
        if index is None and name in layout.fields:
            return int(self.address + layout.fields[name].offset)
        return self._at(name, index)[1]

    def __index__(self) -> int:
        return self.address  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return bool(self.address)

    def __eq__(self, other: object) -> bool:
        return bool(self.address == (other.address if isinstance(other, Struct) else other))

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"<struct {self._layout[0]} at {self.address:#x}>"
