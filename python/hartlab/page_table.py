"""A page table, as the MMU and as a person would read it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _engine, arguments, constants
from .memory import Memory
from .table import Table, as_table

_SV39 = 8
_PPN = (1 << 44) - 1
_ACCESSES = ("fetch", "load", "store")
_PRIVILEGES = {"U": 0, "S": 1}


def sv39_root(satp: int, memory: Memory) -> int:
    """Return the physical address of the root that a satp names, or that `satp` is itself."""
    mode, root = satp >> 60, (satp & _PPN) << 12
    if mode == 0 and satp:
        mode, root = _SV39, satp
    if mode != _SV39:
        raise ValueError(f"satp={satp:#x} has mode {mode}; 8, Sv39, is what is translated here")
    if root % constants.PGSIZE or not memory.base <= root <= memory.end - constants.PGSIZE:
        raise ValueError(
            f"satp={satp:#x} names the root {root:#x}, "
            f"which is no page of RAM, {memory.base:#x} to {memory.end:#x}"
        )
    return root


class Walk:
    """What the MMU looked at to translate one address, level by level.

    Attributes
    ----------
    va : int
        The address that was asked for.
    steps : Table
        A row for each level that was looked at.
    end : str
        Why the walk ended, in words.
    pa : int or None
        The physical address; None when the access faults.
    cause : int or None
        The exception code of the fault; None when there is none.

    Examples
    --------
    >>> import hartlab as hl
    >>> walk = hl.Kernel().page_table.walk(hl.KERNBASE, "fetch", privilege="S")
    >>> walk.pa == hl.KERNBASE, walk.steps["level"].tolist()
    (True, [2, 1, 0])
    """

    def __init__(self, va: int, steps: Table, end: str, pa: int | None, cause: int | None) -> None:
        self.va = va
        self.steps = steps
        self.end = end
        self.pa = pa
        self.cause = cause

    def __bool__(self) -> bool:
        return self.pa is not None

    def __repr__(self) -> str:
        result = f"physical {self.pa:#x}" if self.pa is not None else f"fault {self.cause}"
        lines = [f"<Walk of {self.va:#x}: {self.end}; {result}>"]
        lines += (
            f"  level {row['level']}: entry {row['index']:3} of table {row['table']:#x} is {row['pte']:#x}"
            f" ({_engine.flag_string(int(row['pte']))})"
            for row in self.steps
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        result = f"physical <code>{self.pa:#x}</code>" if self.pa is not None else f"fault {self.cause}"
        head = f"<b>Walk of <code>{self.va:#x}</code>: {escape(self.end)}; {result}</b>"
        return head + self.steps._repr_html_()


class PageTable:
    """The page table of a process or of the kernel, live or in a snapshot. Looking at it changes nothing.

    ``len(table)`` is the number of pages mapped; ``va in table`` says whether an address is.

    Examples
    --------
    >>> import hartlab as hl
    >>> table = hl.Kernel().process(1).page_table
    >>> hl.TRAMPOLINE in table
    True
    """

    def __init__(self, source: Any, root: Callable[[], int], title: str, user: bool = True) -> None:
        self._source = source
        self._root = root
        self._title = title
        self._user = user

    @property
    def root(self) -> int:
        """Physical address of the root table, as satp names it."""
        return self._root()

    def entries(self, *, tables: bool = False, first: int = 0, last: int | None = None) -> Table:
        """List the entries.

        Parameters
        ----------
        tables : bool
            Whether to list the pointers to tables too, each before what is below it.
        first : int
            Only entries that are responsible for an address from here on.
        last : int, optional
            ... up to here.

        Returns
        -------
        Table
            A copy: va, pa, size, pte, pte_address, level, flags and a bool for each of V R W X U G A D, and
            more. By ascending address.
        """
        first = arguments.address("first", first)
        end = (1 << 64) - 1 if last is None else arguments.address("last", last)
        return as_table(self._source.page_table_entries(self.root, bool(tables), first, end, 0))

    def table(self, pa: int | None = None) -> NDArray[np.uint64]:
        """Give the 512 entries of one table as they lie in memory.

        Parameters
        ----------
        pa : int, optional
            Physical address of the table; the root by default.

        Returns
        -------
        ndarray of uint64
            Shape (512,), a copy.
        """
        address = self.root if pa is None else arguments.address("pa", pa)
        raw = self._source.ram_read(address, constants.PGSIZE)
        return np.frombuffer(raw, np.dtype("<u8")).copy()

    def walk(
        self,
        va: int,
        access: str = "load",
        *,
        privilege: str | None = None,
        sum: bool = False,
        mxr: bool = False,
        svade: bool = False,
    ) -> Walk:
        """Walk the table as the MMU would, without TLB and without setting A or D.

        Parameters
        ----------
        va : int
            Virtual address; a non-canonical one is refused by the walk itself.
        access : str
            ``"fetch"``, ``"load"`` or ``"store"``.
        privilege : str, optional
            ``"U"`` or ``"S"``; by default the one that uses this table.
        sum, mxr : bool
            The bits of sstatus with these names.
        svade : bool
            Whether a clear A or D bit faults, rather than being set by hardware.

        Returns
        -------
        Walk
            A row for each level, why it ended, and the physical address or the fault. [priv 4.3.2]
        """
        va = arguments.address("va", va)
        arguments.choice("access", access, _ACCESSES)
        level = _PRIVILEGES[
            arguments.choice("privilege", privilege or ("U" if self._user else "S"), _PRIVILEGES)
        ]
        steps, end, pa, cause = self._source.walk_page_table(
            self.root, va, access, level, sum, mxr, not svade
        )
        return Walk(va, as_table(steps), end, pa, cause)

    def translate(self, va: int) -> int | None:
        """Find the physical address behind `va`, whoever may use it.

        Parameters
        ----------
        va : int
            Virtual address.

        Returns
        -------
        int or None
            None when nothing is mapped there.
        """
        leaf = self._source.find_leaf(self.root, arguments.address("va", va))
        return None if leaf is None else int(leaf[2])

    def pte(self, va: int) -> int | None:
        """Give the leaf entry that is responsible for `va`.

        Parameters
        ----------
        va : int
            Virtual address.

        Returns
        -------
        int or None
            The entry; None when nothing is mapped there.
        """
        leaf = self._source.find_leaf(self.root, arguments.address("va", va))
        return None if leaf is None else int(leaf[0])

    def peek(self, va: int, size: int) -> bytes | None:
        """Read memory through this table unnoticed: no permission is asked, and nothing faulted in.

        Parameters
        ----------
        va : int
            Virtual address of the first byte.
        size : int
            Number of bytes.

        Returns
        -------
        bytes or None
            A copy; None when a page is absent or not in RAM.
        """
        va, left = arguments.address("va", va), arguments.integer("size", size, 0)
        pieces = []
        while left:
            piece = min(left, constants.PGSIZE - va % constants.PGSIZE)
            pa = self.translate(va)
            if pa is None:
                return None
            try:
                pieces.append(self._source.ram_read(pa, piece))
            except IndexError:
                return None
            va, left = (va + piece) % (1 << 64), left - piece
        return b"".join(pieces)

    def __len__(self) -> int:
        return len(self.entries())

    def __bool__(self) -> bool:
        return True

    def __contains__(self, va: int) -> bool:
        return self.translate(va) is not None

    def __repr__(self) -> str:
        entries = self.entries()
        return f"<PageTable of {self._title}, root {self.root:#x}: {len(entries)} leaves>\n{entries!r}"

    def _repr_html_(self) -> str:
        entries = self.entries()
        head = f"<b>Page table of {escape(self._title)}, root <code>{self.root:#x}</code></b>"
        return head + entries._repr_html_()
