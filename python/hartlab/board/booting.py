"""What a machine begins with, at first and after a reset: firmware and kernel, or a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import arguments, program
from ..constants import KERNBASE
from ..errors import ElfError
from ..hart import Hart
from ..image import Piece, elf_pieces
from ..memory import Memory
from ..stepping import Stepping
from ..symbols import SymbolTable
from .boot import ROM, Loaded, boot, read_image
from .signature import signature


class Booting(Stepping):
    """The base of Machine that loads what its harts execute."""

    _config: dict[str, Any]
    _symbols: SymbolTable
    _loaded: Loaded | None  # what a reset loads again
    _images: dict[str, Any]  # as they were given: what a file has of them
    _sources: dict[str, str]  # texts of the programs that hl.cc has made
    memory: Memory
    hart: Hart

    def _begin_booting(self, *, append: str, **given: Any) -> None:
        """Boot firmware and kernel as they were given to the constructor."""
        images = {name: None if image is None else read_image(name, image) for name, image in given.items()}
        self._boot(images, arguments.text("append", append))
        for image in given.values():
            self._sources.update(program.sources_of(image))
        self.reset()

    def _begin_bare(self, image: Any, code: bytes | None, load_address: int) -> None:
        """Load what was given to the constructor of a machine that boots nothing."""
        if image is not None and code is not None:
            raise TypeError("Machine takes image= or code=, not both")
        if image is not None:
            self.load(image, load_address=load_address)
        elif code is not None:
            self.load(arguments.bytes_like("code", code), load_address=load_address)
        else:
            self.hart.pc = KERNBASE

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
        self._place(self._loaded.pieces)
        self._engine.reset(ROM)

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
        self._place(pieces)
        self._name_addresses(data)
        self._sources = program.sources_of(image)
        self.hart.pc = entry
        return entry

    def _place(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self._engine.ram_write(piece.pa, piece.data)
            self._engine.ram_fill(piece.pa + len(piece.data), 0, piece.memory_size - len(piece.data))

    def _name_addresses(self, elf: bytes) -> None:
        self._symbols = SymbolTable(elf)
        self._images = {"image": elf}

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
