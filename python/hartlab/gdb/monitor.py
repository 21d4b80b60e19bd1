"""What ``monitor`` in GDB understands: questions that registers and memory do not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import words

if TYPE_CHECKING:
    from .session import Session

_SUM, _MXR = 1 << 18, 1 << 19  # [priv 4.1.1.2]


def execute(session: Session, line: str) -> str:
    """Do what a line says, and return what is to be printed."""
    name, *arguments = line.split() or ["help"]
    command = _COMMANDS.get(name)
    if command is None:
        return f"there is no command {name!r}; monitor help lists them\n"
    try:
        return command(session, *arguments) + "\n"
    except TypeError:
        return f"monitor {_usage(name)}\n"
    except (ValueError, KeyError) as error:
        return f"{error.args[0]}\n"


def _usage(name: str) -> str:
    doc = _COMMANDS[name].__doc__ or ""
    return doc.partition(":")[0]


def _help(_: Session) -> str:
    """help: this list"""
    usages = [(command.__doc__ or "").partition(": ")[::2] for command in _COMMANDS.values()]
    width = max(len(usage) for usage, _ in usages)
    return "\n".join(f"{usage:<{width}}  {what}" for usage, what in usages)


def _time(session: Session) -> str:
    """time: instructions, the clock, and what each hart is doing"""
    machine = session.target.machine
    lines = [f"{machine.instructions:,} instructions; mtime {machine.hart.time:,}"]
    lines += (f"hart {number}: {hart._summary()[7:-1]}" for number, hart in enumerate(machine.harts))
    return "\n".join(lines)


def _walk(session: Session, where: str, access: str = "load") -> str:
    """walk ADDRESS [load|store|fetch]: the page-table walk of an address or symbol"""
    table = session.hart.page_table
    if table is None:
        return "satp says that nothing is translated"
    status = session.hart.csrs["sstatus"]
    return repr(
        table.walk(
            _address(session, where),
            access,
            privilege="U" if session.hart.privilege == "U" else "S",
            sum=bool(status & _SUM),
            mxr=bool(status & _MXR),
        )
    )


def _where(session: Session, where: str) -> str:
    """where ADDRESS: its symbol, and the physical address behind it"""
    address = _address(session, where)
    symbol = session.target.machine._symbols.at(address)
    table = session.hart.page_table
    pa = address if table is None or session.hart.privilege == "M" else table.translate(address)
    return f"{address:#x}: {symbol or 'no symbol'}, " + ("not mapped" if pa is None else f"physical {pa:#x}")


def _trap(session: Session) -> str:
    """trap: the trap that the hart took last"""
    trap = session.hart.last_trap()
    modes = f"from {trap['from']}- to {trap['to']}-mode"
    return f"{trap['words']}, {modes}, epc {trap['epc']:#x}, tval {trap['tval']:#x}"


def _memory(session: Session, which: str) -> str:
    """memory virtual|physical: what the addresses of memory mean to GDB"""
    session.target.physical = _choice(which, "virtual", "physical") == "physical"
    return f"addresses are {which}"


def _interrupts(session: Session, what: str) -> str:
    """interrupts pass|enter: whether steps run an interrupt's handler to its end, or go into it"""
    session.enter_interrupts = _choice(what, "pass", "enter") == "enter"
    return f"steps {'go into' if what == 'enter' else 'pass over'} interrupts"


def _history(session: Session) -> str:
    """history: how far back the machine can go"""
    return f"{words.plural(session.target.machine._history.length(), 'instruction')} on record"


def _console(session: Session) -> str:
    """console: what the guest has printed last"""
    return str(session.target.machine.console._transcript.last(2000))


def _reset(session: Session) -> str:
    """reset: start the board again; then 'maint flush register-cache', as GDB does not know"""
    session.target.machine.reset()
    return "reset"


def _choice(given: str, *choices: str) -> str:
    if given not in choices:
        raise ValueError(f"{given!r} is none of {', '.join(choices)}")
    return given


def _address(session: Session, text: str) -> int:
    try:
        return int(text, 0) % (1 << 64)
    except ValueError:
        return int(session.target.machine.breakpoints.address(text))


_COMMANDS: dict[str, Callable[..., str]] = {
    "help": _help,
    "time": _time,
    "walk": _walk,
    "where": _where,
    "trap": _trap,
    "memory": _memory,
    "interrupts": _interrupts,
    "history": _history,
    "console": _console,
    "reset": _reset,
}
