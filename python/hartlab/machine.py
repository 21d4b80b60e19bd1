"""A bare machine: a hart, its MMU and RAM, without any kernel."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from . import _engine, arguments, program, words
from ._engine import Machine as Engine
from .constants import KERNBASE
from .errors import ElfError
from .hart import Hart
from .history import History
from .image import elf_pieces
from .memory import Memory
from .run_result import RunResult
from .snapshot import MachineSnapshot
from .stepping import MOST, Stepping
from .stops import Breakpoints
from .symbols import SymbolTable
from .tlb import TlbGeometry, engine_tuple

_UNTIL = ("trap",)


class Machine(Stepping):
    """A hart in M-mode and RAM from 0x8000_0000 on, for guests of any kind.

    Parameters
    ----------
    memory : int or str
        RAM, 4 KiB to 64 GiB in whole pages: ``"128MiB"`` or a number of bytes. Backed as it is touched.
    image : Program, bytes or path, optional
        What to load: an ELF file goes to its physical addresses, anything else to `load_address`.
    code : bytes, optional
        Instructions to load at `load_address`, as `hartlab.asm` makes them.
    load_address : int
        Physical address for a raw image.
    pc : int, optional
        Where to begin; by default the ELF file's entry, or `load_address`.
    tlb : TlbGeometry or dict, optional
        How the TLB is built.
    hardware_ad : bool
        Whether the MMU sets A and D itself (Svadu) or faults (Svade).
    instructions_per_tick : int
        How fast the virtual clock is.

    Attributes
    ----------
    memory : Memory
        RAM by physical address.
    hart : Hart
        Registers, CSRs, TLB.
    breakpoints : Breakpoints
        Where `run` stops.

    Raises
    ------
    ElfError
        When the image is an ELF file that cannot be loaded.
    ValueError
        When an argument is out of range.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(memory="64KiB", code=hl.asm("li a0, 6; li a1, 7; mul a0, a0, a1"))
    >>> machine.run(3).reason, machine.hart.x.a0
    ('budget', 42)
    """

    _engine: Engine

    def __init__(
        self,
        memory: int | str = "32MiB",
        image: Any = None,
        *,
        code: bytes | None = None,
        load_address: int = KERNBASE,
        pc: int | None = None,
        tlb: TlbGeometry | Mapping[str, Any] | None = None,
        hardware_ad: bool = True,
        instructions_per_tick: int = 1,
    ) -> None:
        self._config: dict[str, Any] = {
            "ram_size": arguments.byte_size("memory", memory, 1 << 12, 1 << 36, 4096),
            "tlb": engine_tuple(TlbGeometry.of(tlb)),
            "hardware_ad": bool(hardware_ad),
            "instructions_per_tick": arguments.integer(
                "instructions_per_tick", instructions_per_tick, 1, 1 << 32
            ),
        }
        self._start()
        if image is not None and code is not None:
            raise TypeError("Machine takes image= or code=, not both")
        if image is not None:
            self.load(image, load_address=load_address)
        elif code is not None:
            self.load(arguments.bytes_like("code", code), load_address=load_address)
        else:
            self.hart.pc = KERNBASE
        if pc is not None:
            self.hart.pc = pc

    def _start(self) -> None:
        self._engine = _engine.Machine(**self._config)
        self._history = History(self._engine, self._replay)
        self._symbols = SymbolTable()
        self.memory = Memory(self._engine, self._changed)
        self.hart = Hart(self._engine, self._changed, lambda pc: self._symbols.at(pc))
        self.breakpoints = Breakpoints(self._engine, self._resolve, lambda pc: self._symbols.at(pc))

    def _resolve(self, where: str) -> int:
        if where not in self._symbols:
            raise KeyError(f"the program that was loaded has no symbol {where!r}")
        return self._symbols[where]

    def load(self, image: Any, *, load_address: int = KERNBASE) -> int:
        """Load a program and point the hart at it.

        Parameters
        ----------
        image : Program, bytes or path
            An ELF file goes to its physical addresses, anything else to `load_address`.
        load_address : int
            Physical address for a raw image.

        Returns
        -------
        int
            Where it begins: the hart's pc.

        Raises
        ------
        ElfError
            When it is an ELF file that cannot be loaded; nothing is written then.
        IndexError
            When a raw image does not fit into RAM.
        """
        data = program.contents("image", image)
        if data[:4] != b"\x7fELF":
            self.memory.write(load_address, data)
            self.hart.pc = load_address
            return load_address
        entry, pieces = elf_pieces(data)
        for piece in pieces:
            if not (self.memory.base <= piece.pa and piece.pa + piece.memory_size <= self.memory.end):
                where = f"physical {piece.pa:#x} to {piece.pa + piece.memory_size:#x}"
                ram = f"{self.memory.base:#x} to {self.memory.end:#x}"
                raise ElfError(f"a segment at {where} is not inside RAM, {ram}")
        self._changed()
        for piece in pieces:
            self._engine.ram_write(piece.pa, piece.data)
            self._engine.ram_fill(piece.pa + len(piece.data), 0, piece.memory_size - len(piece.data))
        self._symbols = SymbolTable(data)
        self.hart.pc = entry
        return entry

    # -- running ---------------------------------------------------------------------------------------------

    def run(self, max_instructions: int = 100_000_000, *, until: str | None = None) -> RunResult:
        """Run until something stops the hart or the budget is used up.

        The GIL is released. Ctrl-C raises KeyboardInterrupt within 50 ms and leaves the hart between two
        instructions.

        Parameters
        ----------
        max_instructions : int
            The budget; the run stops exactly there.
        until : str, optional
            ``"trap"``: stop when one has been taken, at the handler's first instruction.

        Returns
        -------
        RunResult
            Reason ``"budget"``, ``"trap"``, ``"breakpoint"``, ``"watchpoint"``, ``"waiting"`` or
            ``"interrupted"``.

        Raises
        ------
        RuntimeError
            When the machine is running already, on another thread.
        """
        budget = arguments.integer("max_instructions", max_instructions, 0, MOST)
        at_trap = until is not None and arguments.choice("until", until, _UNTIL) == "trap"
        self._engine.claim()
        try:
            return self._run(budget, at_trap)
        finally:
            self._engine.release_claim()

    def _run(self, budget: int, at_trap: bool) -> RunResult:
        reason, executed = self._run_in_pieces(budget, lambda piece: self._engine.run(piece, at_trap))
        detail = ""
        if reason == "trap":
            trap = self.hart.last_trap()
            detail = f"{trap['words']} at pc {trap['epc']:#x}, tval {trap['tval']:#x}"
        elif reason == "watchpoint":
            detail = self._watch_detail()
        return RunResult(reason, executed, detail=detail)

    # -- state as a value ------------------------------------------------------------------------------------

    def snapshot(self, label: str = "") -> MachineSnapshot:
        """Save the whole state. Costs the pages that have changed since the last time.

        Parameters
        ----------
        label : str
            For its repr.

        Returns
        -------
        MachineSnapshot
            A value; `restore`, `clone` and `hartlab.diff` take it.
        """
        return MachineSnapshot(self._engine.capture(), arguments.text("label", label))

    def restore(self, snapshot: MachineSnapshot) -> None:
        """Go back to a saved state.

        Parameters
        ----------
        snapshot : MachineSnapshot
            Of this machine or of one with the same RAM size.

        Raises
        ------
        ValueError
            When the size of RAM differs.
        """
        arguments.instance("snapshot", snapshot, MachineSnapshot, "what Machine.snapshot() returns")
        arguments.instance("snapshot", snapshot._saved, _engine.SavedMachine, "of a Machine, not of a Kernel")
        self._changed()
        self._engine.restore(snapshot._saved)

    def clone(self, snapshot: MachineSnapshot | None = None) -> Machine:
        """Make a second machine in the same state, which then goes its own way.

        Parameters
        ----------
        snapshot : MachineSnapshot, optional
            Begin there instead.

        Returns
        -------
        Machine
            It shares unchanged memory, and no breakpoints or history.
        """
        saved = self._engine.capture() if snapshot is None else snapshot._saved
        twin = Machine.__new__(Machine)
        twin._config = dict(self._config)
        twin._start()
        twin._symbols = self._symbols
        twin._engine.restore(saved)
        return twin

    def __repr__(self) -> str:
        if self.closed:
            return "<Machine: closed>"
        ram = words.size(self.memory.size)
        if self._engine.running:
            return f"<Machine: {ram} of RAM, running>"
        return f"<Machine: {ram} of RAM>\n  {self.hart._summary()}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"
