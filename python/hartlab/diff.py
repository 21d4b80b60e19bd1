"""What changed between two states."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from . import _engine, words
from .snapshot import MachineSnapshot
from .table import Table, as_table

if TYPE_CHECKING:
    from .kernel import Kernel
    from .machine import Machine

_TABLES = ("ptes", "processes", "frames", "free_list", "registers")
_TITLES = {"ptes": "page-table entries", "free_list": "free list"}
_FEW = 16  # changed page-table entries: so many are shown at once


class Diff:
    """What is different in a second state: tables, and a few sentences.

    Attributes
    ----------
    frames, ptes, registers, processes, free_list : Table
        What changed in each.
    words : list of str
        What a reader would want to know first.
    free_before, free_after : int
        Length of the free list in each state.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> before = kernel.snapshot()
    >>> bool(hl.diff(before, kernel))
    False
    """

    def __init__(self, tables: dict[str, Any]) -> None:
        self.frames: Table = as_table(tables["frames"])
        self.ptes: Table = as_table(tables["ptes"])
        self.registers: Table = as_table(tables["registers"])
        self.processes: Table = as_table(tables["processes"])
        self.free_list: Table = as_table(tables["free_list"])
        self.free_before: int = tables["free_before"]
        self.free_after: int = tables["free_after"]
        self.words: list[str] = list(tables["words"])

    def __bool__(self) -> bool:
        return any(len(getattr(self, name)) for name in _TABLES)

    def __repr__(self) -> str:
        return "\n".join(["<Diff>", *(f"  {line}" for line in self.words or ["nothing has changed"])])

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{escape(line)}</li>" for line in self.words or ["nothing has changed"])
        details = "".join(
            f"<details{' open' if name == 'ptes' and len(table) <= _FEW else ''}>"
            f"<summary>{_TITLES.get(name, name)}: {words.plural(len(table), 'row')}</summary>"
            f"{table._repr_html_()}</details>"
            for name in _TABLES
            if len(table := getattr(self, name))
        )
        return f"<ul>{listed}</ul>{details}"


def diff(before: Kernel | Machine | MachineSnapshot, after: Kernel | Machine | MachineSnapshot) -> Diff:
    """Compare two states: what did it really change?

    Parameters
    ----------
    before, after : Kernel, Machine or Snapshot
        Live or saved; of the same kind and with the same size of RAM.

    Returns
    -------
    Diff
        Frames, PTEs, registers, processes and free list that changed, as tables and in words.

    Raises
    ------
    TypeError
        When they are not of one kind.
    ValueError
        When they have different sizes of RAM.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> before = kernel.snapshot()
    >>> child = kernel.spawn(code=hl.asm("li a7, 2; ecall"))
    >>> len(diff(before, kernel).ptes) > 0
    True
    """
    first, second = _saved("before", before), _saved("after", after)
    if type(first) is not type(second):
        raise TypeError("before and after must be of one kind: two kernels or two machines")
    if first.ram_size != second.ram_size:
        raise ValueError(f"before has {first.ram_size} bytes of RAM and after {second.ram_size}")
    if isinstance(first, _engine.SavedKernel) and isinstance(second, _engine.SavedKernel):
        return Diff(_engine.diff_kernels(first, second))
    return Diff(_engine.diff_machines(first, second))


def _saved(name: str, state: Any) -> Any:
    if isinstance(state, MachineSnapshot):
        return state._saved
    engine = getattr(state, "_engine", None)
    if not isinstance(engine, _engine.Kernel | _engine.Machine):
        raise TypeError(f"{name}={state!r} is neither a Kernel or Machine nor a snapshot of one")
    return engine.capture()
