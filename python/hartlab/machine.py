"""A board in the manner of QEMU's virt: harts, RAM and devices, for guests of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import arguments, words
from ._engine import Machine as Engine
from .board.boot import Loaded, read_image
from .board.console import SerialConsole
from .board.device_tree import TIMEBASE
from .board.disk import Disk
from .board.disk import insert as insert_disk
from .board.disk_file import DiskFile, disk_file
from .board.repeating import Repeating
from .board.running import Running
from .board.shell import Shell
from .board.states import States
from .board.symbols import Symbols
from .board.tracing import TrapTracing
from .constants import KERNBASE
from .debugging.on_machine import Debugging
from .hart import Hart
from .history import History
from .memory import Memory
from .page_table import PageTable, sv39_root
from .showing import listing
from .stops import Breakpoints
from .symbols import SymbolTable
from .tlb import TlbGeometry, engine_tuple

INSTRUCTIONS_PER_SECOND = 100_000_000  # of virtual time, on a board that boots
_UNTIL = ("trap",)


class Machine(Running, States, TrapTracing, Debugging, Repeating):
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
    hardware_misaligned : bool
        Whether loads and stores at any address work, as on QEMU, or those that are not naturally aligned trap
        (load or store address misaligned), which costs speed. Atomics always trap.
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
        Of the interleaving of harts: which is first in a round, and how long its turns are.
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
        hardware_misaligned: bool = True,
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
            "hardware_misaligned": bool(hardware_misaligned),
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
            self._begin_booting(bios=bios, kernel=kernel, initrd=initrd, append=append)
            return
        if initrd is not None or append:
            raise TypeError("initrd= and append= are for a kernel: give kernel= or bios= as well")
        self._begin_bare(image, code, load_address)
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
