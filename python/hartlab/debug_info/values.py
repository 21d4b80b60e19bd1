"""Bytes of a guest as values: integers, names of an enum, addresses, text, structs, arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..showing import listing
from .c_types import Aggregate, Array, CType, Enumeration, Function, Number, PointerType
from .dtypes import check_size, unpack

_SHORT = 8  # elements of an array that are shown inside a struct
_SMALL = 4096  # below it an unsigned number is more likely a count than an address


class Space(Protocol):
    """The memory that values are read from, and in which pointers are followed."""

    def read(self, address: int, size: int) -> bytes:
        """Return bytes; LookupError where there is no memory."""

    def name_at(self, address: int) -> str | None:
        """Say what is at an address: ``"proc+0x168"``."""


class Pointer(int):
    """An address in the guest, with the type of what is there. An int in every other way.

    Attributes
    ----------
    type : PointerType
        Its type.

    Examples
    --------
    >>> import hartlab as hl
    >>> from hartlab.debug_info import Number, PointerType
    >>> machine = hl.Machine(memory="64KiB")
    >>> machine.memory.write(0x80000100, b"\\x07")
    >>> kind = PointerType(8, lambda: Number("int", 4, "i"))
    >>> pointer = hl.Pointer(0x80000100, kind, machine.symbols.memory)
    >>> pointer, pointer + 4 == 0x80000104, pointer.read()
    ((int *) 0x80000100, True, 7)
    """

    type: PointerType
    _space: Space

    def __new__(cls, address: int, type_: PointerType, space: Space) -> Pointer:
        self = super().__new__(cls, address)
        self.type = type_
        self._space = space
        return self

    def read(self, count: int | None = None) -> Any:
        """Read what it points to.

        Parameters
        ----------
        count : int, optional
            As many, as an array.

        Returns
        -------
        value
            As ``machine.symbols`` gives it; of a ``char *`` the text up to its end, at most 4096 bytes.

        Raises
        ------
        LookupError
            When it is NULL, or there is no memory at this address.
        TypeError
            When the type of what is there is not known (``void *``, a function).
        """
        if not self:
            raise LookupError(f"{self!r} points to nothing")
        target = self.type.target
        plain = None if target is None else target.plain
        if target is None or plain is None or isinstance(plain, Function) or target.size == 0:
            raise TypeError(
                f"what is at {self!r} has no type that can be read; say which: symbols.read(address, type)"
            )
        if count is None and isinstance(plain, Number) and plain.kind == "S":
            return read_text(self._space, self)
        return read(self._space, int(self), target if count is None else Array(target, (count,)))

    def __repr__(self) -> str:
        return f"({self.type.name}) {address_words(self._space, self)}"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (int(self),)


class EnumValue(int):
    """A value of an enum: an int that knows its name, and equals it.

    Attributes
    ----------
    type : Enumeration
        The enum.

    Examples
    --------
    >>> import hartlab as hl
    >>> from hartlab.debug_info import Enumeration
    >>> state = hl.EnumValue(2, Enumeration("enum procstate", 4, False, {2: "SLEEPING"}))
    >>> state, state == "SLEEPING", state == 2
    (SLEEPING (2), True, True)
    """

    type: Enumeration

    def __new__(cls, value: int, type_: Enumeration) -> EnumValue:
        self = super().__new__(cls, value)
        self.type = type_
        return self

    @property
    def name(self) -> str | None:
        """The name that the enum gives it, or None."""
        return self.type.names.get(int(self))

    def __eq__(self, other: object) -> bool:
        return self.name == other if isinstance(other, str) else int(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __repr__(self) -> str:
        return f"{self.name} ({int(self)})" if self.name else f"({self.type.name}) {int(self)}"

    def __str__(self) -> str:
        return self.name or str(int(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (int(self),)


class Record:
    """A struct or union as it was when it was read: a copy.

    ``record["pid"]`` is a field, and `array` all of them as NumPy has them.

    Attributes
    ----------
    type : Aggregate
        Its type.
    address : int or None
        Where it was read; None when it has no address.

    Examples
    --------
    >>> import hartlab as hl
    >>> from hartlab.debug_info import Aggregate, Member, Number, read
    >>> run = Aggregate("struct run", 4, lambda: (Member("order", Number("int", 4, "i"), 0),))
    >>> machine = hl.Machine(memory="64KiB")
    >>> machine.memory.write(0x80000000, b"\\x05")
    >>> read(machine.symbols.memory, 0x80000000, run)
    struct run at 0x80000000
      order  5
    """

    def __init__(self, type_: Aggregate, values: Any, space: Space, address: int | None) -> None:
        self.type = type_
        self.address = address
        self._values = values
        self._space = space

    @property
    def array(self) -> NDArray[Any]:
        """Its fields as a structured array of shape (), a copy."""
        return np.array(self._values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.array if dtype is None else self.array.astype(dtype)

    def keys(self) -> list[str]:
        """List the names of the fields.

        Returns
        -------
        list of str
            In the order of the source.
        """
        return [each.name for each in self.type.members if each.name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.type

    def __getitem__(self, name: str) -> Any:
        member = self.type.member(name)
        address = None if self.address is None else self.address + member.offset
        return wrap(member.type, self._values[name], self._space, address)

    def __repr__(self) -> str:
        where = f" at {address_words(self._space, self.address)}" if self.address is not None else ""
        wide = max((len(name) for name in self), default=0)
        lines = [f"  {name:<{wide}}  {short(self[name], self.type.member(name).type)}" for name in self]
        return "\n".join([f"{self.type.name}{where}", *lines])

    def _repr_html_(self) -> str:
        return listing(repr(self))


class Names(np.ndarray[Any, Any]):
    """A column of an enum: integers that compare with names, and show themselves as names."""

    type: Enumeration | None = None

    def __array_finalize__(self, source: Any) -> None:
        self.type = getattr(source, "type", None)

    @property
    def names(self) -> NDArray[Any]:
        """The names as text, shape as this array; a number where there is no name."""
        known = {} if self.type is None else self.type.names
        flat = [known.get(value, str(value)) for value in self.view(np.ndarray).ravel().tolist()]
        return np.array(flat, dtype=np.str_).reshape(self.shape)

    def astype(self, *arguments: Any, **options: Any) -> Any:
        """Convert to another dtype: numbers, and no names any more."""
        return self.view(np.ndarray).astype(*arguments, **options)

    def __eq__(self, other: Any) -> Any:
        return self.names == other if _is_text(other) else super().__eq__(other)

    def __ne__(self, other: Any) -> Any:
        return self.names != other if _is_text(other) else super().__ne__(other)

    __hash__ = None

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def __getitem__(self, key: Any) -> Any:
        item = super().__getitem__(key)
        if isinstance(item, Names) or self.type is None:
            return item
        return EnumValue(int(item), self.type)

    def __repr__(self) -> str:
        return repr(self.names).replace("array(", "names(", 1)

    __str__ = __repr__


def _is_text(other: Any) -> bool:
    if isinstance(other, str):
        return True
    return isinstance(other, (list, tuple, np.ndarray)) and np.asarray(other).dtype.kind == "U"


class StructArray(np.ndarray[Any, Any]):
    """An array of structs as they were when they were read: an ordinary structured array, and a copy.

    ``array["pid"]`` is a column, ``array[3]`` a `Record`. Columns of enums compare with names:
    ``procs[procs["state"] != "UNUSED"]``.

    Attributes
    ----------
    type : Aggregate or None
        The type of an element.
    addresses : ndarray of uint64 or None
        Where each element was, shape as the array; None for what has been calculated from one.

    Examples
    --------
    >>> import hartlab as hl
    >>> from hartlab.debug_info import Aggregate, Array, Member, Number, read
    >>> page = Aggregate("struct page", 4, lambda: (Member("count", Number("int", 4, "i"), 0),))
    >>> pages = read(hl.Machine(memory="64KiB").symbols.memory, 0x80000000, Array(page, (3,)))
    >>> pages["count"].sum(), hex(pages[2].address)
    (np.int64(0), '0x80000008')
    """

    type: Aggregate | None = None
    addresses: NDArray[np.uint64] | None = None
    _space: Any = None

    def __array_finalize__(self, source: Any) -> None:
        self.type = getattr(source, "type", None)
        self._space = getattr(source, "_space", None)

    def __getitem__(self, key: Any) -> Any:
        item = super().__getitem__(key)
        if self.type is None:
            return item
        if isinstance(key, str):
            return column(item.view(np.ndarray), self.type.member(key).type)
        if isinstance(item, StructArray) and item.dtype != self.dtype:
            return item.view(np.ndarray)  # some of the columns
        places = None if self.addresses is None else self.addresses[key]
        if isinstance(item, StructArray):
            item.addresses = places
            return item
        return Record(self.type, item, self._space, None if places is None else int(places))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        from .struct_table import struct_table  # which shows values

        return struct_table(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return listing(repr(self))


def column(values: NDArray[Any], type_: CType) -> NDArray[Any]:
    """Give an array of integers the names of their enum, if they have one."""
    plain = type_.plain
    while isinstance(plain, Array):
        plain = plain.element.plain
    if not isinstance(plain, Enumeration):
        return values
    named = values.view(Names)
    named.type = plain
    return named


def read(space: Space, address: int, type_: CType) -> Any:
    """Read a value of a type."""
    check_size(type_)
    return decode(type_, space.read(address, type_.size), space, address)


def decode(type_: CType, raw: bytes, space: Space, address: int | None = None) -> Any:
    """Give bytes the meaning that a type has.

    Parameters
    ----------
    type_ : CType
        The type.
    raw : bytes
        As many as it takes.
    space : Space
        In which its pointers are followed.
    address : int, optional
        Where they were read.

    Returns
    -------
    int, bool, float, bytes, Pointer, EnumValue, Record, StructArray or ndarray
        A number, text up to its end (of an array of char), an address, a value of an enum, a struct, an array
        of structs, an array; bytes also where Python has no such number. A copy.
    """
    if len(raw) != type_.size:
        raise ValueError(f"{len(raw)} bytes are not the {type_.size} of {type_.name}")
    return wrap(type_, unpack(type_, np.frombuffer(raw, np.uint8).reshape(1, -1))[0], space, address)


def wrap(type_: CType, value: Any, space: Space, address: int | None) -> Any:
    """Give a value as NumPy has it the face of its type."""
    plain = type_.plain
    if isinstance(plain, Aggregate):
        return Record(plain, value, space, address)
    if isinstance(plain, PointerType):
        return Pointer(int(value), plain, space)
    if isinstance(plain, Enumeration):
        return EnumValue(int(value), plain)
    if not isinstance(plain, Array):
        return value.item()
    if isinstance(value, bytes):
        return bytes(value)
    element = plain.element.plain
    while isinstance(element, Array):  # behind a typedef
        element = element.element.plain
    if not isinstance(element, Aggregate):
        return column(np.asarray(value), element)
    structs = np.asarray(value).view(StructArray)
    structs.type, structs._space = element, space
    if address is not None:
        places = np.arange(structs.size, dtype=np.uint64) * np.uint64(element.size) + np.uint64(address)
        structs.addresses = places.reshape(structs.shape)
    return structs


def read_text(space: Space, address: int, most: int = 4096) -> bytes:
    """Read text up to its end."""
    text = b""
    while len(text) < most:
        piece = min(64 - address % 64, most - len(text))
        part, end, _ = space.read(address, piece).partition(b"\0")
        text += part
        if end:
            break
        address += piece
    return text


def address_words(space: Space, address: int) -> str:
    """An address in hexadecimal, with the name of what is there."""
    if not address:
        return "NULL"
    name = space.name_at(address)
    return f"{int(address):#x} <{name}>" if name else f"{int(address):#x}"


def short(value: Any, type_: CType) -> str:
    """A value in a line."""
    if isinstance(value, Record):
        inside = [f"{name} {short(value[name], value.type.member(name).type)}" for name in value]
        return "{" + ", ".join(inside[:_SHORT]) + (", ...}" if len(inside) > _SHORT else "}")
    if isinstance(value, StructArray):
        return f"{value.size} of {type_.name}"
    if isinstance(value, np.ndarray):
        cells = [_cell(each, type_) for each in value.ravel()[:_SHORT].tolist()]
        return f"[{', '.join(cells)}{', ...' if value.size > _SHORT else ''}]"
    if isinstance(value, bytes):
        return repr(value)[1:]
    return _cell(value, type_)


def _cell(value: Any, type_: CType) -> str:
    plain = type_.plain
    while isinstance(plain, Array):
        plain = plain.element.plain
    if isinstance(value, Pointer):
        return address_words(value._space, value)
    if isinstance(value, (EnumValue, bool)) or not isinstance(value, int):
        return str(value)
    if isinstance(plain, Enumeration):
        return plain.names.get(value, str(value))
    return hex(value) if isinstance(plain, PointerType) or value >= _SMALL else str(value)
