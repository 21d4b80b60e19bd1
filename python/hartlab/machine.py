"""A board in the manner of QEMU's virt: harts, RAM and devices, for guests of any kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import _engine, arguments, program, words
from ._engine import Machine as Engine
from .board.boot import ROM, Loaded, boot, read_image
from .board.console import SerialConsole
from .board.device_tree import TIMEBASE
from .board.disk import Disk
from .board.disk import insert as insert_disk
from .board.disk_file import DiskFile, disk_file
from .board.repeating import Repeating
from .board.shell import Shell
from .board.signature import signature
from .board.symbols import Symbols
from .board.tracing import TrapTracing
from .constants import KERNBASE
from .debugging.on_machine import Debugging
from .errors import ElfError
from .hart import Hart
from .history import History
from .image import elf_pieces
from .memory import Memory
from .page_table import PageTable, sv39_root
from .run_result import RunResult
from .saving.origin import Origin
from .showing import listing
from .snapshot import MachineSnapshot
from .stepping import MOST
from .stops import Breakpoints
from .symbols import SymbolTable
from .tlb import TlbGeometry, engine_tuple

INSTRUCTIONS_PER_SECOND = 100_000_000  # of virtual time, on a board that boots
_UNTIL = ("trap",)


class Machine(TrapTracing, Debugging, Repeating):
    """Harts in M-mode, RAM from 0x8000_0000 on, and the devices of QEMU's virt board, for guests of any kind.

    With `bios` or `kernel` the board boots as QEMU's does: the harts begin in a boot ROM, which jumps to the
    firmware, or to the kernel where there is none, with hartid in a0 and a device tree in a1. Without, it is
    bare, and a hart begins in `image` or `code`.

    Parameters
    ----------
    memory : int or str
        RAM, 4 KiB to 64 GiB in whole pages: ``"128MiB"`` or a number of bytes. Backed as it is touched. By
        default 128 MiB for a board that boots, and 32 MiB for a bare one.
    image : Program, bytes or path, optional
        What to load: an ELF file goes to its physical addresses, anything else to `load_address`.
    code : bytes, optional
        Instructions to load at `load_address`, as `hartlab.asm` makes them.
    load_address : int
        Physical address for a raw image.
    pc : int, optional
        Where to begin; by default the ELF file's entry, or `load_address`.
    bios : Program, bytes or path, optional
        Firmware such as OpenSBI: an ELF file, or raw for 0x8000_0000.
    kernel : Program, bytes or path, optional
        An ELF file, or raw for 0x8020_0000 behind firmware and 0x8000_0000 without. Its symbols name
        addresses. If it has ``tohost``, as test programs do, that is where it ends and prints.
    initrd : bytes or path, optional
        An initial RAM disk for the kernel, in the upper half of RAM.
    append : str
        The kernel's command line.
    disk : bytes or path, optional
        A raw image for the virtio block device. Changes stay in memory; see `Disk.save`.
    disk_writable : bool
        Whether the file that `disk` names follows the changes: after each run it holds what the disk does.
        Clones, and machines that are loaded, keep theirs in memory.
    harts : int
        1 to 8. They take turns of about `quantum` instructions.
    tlb : TlbGeometry or dict, optional
        How the TLB is built.
    hardware_ad : bool
        Whether the MMU sets A and D itself (Svadu) or faults (Svade).
    pmp : bool, optional
        Whether there are 16 entries of physical memory protection, or none; by default on a board that
        boots. With them, S- and U-mode have no memory until M-mode gives them some.
    virtio : str
        ``"modern"`` (version 2) or ``"legacy"`` (version 1).
    instructions_per_tick : int, optional
        How fast the virtual clock is: by default 1, and on a board that boots 10, which makes 100 million
        instructions a second of its 10 MHz timebase.
    quantum : int
        Instructions of a hart's turn, about, with more than one hart.
    seed : int
        Of the interleaving of harts: which is first in a round, and how long its turns are, in whole ticks.
    schedule : array or sequence of pairs, optional
        The first turns, as `schedule` has them: of hart and instructions. Those of the seed follow.

    Attributes
    ----------
    memory : Memory
        RAM by physical address.
    hart : Hart
        Registers, CSRs, TLB of hart 0.
    harts : list of Hart
        All of them.
    console : SerialConsole
        The serial port.
    shell : Shell
        Types a command at the guest's prompt and returns what it printed: ``machine.shell("ls")``.
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
    _disk_file: DiskFile | None

    def __init__(
        self,
        memory: int | str | None = None,
        image: Any = None,
        *,
        bios: Any = None,
        kernel: Any = None,
        initrd: Any = None,
        append: str = "",
        disk: Any = None,
        harts: int = 1,
        code: bytes | None = None,
        load_address: int = KERNBASE,
        pc: int | None = None,
        tlb: TlbGeometry | Mapping[str, Any] | None = None,
        hardware_ad: bool = True,
        pmp: bool | None = None,
        virtio: str = "modern",
        instructions_per_tick: int | None = None,
        quantum: int = 1000,
        seed: int = 1,
        schedule: Any = None,
        disk_writable: bool = False,
    ) -> None:
        boots = bios is not None or kernel is not None
        if memory is None:
            memory = "128MiB" if boots else "32MiB"
        if instructions_per_tick is None:
            instructions_per_tick = INSTRUCTIONS_PER_SECOND // TIMEBASE if boots else 1
        self._config: dict[str, Any] = {
            "ram_size": arguments.byte_size("memory", memory, 1 << 12, 1 << 36, 4096),
            "tlb": engine_tuple(TlbGeometry.of(tlb)),
            "hardware_ad": bool(hardware_ad),
            "instructions_per_tick": arguments.integer(
                "instructions_per_tick", instructions_per_tick, 1, 1 << 32
            ),
            "pmp": boots if pmp is None else bool(pmp),
            "legacy_virtio": arguments.choice("virtio", virtio, ("modern", "legacy")) == "legacy",
            "harts": arguments.integer("harts", harts, 1, 8),
            "quantum": arguments.integer("quantum", quantum, 1, 1 << 32),
            "seed": arguments.integer("seed", seed, 0, (1 << 64) - 1),
        }
        self._start(Engine(**self._config))
        if disk is not None:
            insert_disk(self._engine, read_image("disk", disk))
        if disk_writable:
            self._disk_file = disk_file(self._engine, disk)
        if schedule is not None:
            self.reschedule(schedule)
        if boots:
            if image is not None or code is not None:
                raise TypeError("Machine boots bios= and kernel=, or runs image= or code=, not both")
            images = {"bios": bios, "kernel": kernel, "initrd": initrd}
            read = {
                name: None if given is None else read_image(name, given) for name, given in images.items()
            }
            self._boot(read, arguments.text("append", append))
            for given in images.values():
                self._sources.update(program.sources_of(given))
            self.reset()
            return
        if initrd is not None or append:
            raise TypeError("initrd= and append= are for a kernel: give kernel= or bios= as well")
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

    def _start(self, engine: Engine) -> None:
        self._engine = engine
        self._history = History(self._engine, self._replay)
        self._symbols = SymbolTable()
        self._loaded: Loaded | None = None
        self._disk_file = None
        self._images: dict[str, Any] = {}  # as they were given: what a file has of them
        self._guest_symbols: Symbols | None = None
        self._tracing = None
        self._sources: dict[str, str] = {}  # texts of the programs that hl.cc has made
        self.memory = Memory(self._engine, self._changed)
        self.harts = [
            Hart(self._engine.one_hart(number), self._changed, lambda pc: self._symbols.at(pc))
            for number in range(self._engine.hart_count)
        ]
        self.hart = self.harts[0]
        self.console = SerialConsole(self._engine, self._changed, self.run)
        self.shell = Shell(self.console, self.run)
        self.breakpoints = Breakpoints(self._engine, self._resolve, lambda pc: self._symbols.at(pc))

    @property
    def symbols(self) -> Symbols:
        """The variables of the kernel that was loaded, by name and by the types of its own source."""
        if self._guest_symbols is None or self._guest_symbols._table is not self._symbols:
            self._guest_symbols = Symbols(self)
        return self._guest_symbols

    def page_table(self, satp: int | None = None, *, hart: int = 0) -> PageTable:
        """Look at a page table that lies in RAM.

        Parameters
        ----------
        satp : int, optional
            As the CSR has it (mode 8, Sv39), or the physical address of a root table. By default the hart's
            own satp, whatever it is when the table is looked at.
        hart : int
            Whose.

        Returns
        -------
        PageTable
            Live: `entries`, `walk`, `translate`, `peek`.

        Raises
        ------
        ValueError
            When nothing is translated (mode 0), or the root is no page of RAM.
        """
        number = arguments.integer("hart", hart, 0, len(self.harts) - 1)
        if satp is not None:
            root = sv39_root(arguments.address("satp", satp), self.memory)
            return PageTable(self._engine, lambda: root, f"satp {satp:#x}")
        table = self.harts[number].page_table
        if table is None:
            raise ValueError(
                f"hart {number} translates nothing: its satp is {self.harts[number].csrs['satp']:#x}"
            )
        return table

    @property
    def disk(self) -> Disk | None:
        """The disk in the first virtio slot; None where there is none."""
        return None if self._engine.disk_size is None else Disk(self._engine, self._changed, self._disk_file)

    def _boot(self, images: Mapping[str, bytes | None], append: str) -> None:
        """Lay out what the board boots, which is in memory after the next reset."""
        loaded = boot(
            memory=self._config["ram_size"],
            harts=self._config["harts"],
            svadu=self._config["hardware_ad"],
            bios=images["bios"],
            kernel=images["kernel"],
            initrd=images["initrd"],
            append=append,
        )
        self._images = {**images, "append": append}
        self._symbols = loaded.symbols
        self._engine.set_rom(loaded.rom)
        self._engine.set_htif(loaded.tohost, loaded.fromhost)
        self._loaded = loaded

    def reset(self) -> None:
        """Start the board again, as its reset button would.

        Harts and devices come out of reset, and firmware, kernel and device tree are loaded again. The
        rest of RAM, the disk, the clock and what was printed stay.

        Raises
        ------
        ValueError
            When the machine was not made with `bios` or `kernel`.
        """
        if self._loaded is None:
            raise ValueError("a bare machine has nothing to boot again: give it bios= or kernel=")
        self._changed()
        for piece in self._loaded.pieces:
            self._engine.ram_write(piece.pa, piece.data)
            self._engine.ram_fill(piece.pa + len(piece.data), 0, piece.memory_size - len(piece.data))
        self._engine.reset(ROM)

    def signature(self, granularity: int = 4) -> str:
        """Read what a conformance test has left: memory from ``begin_signature`` to ``end_signature``.

        Parameters
        ----------
        granularity : int
            Bytes of a line: 4, 8 or 16.

        Returns
        -------
        str
            A hexadecimal number a line, as the reference models of riscv-arch-test write them.

        Raises
        ------
        ValueError
            When the kernel has no such symbols, or they are not in memory.
        """
        return signature(self._symbols, self.memory, granularity)

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
        self._name_addresses(data)
        self._sources = program.sources_of(image)
        self.hart.pc = entry
        return entry

    def _name_addresses(self, elf: bytes) -> None:
        self._symbols = SymbolTable(elf)
        self._images = {"image": elf}

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
            Reason ``"budget"``, ``"trap"``, ``"breakpoint"``, ``"watchpoint"``, ``"waiting"``,
            ``"interrupted"``, ``"power_off"`` (with its exit_code) or ``"reset"``.

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
            if self._disk_file is not None:
                self._disk_file.write_changes()

    def _run(self, budget: int, at_trap: bool) -> RunResult:
        def piece(instructions: int) -> tuple[str, int]:
            outcome: tuple[str, int] = self._engine.run(instructions, at_trap)
            if self.console.stream:
                self.console.stream.show()
            return outcome

        reason, executed = self._run_in_pieces(budget, piece)
        number = self._engine.current_hart
        detail, exit_code, hit = "", None, None
        if reason == "trap":
            trap = self.harts[number].last_trap()
            detail = f"{trap['words']} at pc {trap['epc']:#x}, tval {trap['tval']:#x}"
        elif reason == "watchpoint":
            hit = self._watch_hit()
            detail = str(hit or "")
        elif reason == "power_off":
            exit_code = self._engine.exit_code
            detail = f"exit code {exit_code}"
        return RunResult(reason, executed, detail=detail, exit_code=exit_code, hart=number, watch=hit)

    def _at_breakpoint(self) -> bool:
        return self.harts[self._engine.current_hart].pc in self._engine.breakpoints

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
        return MachineSnapshot(self._engine.capture(), arguments.text("label", label), self._origin())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole state, devices and disk included, to a file, for `hartlab.load`.

        Parameters
        ----------
        path : path
            Where to; a file that is there is replaced, once the new one is whole.

        See Also
        --------
        MachineSnapshot.save : The same, for a state that was kept.
        """
        self.snapshot().save(path)

    def _origin(self) -> Origin:
        facts = {
            "images": self._images,
            "console": self.console._position(),
            "prompt": self.shell.prompt,
        }
        return Origin("machine", self._config, facts)

    @classmethod
    def _from_saved(
        cls, config: dict[str, Any], facts: Mapping[str, Any], state: bytes, max_disk: int
    ) -> Machine:
        machine = cls.__new__(cls)
        machine._config = config
        machine._start(Engine(**config))
        images = dict(facts["images"])
        append = arguments.text("append", images.pop("append", ""))
        for name, image in images.items():
            if image is not None:
                arguments.bytes_like(name, image)
        if "kernel" in images:
            machine._boot(images, append)
        elif images:
            machine._name_addresses(images["image"])
        machine._engine.restore(machine._engine.decode(state, max_disk))
        machine.console._go_on_at(facts["console"])
        prompt = facts["prompt"]
        machine.shell.prompt = None if prompt is None else arguments.text("prompt", prompt)
        return machine

    def restore(self, snapshot: MachineSnapshot) -> None:
        """Go back to a saved state.

        Parameters
        ----------
        snapshot : MachineSnapshot
            Of this machine or of one with the same RAM size.

        Raises
        ------
        ValueError
            When the size of RAM or the number of harts differs.
        """
        arguments.instance("snapshot", snapshot, MachineSnapshot, "what Machine.snapshot() returns")
        arguments.instance("snapshot", snapshot._saved, _engine.SavedMachine, "of a Machine, not of a Kernel")
        if self._disk_file is not None and self._engine.disk_size != snapshot._saved.disk_size:
            raise ValueError(
                "the state has another disk, or none, and the file of this one is being written to"
            )
        self._changed()
        self._engine.restore(snapshot._saved)
        self._gone_back()

    def _gone_back(self) -> None:
        if self._disk_file is not None:
            self._disk_file.write_changes()
        self.console._state_changed()

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
        twin._start(self._engine.twin(saved))
        twin._symbols = self._symbols
        twin._loaded = self._loaded
        twin._images = self._images
        twin._sources = self._sources
        twin.console._go_on_at(self.console._position())
        twin.shell.prompt = self.shell.prompt
        return twin

    def close(self) -> None:
        """Give the memory back now, and write a writable disk to its file. Views of RAM stay valid."""
        try:
            if self._disk_file is not None and not self.closed:
                self._disk_file.close()
        finally:
            super().close()

    def __repr__(self) -> str:
        if self.closed:
            return "<Machine: closed>"
        ram = words.size(self.memory.size)
        if self._engine.running:
            return f"<Machine: {ram} of RAM, running>"
        return f"<Machine: {ram} of RAM>\n  {self.hart._summary()}"

    def _repr_html_(self) -> str:
        return listing(repr(self))
