"""Physical memory: the bytes of RAM, read and written by physical address."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _engine, arguments, words


class Memory:
    """The RAM of a kernel or a machine.

    ``memory[pa]`` is the byte at a physical address, ``memory[first:last]`` a view of a range, and
    ``numpy.asarray(memory)`` a view of all of it (its index 0 is the byte at `base`). Views are uint8,
    read-only and not copied: they show what the machine writes and, after a restore, what was restored; they
    keep the RAM alive when the kernel is gone. What Python writes goes through `write`.

    Examples
    --------
    >>> import hartlab as hl
    >>> memory = hl.Kernel().memory
    >>> hex(memory.base), hex(memory.end)
    ('0x80000000', '0x82000000')
    >>> memory.write(memory.end - 4, b"\\x01\\x02")
    >>> memory[memory.end - 4 : memory.end]
    array([1, 2, 0, 0], dtype=uint8)
    """

    __slots__ = ("_array", "_engine", "_on_write", "base", "size")

    def __init__(self, engine: _engine.Handle, on_write: Any) -> None:
        self._engine = engine
        self._on_write = on_write
        self._array: NDArray[np.uint8] = engine.ram_view()
        self.base: int = engine.ram_base
        self.size: int = engine.ram_size

    @property
    def end(self) -> int:
        """The first physical address behind RAM; xv6's PHYSTOP."""
        return self.base + self.size

    @property
    def array(self) -> NDArray[np.uint8]:
        """All of RAM: uint8, shape (size,), a read-only view."""
        return self._array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if dtype is not None and np.dtype(dtype) != np.uint8:
            return self._array.astype(dtype)
        return self._array.copy() if copy else self._array

    def __len__(self) -> int:
        return self.size

    def __contains__(self, pa: int) -> bool:
        return self.base <= pa < self.end

    def __getitem__(self, key: int | slice) -> Any:
        if isinstance(key, slice):
            first, last = self._range(key)
            return self._array[first - self.base : last - self.base]
        pa = arguments.address("pa", key)
        self._require(pa, 1)
        return int(self._array[pa - self.base])

    def __setitem__(self, key: int | slice, value: Any) -> None:
        if not isinstance(key, slice):
            self.write(key, bytes([arguments.integer("value", value, 0, 255)]))
            return
        first, last = self._range(key)
        data = arguments.bytes_like("value", value)
        if len(data) != last - first:
            raise ValueError(
                f"{len(data)} bytes do not fill the {last - first} bytes from {first:#x} to {last:#x}"
            )
        self.write(first, data)

    def _range(self, key: slice) -> tuple[int, int]:
        if key.step not in (None, 1):
            raise ValueError(f"step {key.step} of a slice of memory must be 1; slice the view instead")
        first = self.base if key.start is None else arguments.address("first", key.start)
        last = self.end if key.stop is None else arguments.address("last", key.stop)
        if last < first:
            raise ValueError(f"the slice ends at {last:#x}, before it begins at {first:#x}")
        self._require(first, last - first)
        return first, last

    def _require(self, pa: int, size: int) -> None:
        if not (self.base <= pa and pa + size <= self.end):
            raise IndexError(
                f"{pa:#x} to {pa + size:#x} is not inside RAM, which is {self.base:#x} to {self.end:#x} "
                "(physical addresses)"
            )

    def read(self, pa: int, size: int) -> bytes:
        """Copy bytes out of RAM.

        Parameters
        ----------
        pa : int
            Physical address of the first byte.
        size : int
            Number of bytes.

        Returns
        -------
        bytes
            A copy.

        Raises
        ------
        IndexError
            When not all of them are in RAM.
        """
        pa, size = arguments.address("pa", pa), arguments.integer("size", size, 0)
        self._require(pa, size)
        return self._engine.ram_read(pa, size)

    def write(self, pa: int, data: Any) -> None:
        """Write bytes to RAM, as a device would: past the page tables, and decoded code is dropped.

        Parameters
        ----------
        pa : int
            Physical address of the first byte.
        data : bytes-like
            What to write.

        Raises
        ------
        IndexError
            When not all of it fits; nothing is written then.
        """
        pa, raw = arguments.address("pa", pa), arguments.bytes_like("data", data)
        self._require(pa, len(raw))
        self._on_write()
        self._engine.ram_write(pa, raw)

    def load(self, pa: int, size: int = 8) -> int:
        """Read a little-endian number.

        Parameters
        ----------
        pa : int
            Physical address.
        size : int
            Bytes: 1, 2, 4 or 8.

        Returns
        -------
        int
            Unsigned.

        Raises
        ------
        IndexError
            When it is not inside RAM.
        """
        return int.from_bytes(self.read(pa, arguments.integer("size", size, 1, 8)), "little")

    def store(self, pa: int, value: int, size: int = 8) -> None:
        """Write a little-endian number.

        Parameters
        ----------
        pa : int
            Physical address.
        value : int
            Must fit `size` bytes; a negative one is stored as two's complement.
        size : int
            Bytes: 1, 2, 4 or 8.

        Raises
        ------
        IndexError
            When it is not inside RAM.
        """
        size = arguments.integer("size", size, 1, 8)
        value = arguments.integer("value", value, -(1 << (8 * size - 1)), (1 << (8 * size)) - 1)
        self.write(pa, (value % (1 << (8 * size))).to_bytes(size, "little"))

    def view(self, pa: int, count: int, dtype: DTypeLike = np.uint64) -> NDArray[Any]:
        """Look at a range of RAM as numbers.

        Parameters
        ----------
        pa : int
            Physical address of the first one.
        count : int
            How many.
        dtype : NumPy dtype
            Of each; little-endian.

        Returns
        -------
        ndarray
            Shape (count,), a read-only view: a page table is ``memory.view(root, 512)``.

        Raises
        ------
        IndexError
            When not all of it is in RAM.
        """
        kind = np.dtype(dtype).newbyteorder("<")
        pa = arguments.address("pa", pa)
        size = arguments.integer("count", count, 0) * kind.itemsize
        self._require(pa, size)
        return self._array[pa - self.base : pa - self.base + size].view(kind)

    def __repr__(self) -> str:
        return f"<Memory: {words.size(self.size)} of RAM, {self.base:#x} to {self.end:#x}>"
