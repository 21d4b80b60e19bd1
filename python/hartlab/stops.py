"""Where a run stops: breakpoints and watchpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import _engine, arguments, words


class Breakpoints:
    """Addresses before whose instruction a run stops: virtual addresses, whichever process gets there.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> child = kernel.spawn(code=hl.asm("li a0, 1; li a0, 2; li a7, 2; ecall"))
    >>> kernel.breakpoints.add(8)
    8
    >>> kernel.run().reason, hex(kernel.hart.pc)
    ('breakpoint', '0x8')
    """

    def __init__(
        self,
        engine: _engine.Handle,
        resolve: Callable[[str], Sequence[int]],
        name: Callable[[int], str | None],
    ) -> None:
        self._engine = engine
        self._resolve = resolve
        self._name = name

    def address(self, where: int | str) -> int:
        """Find the address that `where` means.

        Parameters
        ----------
        where : int or str
            An address; or of a program that is known a function, or a source line: ``"proc.c:120"``.

        Returns
        -------
        int
            The address; of a line that was compiled to several places, the first.

        Raises
        ------
        KeyError
            When no program has that name, or no code at that line or behind it.
        """
        return self._addresses(where)[0]

    def _addresses(self, where: int | str) -> Sequence[int]:
        return self._resolve(where) if isinstance(where, str) else [arguments.address("where", where)]

    def add(self, where: int | str) -> int:
        """Set a breakpoint.

        Parameters
        ----------
        where : int or str
            An address; the name of a function: ``"main"``, or ``"prog:main"`` where several programs have
            one; or a source line: ``"proc.c:120"``, or the next line that has code.

        Returns
        -------
        int
            The address; of a line that was compiled to several places, as it was inlined, the first. All of
            them have a breakpoint.

        Raises
        ------
        KeyError
            As `address` does.
        """
        addresses = self._addresses(where)
        self._engine.breakpoints = [*self._engine.breakpoints, *addresses]
        return addresses[0]

    def remove(self, where: int | str) -> None:
        """Take a breakpoint away.

        Parameters
        ----------
        where : int or str
            As for `add`.

        Raises
        ------
        ValueError
            When there is none.
        """
        left = list(self._engine.breakpoints)
        for address in self._addresses(where):
            if address not in left:
                raise ValueError(f"there is no breakpoint at {address:#x}")
            left.remove(address)
        self._engine.breakpoints = left

    def clear(self) -> None:
        """Take all breakpoints away."""
        self._engine.breakpoints = []

    def __iter__(self) -> Iterator[int]:
        return iter(self._engine.breakpoints)

    def __len__(self) -> int:
        return len(self._engine.breakpoints)

    def __contains__(self, where: int | str) -> bool:
        return self.address(where) in self._engine.breakpoints

    def __repr__(self) -> str:
        listed = ", ".join(f"{pc:#x}" + (f" ({name})" if (name := self._name(pc)) else "") for pc in self)
        return f"<Breakpoints: {listed or 'none'}>"


@dataclass(frozen=True)
class WatchHit:
    """The access that ended a run at a watchpoint. It has been made: the hart is behind its instruction.

    Attributes
    ----------
    va : int
        The first byte of the access, which may lie before the watched range.
    size : int
        Bytes of the access.
    access : str
        ``"load"`` or ``"store"``; of an atomic instruction that does both, what was watched.
    pc : int
        Of the instruction.
    before : int or None
        Those bytes as they were, as an unsigned number; None where a device was written to.
    after : int
        As they are, or what a load has read.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(code=hl.asm("li t1, 5; sd t1, 256(a0)"))
    >>> machine.hart.x["a0"] = hl.KERNBASE
    >>> with machine.watch(hl.KERNBASE + 256):
    ...     hit = machine.run().watch
    >>> print(hit)
    store of 8 bytes at 0x80000100 by pc 0x80000004: 0x0 -> 0x5
    """

    va: int
    size: int
    access: str
    pc: int
    before: int | None
    after: int

    def __str__(self) -> str:
        what = f"{self.access} of {words.plural(self.size, 'byte')} at {self.va:#x} by pc {self.pc:#x}: "
        if self.access == "load":
            return f"{what}{self.after:#x}"
        return what + ("" if self.before is None else f"{self.before:#x} -> ") + f"{self.after:#x}"


class Watch:
    """A watched range of virtual addresses: a run stops after the instruction that touches it.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> watch = kernel.watch(0x1000, 8)
    >>> watch.remove()
    """

    def __init__(self, engine: _engine.Handle, va: int, size: int, loads: bool, stores: bool) -> None:
        self._engine = engine
        self._entry = (va, size, loads, stores)
        engine.watchpoints = [*engine.watchpoints, self._entry]

    @property
    def va(self) -> int:
        """The first address watched."""
        return self._entry[0]

    @property
    def size(self) -> int:
        """Bytes watched."""
        return self._entry[1]

    def remove(self) -> None:
        """Watch no longer. Once is enough; twice does no harm."""
        left: list[Any] = list(self._engine.watchpoints)
        if self._entry in left:
            left.remove(self._entry)
            self._engine.watchpoints = left

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def __repr__(self) -> str:
        va, size, loads, stores = self._entry
        kinds = " and ".join(kind for kind, on in (("loads", loads), ("stores", stores)) if on)
        state = "" if self._entry in list(self._engine.watchpoints) else ", removed"
        return f"<Watch: {kinds} at {va:#x} to {va + size:#x}{state}>"


def watch(engine: _engine.Handle, va: int, size: int, loads: bool, stores: bool) -> Watch:
    """Check the arguments of ``kernel.watch`` and start watching."""
    va, size = arguments.address("va", va), arguments.integer("size", size, 1, 1 << 30)
    if not (loads or stores):
        raise ValueError("loads=False and stores=False watches nothing")
    return Watch(engine, va, size, bool(loads), bool(stores))
