"""A file of registers by number and by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _engine, arguments

X_NAMES: tuple[str, ...] = tuple(_engine.x_names())
F_NAMES: tuple[str, ...] = tuple(_engine.f_names())


class Registers:
    """Thirty-two registers of a hart or of a process, live: reading looks, assigning sets.

    ``registers["a0"]``, ``registers[10]``, ``registers.a0`` are the same register;
    ``numpy.asarray(registers)`` copies all of them to an array of uint64.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(memory="1MiB")
    >>> machine.hart.x["a0"] = 42
    >>> machine.hart.x.a0 += 1
    >>> machine.hart.x.a0, machine.hart.x[10]
    (43, 43)
    """

    __slots__ = ("_names", "_read", "_title", "_write")

    def __init__(
        self,
        names: Sequence[str],
        read: Callable[[], Sequence[int]],
        write: Callable[[int, int], None],
        title: str,
    ) -> None:
        self._names = tuple(names)
        self._read = read
        self._write = write
        self._title = title

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the calling convention, in the order of the numbers."""
        return self._names

    def _index(self, key: int | str) -> int:
        if isinstance(key, str):
            if key in self._names:
                return self._names.index(key)
            if key == "fp" and self._names is X_NAMES:
                return 8
            letter, number = key[:1], key[1:]
            if (
                letter == ("x" if self._names[0] == "zero" else "f")
                and number.isdecimal()
                and int(number) < 32
            ):
                return int(number)
            raise KeyError(f"there is no register {key!r}; there are {', '.join(self._names)}")
        if not -32 <= (index := arguments.integer("register", key)) < 32:
            raise IndexError(f"register {index} does not exist; they are 0 to 31")
        return index % 32

    def __getitem__(self, key: int | str) -> int:
        return self._read()[self._index(key)]

    def __setitem__(self, key: int | str, value: int) -> None:
        index = self._index(key)
        number = arguments.integer(f"register {self._names[index]}", value, -(1 << 63), (1 << 64) - 1)
        self._write(index, number % (1 << 64))

    def __getattr__(self, name: str) -> int:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__slots__:
            object.__setattr__(self, name, value)
            return
        try:
            self[name] = value
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __len__(self) -> int:
        return 32

    def __iter__(self) -> Iterator[int]:
        return iter(self._read())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._read(), dtype=np.uint64 if dtype is None else dtype)

    def as_dict(self) -> dict[str, int]:
        """Copy the registers to a dict by name.

        Returns
        -------
        dict of str to int
            In the order of the numbers.
        """
        return dict(zip(self._names, self._read(), strict=True))

    def __repr__(self) -> str:
        cells = [f"{name:>4} {value:#18x}" for name, value in self.as_dict().items()]
        lines = ["  ".join(cells[i : i + 4]) for i in range(0, 32, 4)]
        return "\n".join([self._title, *lines])

    def _repr_html_(self) -> str:
        cells = [
            f"<td>{escape(name)}</td><td><code>{value:#x}</code></td>"
            for name, value in self.as_dict().items()
        ]
        rows = "".join("<tr>" + "".join(cells[i : i + 4]) + "</tr>" for i in range(0, 32, 4))
        return f"<b>{escape(self._title)}</b><table>{rows}</table>"
