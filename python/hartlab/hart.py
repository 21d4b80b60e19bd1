"""A hart: registers, CSRs, privilege, and the instruction that comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

import numpy as np

from . import _engine, arguments, words
from .isa import disasm_at
from .page_table import PageTable
from .registers import F_NAMES, X_NAMES, Registers
from .table import Table, as_table
from .tlb import Tlb

_MODES = {"U": 0, "S": 1, "M": 3}
_MODE_NAMES = {number: name for name, number in _MODES.items()}
_PPN = (1 << 44) - 1


class Csrs(Mapping[str, int]):
    """The control and status registers by name, with the rights of M-mode whatever mode the guest is in.

    Assigning writes, and WARL fields take the nearest legal value, as on hardware.

    Examples
    --------
    >>> import hartlab as hl
    >>> csrs = hl.Machine(memory="1MiB").hart.csrs
    >>> csrs["mscratch"] = 7
    >>> csrs["mscratch"]
    7
    """

    def __init__(self, engine: _engine.Handle, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._numbers: dict[str, int] = _engine.csrs()

    def _number(self, key: str | int) -> int:
        if not isinstance(key, str):
            return arguments.integer("csr", key, 0, 0xFFF)
        number: int | None = _engine.csr_number(key)
        if number is None:
            raise KeyError(f"there is no CSR {key!r}")
        return number

    def __getitem__(self, key: str | int) -> int:
        value = self._engine.read_csr(self._number(key))
        if value is None:
            raise KeyError(f"this hart has no CSR {key!r}")
        return value

    def __setitem__(self, key: str | int, value: int) -> None:
        number = self._number(key)
        self._changed()
        if not self._engine.write_csr(number, arguments.address("value", value)):
            raise KeyError(f"this hart has no writable CSR {key!r}")

    def __iter__(self) -> Iterator[str]:
        return (name for name, number in self._numbers.items() if self._engine.read_csr(number) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return "\n".join(f"{name:>14} {value:#x}" for name, value in self.items())


class Hart:
    """The hart of a kernel or a machine.

    Attributes
    ----------
    x, f : Registers
        Integer registers, and floating-point registers as bits (singles are NaN-boxed).
    csrs : Csrs
        Control and status registers by name.
    tlb : Tlb
        Its TLB; ``hart.tlb()`` is the contents as a table.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(memory="1MiB", code=hl.asm("li a0, 7"))
    >>> machine.step().reason
    'budget'
    >>> machine.hart.x.a0
    7
    """

    def __init__(
        self,
        engine: Any,
        changed: Callable[[], None],
        symbol_at: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._changed = changed
        self._symbol_at = symbol_at
        self.x = Registers(X_NAMES, engine.x, self._set_x, "integer registers")
        self.f = Registers(F_NAMES, engine.f, self._set_f, "floating-point registers (bits)")
        self.csrs = Csrs(engine, changed)
        self.tlb = Tlb(engine, changed)

    def _set_x(self, index: int, value: int) -> None:
        self._changed()
        self._engine.set_x(index, value)

    def _set_f(self, index: int, bits: int) -> None:
        self._changed()
        self._engine.set_f(index, bits)

    @property
    def pc(self) -> int:
        """Address of the next instruction; assigning jumps."""
        return int(self._engine.pc)

    @pc.setter
    def pc(self, value: int) -> None:
        value = arguments.address("pc", value)
        if value & 1:
            raise ValueError(f"pc={value:#x} is odd; instructions begin at even addresses")
        self._changed()
        self._engine.pc = value

    @property
    def privilege(self) -> str:
        """The mode: ``"U"``, ``"S"`` or ``"M"``; assigning changes it."""
        return _MODE_NAMES[self._engine.privilege]

    @privilege.setter
    def privilege(self, mode: str) -> None:
        level = _MODES[arguments.choice("privilege", mode, _MODES)]
        self._changed()
        self._engine.privilege = level

    @property
    def instructions(self) -> int:
        """Instructions retired since the start."""
        return int(self._engine.retired)

    @property
    def time(self) -> int:
        """The virtual clock, in ticks."""
        return int(self._engine.time)

    @property
    def waiting(self) -> bool:
        """Whether the hart sleeps in wfi."""
        return bool(self._engine.waiting)

    @property
    def in_trap_loop(self) -> bool:
        """Whether the first instruction of its trap handler traps into that handler, when it ran last."""
        return bool(self._engine.in_trap_loop)

    @property
    def doubles(self) -> np.ndarray[Any, Any]:
        """The floating-point registers as numbers: float64, shape (32,), a copy."""
        return np.array(self._engine.f(), dtype=np.uint64).view(np.float64)

    @property
    def page_table(self) -> PageTable | None:
        """The page table that satp names; None while addresses are not translated."""
        if self._engine.satp >> 60 != 8:
            return None
        return PageTable(
            self._engine, lambda: (self._engine.satp & _PPN) << 12, "the hart (satp)", user=False
        )

    def registers(self, *, pc: bool = True, x: bool = True, f: bool = True, csr: bool = True) -> Table:
        """List the registers.

        Parameters
        ----------
        pc, x, f, csr : bool
            Which groups.

        Returns
        -------
        Table
            A copy: name, kind, number, value (uint64).
        """
        return as_table(self._engine.register_table(bool(pc), bool(x), bool(f), bool(csr)))

    def last_trap(self) -> dict[str, Any]:
        """Describe the trap that was taken last.

        Returns
        -------
        dict
            cause, tval, epc (int), from and to (mode), and words.
        """
        cause, tval, epc, source, target = self._engine.last_trap
        modes = {"from": _MODE_NAMES[source], "to": _MODE_NAMES[target]}
        return {"cause": cause, "tval": tval, "epc": epc, **modes, "words": words.cause(cause)}

    def peek(self, va: int, size: int) -> bytes | None:
        """Read memory as the hart would translate it now, without being noticed.

        Parameters
        ----------
        va : int
            Virtual address, or physical while nothing is translated.
        size : int
            Number of bytes.

        Returns
        -------
        bytes or None
            A copy; None when it is not there.
        """
        table = None if self.privilege == "M" else self.page_table
        if table is not None:
            return table.peek(va, size)
        try:
            return bytes(
                self._engine.ram_read(arguments.address("va", va), arguments.integer("size", size, 0))
            )
        except IndexError:
            return None

    def disassemble(self, count: int = 8, *, pc: int | None = None) -> Table:
        """Disassemble the instructions that come next.

        Parameters
        ----------
        count : int
            How many.
        pc : int, optional
            Where to begin; at the program counter by default.

        Returns
        -------
        Table
            pc, length, bits, text; no rows where memory cannot be fetched.
        """
        start = self.pc if pc is None else arguments.address("pc", pc)
        count = arguments.integer("count", count, 0, 100_000)
        return as_table(disasm_at(self.peek, start, 4 * count)[:count])

    def load(self, va: int, size: int = 8) -> bytes:
        """Load through the MMU with the rights that the hart has now: TLB, A and D bits and faults included.

        Parameters
        ----------
        va : int
            Virtual address.
        size : int
            Number of bytes.

        Returns
        -------
        bytes
            A copy.

        Raises
        ------
        PageFault
            When the access faults. The hart takes no trap.
        """
        self._changed()
        data: bytes = self._engine.mmu_load(
            arguments.address("va", va), arguments.integer("size", size, 0, 1 << 32)
        )
        return data

    def store(self, va: int, data: Any) -> None:
        """Store through the MMU with the rights that the hart has now.

        Parameters
        ----------
        va : int
            Virtual address.
        data : bytes-like
            What to store.

        Raises
        ------
        PageFault
            When the access faults; bytes before the fault are stored.
        """
        va, raw = arguments.address("va", va), arguments.bytes_like("data", data)
        self._changed()
        self._engine.mmu_store(va, raw)

    @property
    def stale_check(self) -> bool:
        """Whether accesses that succeed only for lack of a fence are recorded; assigning sets it."""
        return bool(self._engine.stale_check)

    @stale_check.setter
    def stale_check(self, on: bool) -> None:
        self._engine.stale_check = bool(on)

    def stale_uses(self) -> Table:
        """List what `stale_check` has found.

        Returns
        -------
        Table
            A copy: time, pc, pid, va, access; what the TLB said (tlb_pte, tlb_pa) and what the page table did
            (table_pte, and verdict in words); and who had changed the entry and should have fenced: writer is
            ``"kernel"``, the name of a replaced function, ``"store"`` for an instruction, or empty for a
            change from outside; writer_time, writer_pc and writer_pid say when, where the hart was, for whom.

        Notes
        -----
        An access counts when the TLB let it through and a walk at that moment would not, or to another frame.

        Examples
        --------
        >>> import hartlab as hl
        >>> kernel = hl.Kernel(memory="2MiB", asid="on")
        >>> @kernel.replace("shrinkproc")
        ... def shrinkproc(k, n):                           # as xv6's, but with ASIDs a fence is missing
        ...     p = k.myproc()
        ...     p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
        ...     return 0
        >>> proc = kernel.spawn(code=hl.asm("loop: j loop"))
        >>> heap = proc.sbrk(hl.PGSIZE)
        >>> kernel.hart.stale_check = True
        >>> proc.store(heap, b"mine")
        >>> _ = proc.sbrk(-hl.PGSIZE)
        >>> proc.load(heap, 4) == b"mine"                   # a free frame, and no longer the process's
        False
        >>> [use] = kernel.hart.stale_uses()
        >>> print(use["access"], use["verdict"], use["writer"], sep="; ")
        load; V is 0: nothing is mapped here; shrinkproc
        """
        return as_table(self._engine.stale_uses())

    def _summary(self) -> str:
        where = self._symbol_at(self.pc)
        stands = ", waiting" if self.waiting else ", in a trap loop" if self.in_trap_loop else ""
        return (
            f"<Hart: {self.privilege}-mode, pc {self.pc:#x}{f' ({where})' if where else ''}, "
            f"{words.plural(self.instructions, 'instruction')} retired{stands}>"
        )

    def __repr__(self) -> str:
        upcoming = "\n".join(f"  {row['pc']:#10x}  {row['text']}" for row in self.disassemble(3))
        return f"{self._summary()}\n{self.x!r}\n{upcoming}"

    def _repr_html_(self) -> str:
        head = escape(self._summary().strip("<>"))
        return f"<div><b>{head}</b></div>{self.x._repr_html_()}{self.disassemble(5)._repr_html_()}"
