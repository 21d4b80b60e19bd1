"""The process table of a guest kernel, read through the fields that were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debug_info import Array, PointerType, Record, read
from ..debug_info.values import StructArray
from ..table import Table, as_table
from . import names
from .anatomy import Anatomy
from .rows import dtype_of

if TYPE_CHECKING:
    from ..board.guest_memory import GuestMemory

_MOST = 1 << 16  # slots
_SIGN, _WORD = 1 << 31, (1 << 64) - 1
# Columns of the kernel model that a guest has nothing for, and two that say for people what numbers mean.
_ABSENT = ("restart", "waits_in", "deadline", "done", "asid", "born")
_SAME = (
    *("slot", "address", "pid", "code", "state", "name", "sz", "pagetable", "trapframe", "kstack", "chan"),
    *("xstate", "killed", "hart"),
)
_MORE = [("waits_for", "<U32"), ("hart", "<i4"), ("address", "<u8")]


@dataclass
class Slot:
    """A slot of the process table; addresses are the kernel's own."""

    slot: int
    address: int
    state: str
    code: int
    pid: int
    parent: int = 0  # address
    name: str = ""
    sz: int = 0
    pagetable: int = 0
    trapframe: int = 0
    kstack: int = 0
    chan: int = 0
    xstate: int = 0
    killed: bool = False
    sp: int | None = None  # of its kernel stack, while it does not run
    roots: list[int] = field(default_factory=list)  # of further page tables
    pointers: list[int] = field(default_factory=list)  # whatever else it points to
    hart: int = -1

    @property
    def used(self) -> bool:
        """Whether there is a process in it."""
        return self.state not in names.UNUSED


def read_slots(anatomy: Anatomy, memory: GuestMemory) -> list[Slot]:
    """Read every slot. No rows when the table was not found or is not in memory."""
    if anatomy.processes is None or anatomy.process is None:
        return []
    slots = [_slot(anatomy, number, record) for number, record in _records(anatomy, memory)]
    for hart, process in _running(anatomy, memory):
        for each in slots:
            if each.address == process:
                each.hart = hart
    return slots


def _records(anatomy: Anatomy, memory: GuestMemory) -> list[tuple[int, Record]]:
    assert anatomy.processes is not None
    assert anatomy.process is not None
    plain = anatomy.processes.type.plain
    assert isinstance(plain, Array)
    count = plain.shape[0]
    if not 0 < count <= _MOST:
        return []
    try:
        table = read(memory, anatomy.processes.address, plain)
    except LookupError:
        return []
    if not anatomy.by_pointer:
        return [*enumerate(table)] if isinstance(table, StructArray) else []
    found = []
    for number, pointer in enumerate(table.tolist()):
        try:
            found += [(number, read(memory, pointer, anatomy.process))] if pointer else []
        except LookupError:
            continue
    return found


def _slot(anatomy: Anatomy, number: int, record: Record) -> Slot:
    def value(meaning: str, default: Any) -> Any:
        member = anatomy.fields.get(meaning)
        return default if member is None else record[member.name]

    def integer(meaning: str, default: int = 0) -> int:
        """A number, as the tables have it: 32 bits, whatever the kernel gives it."""
        found = value(meaning, default)
        return (int(found) + _SIGN) % (2 * _SIGN) - _SIGN if isinstance(found, int) else default

    def address(meaning: str) -> int:
        """An address or a size: 64 bits, though the kernel may call it signed."""
        found = value(meaning, 0)
        return int(found) & _WORD if isinstance(found, int) else 0

    code = integer("state", 1)
    state = anatomy.states.get(code, str(code)) if "state" in anatomy.fields else "USED"
    name = value("name", b"")
    context = value("context", None)
    sp = context["sp"] if isinstance(context, Record) and "sp" in context else None
    known = {member.name for member in anatomy.fields.values()}
    return Slot(
        slot=number,
        address=record.address or 0,
        state=state,
        code=code,
        pid=integer("pid", number),
        parent=address("parent"),
        name=name.decode("utf-8", "replace") if isinstance(name, bytes) else "",
        sz=address("sz"),
        pagetable=address("pagetable"),
        trapframe=address("trapframe"),
        kstack=address("kstack"),
        chan=address("chan"),
        xstate=integer("xstate"),
        killed=bool(address("killed")),
        sp=sp & _WORD if isinstance(sp, int) else None,
        roots=[int(record[member.name]) & _WORD for member in anatomy.roots],
        pointers=[
            int(record[member.name]) & _WORD
            for member in record.type.members
            if isinstance(member.type.plain, PointerType) and member.name and member.name not in known
        ],
    )


def _running(anatomy: Anatomy, memory: GuestMemory) -> list[tuple[int, int]]:
    """Which process each hart executes, by the kernel's own account: (hart, address of the process)."""
    if anatomy.cpus is None:
        return []
    try:
        cpus = read(memory, anatomy.cpus.address, anatomy.cpus.type)
    except LookupError:
        return []
    if isinstance(cpus, Record):
        cpus = [cpus]
    if not isinstance(cpus, (StructArray, list)):
        return []
    running = [name for name in ("proc", "process", "current") if len(cpus) and name in cpus[0]]
    values = [cpu[running[0]] for cpu in cpus] if running else []
    return [(hart, int(value)) for hart, value in enumerate(values) if isinstance(value, int) and value]


def table(
    slots: list[Slot], pages: Callable[[Slot], tuple[int, int]], name_at: Callable[[int], str | None]
) -> Table:
    """Make rows of slots; `pages` counts the user pages and the page-table pages of one."""
    model = dtype_of("processes")
    kinds: list[tuple[str, Any]] = [(name, model[name]) for name in model.names or () if name not in _ABSENT]
    rows = np.zeros(len(slots), np.dtype([*kinds, *_MORE]))
    pids = {each.address: each.pid for each in slots}
    for row, each in zip(rows, slots, strict=True):
        for column in _SAME:
            row[column] = getattr(each, column)
        row["current"] = each.hart >= 0
        row["parent"] = pids.get(each.parent, -1) if each.parent else 0
        row["pages"], row["tables"] = pages(each)
        row["waits_for"] = (name_at(each.chan) or hex(each.chan)) if each.chan else ""
    return as_table(rows)
