"""What packets ask for, and the replies. A packet that makes no sense gets an error.

[Debugging with GDB, appendix E.2 "Packets", E.5 "General Query Packets"]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import documents, monitor, registers
from .motion import Continue, Motion, Step
from .packets import PACKET_SIZE
from .reversing import ContinueBack, StepBack
from .target import Watched

if TYPE_CHECKING:
    from .session import Session

_OK, _UNSUPPORTED = b"OK", b""
_MALFORMED, _ABSENT, _BUSY = b"E01", b"E0e", b"E10"  # EPERM, EFAULT, EBUSY
_FEATURES = (
    f"PacketSize={PACKET_SIZE:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;swbreak+;hwbreak+;"
    "vContSupported+;ReverseStep+;ReverseContinue+"
)
_MOST_BYTES = PACKET_SIZE // 2 - 8  # of memory or text in one packet
_LONGEST_WATCH = 1 << 30
_WATCHED: dict[str, Watched] = {"2": "watch", "3": "rwatch", "4": "awatch"}
_HEX = "([0-9a-fA-F]{1,16})"


class _MalformedError(Exception):
    """A packet that is not as the protocol has it."""


def answer(session: Session, packet: bytes) -> bytes | None:
    """Return the reply to a packet; None where it comes later, when the machine stops."""
    try:
        name, _, arguments = packet.partition(b":") if packet[:1] == b"X" else (packet, b"", b"")
        text = name.decode("ascii")
        if text[:1] == "X":
            return _write_binary(session, text[1:], arguments)
        command = _COMMANDS.get(text[:1])
        return _UNSUPPORTED if command is None else command(session, text[1:])
    except (_MalformedError, UnicodeDecodeError):
        return _MALFORMED
    except RuntimeError:  # somebody else makes the machine run, or has closed it
        return _BUSY


def _fields(pattern: str, text: str) -> tuple[str, ...]:
    """Take a packet's text apart; ``@`` in the pattern stands for a hexadecimal number."""
    found = re.fullmatch(pattern.replace("@", _HEX), text)
    if not found:
        raise _MalformedError
    return found.groups()


def _numbers(pattern: str, text: str) -> tuple[int, ...]:
    return tuple(int(field, 16) for field in _fields(pattern, text))


def _bytes(text: str) -> bytes:
    if not re.fullmatch("([0-9a-fA-F]{2})*", text):
        raise _MalformedError
    return bytes.fromhex(text)


# -- registers and memory ------------------------------------------------------------------------------------


def _word(value: int | None) -> bytes:
    """Return a register's value as it is sent; that of a register that is absent now is not known."""
    return b"x" * 16 if value is None else value.to_bytes(8, "little").hex().encode()


def _value(text: str) -> int:
    if len(raw := _bytes(text)) != 8:
        raise _MalformedError
    return int.from_bytes(raw, "little")


def _read_registers(session: Session, _: str) -> bytes:
    return b"".join(_word(registers.read(session.hart, number)) for number in range(registers.PC + 1))


def _write_registers(session: Session, text: str) -> bytes:
    values = [_value(text[at : at + 16]) for at in range(0, len(text), 16)]
    if len(values) != registers.PC + 1:
        raise _MalformedError
    written = [registers.write(session.hart, number, value) for number, value in enumerate(values)]
    return _OK if all(written) else _MALFORMED


def _read_register(session: Session, text: str) -> bytes:
    return _word(registers.read(session.hart, *_numbers("@", text)))


def _write_register(session: Session, text: str) -> bytes:
    number, value = _fields("@=(.*)", text)
    return _OK if registers.write(session.hart, int(number, 16), _value(value)) else _MALFORMED


def _read_memory(session: Session, text: str) -> bytes:
    address, size = _numbers("@,@", text)
    data = session.target.read(session.hart, address, min(size, _MOST_BYTES))
    return data.hex().encode() if data or not size else _ABSENT


def _write_memory(session: Session, text: str) -> bytes:
    address, size, data = _fields("@,@:(.*)", text)
    return _write(session, int(address, 16), int(size, 16), _bytes(data))


def _write_binary(session: Session, text: str, data: bytes) -> bytes:
    address, size = _numbers("@,@", text)
    return _write(session, address, size, data)


def _write(session: Session, address: int, size: int, data: bytes) -> bytes:
    if size != len(data):
        raise _MalformedError
    return _OK if session.target.write(session.hart, address, data) else _ABSENT


# -- breakpoints and watchpoints -----------------------------------------------------------------------------


def _insert(session: Session, text: str) -> bytes:
    kind, address, size = _stop(text)
    if kind in "01":
        session.target.insert_breakpoint(address)
    else:
        session.target.insert_watchpoint(_WATCHED[kind], address, size)
    return _OK


def _remove(session: Session, text: str) -> bytes:
    kind, address, size = _stop(text)
    if kind in "01":
        session.target.remove_breakpoint(address)
    else:
        session.target.remove_watchpoint(_WATCHED[kind], address, size)
    return _OK


def _stop(text: str) -> tuple[str, int, int]:
    kind, address, size = _fields("([0-4]),@,@", text)
    if not 1 <= int(size, 16) <= _LONGEST_WATCH:
        raise _MalformedError
    return kind, int(address, 16), int(size, 16)


# -- threads: harts, numbered from 1 -------------------------------------------------------------------------


def _thread(session: Session, text: str) -> int:
    """Return the number of the hart that a thread is; of all or any of them, the one that has stopped."""
    if text in ("0", "-1"):
        return session.stop.hart
    (thread,) = _numbers("@", text)
    if session.target.hart(thread - 1) is None:
        raise _MalformedError
    return thread - 1


def _select(session: Session, text: str) -> bytes:
    operation, thread = _fields("([gc])(.*)", text)
    session.selected[operation] = _thread(session, thread)
    return _OK


def _is_alive(session: Session, text: str) -> bytes:
    _thread(session, text)
    return _OK


# -- running -------------------------------------------------------------------------------------------------


def _step(session: Session, number: int, stay: range = range(0)) -> Motion:
    return Step(session.target, number, stay, session.enter_interrupts)


def _go(session: Session, text: str, motion: Callable[[], Motion]) -> None:
    if text:  # an address to go on at
        session.target.machine.harts[session.selected["c"]].pc = _numbers("@", text)[0] & ~1
    session.go(motion())


def _continue(session: Session, text: str) -> None:
    _go(session, text, lambda: Continue(session.target))


def _single_step(session: Session, text: str) -> None:
    _go(session, text, lambda: _step(session, session.selected["c"]))


def _without_signal(command: Callable[[Session, str], None]) -> Callable[[Session, str], None]:
    """Make a command of one that takes a signal as well, which means nothing to a hart."""
    return lambda session, text: command(session, re.sub("^[0-9a-fA-F]{1,2};?", "", text))


def _verbose(session: Session, text: str) -> bytes | None:
    if text == "Cont?":
        return b"vCont;c;C;s;S;r"
    if text.startswith("Cont;"):
        _resume(session, text[5:].split(";"))
        return None
    if text.startswith("Kill"):
        session.end("killed")
        return _OK
    return _UNSUPPORTED


def _resume(session: Session, actions: list[str]) -> None:
    """Do what ``vCont`` says: step if that is wanted of any hart, else run. The others keep their turns."""
    parsed = [_fields("(c|C..|s|S..|r@,@)(?::(.*))?", action) for action in actions]
    for action, start, end, thread in parsed:
        if action[0] in "sSr":
            stay = range(int(start, 16), int(end, 16)) if start else range(0)
            return session.go(_step(session, _thread(session, thread or "0"), stay))
    return session.go(Continue(session.target))


def _backwards(session: Session, text: str) -> None:
    (how,) = _fields("([cs])", text)
    session.go(ContinueBack(session.target) if how == "c" else StepBack(session.target))


# -- the session itself --------------------------------------------------------------------------------------


def _why(session: Session, _: str) -> bytes:
    return session.stop_reply()


def _detach(session: Session, _: str) -> bytes:
    session.end("detached")
    return _OK


def _kill(session: Session, _: str) -> None:
    session.end("killed")


def _query(session: Session, text: str) -> bytes:
    name, _, arguments = text.partition(":")
    if name == "Xfer":
        return documents.part(session, arguments, _MOST_BYTES)
    if name.startswith("Rcmd,"):
        said = monitor.execute(session, _bytes(text[5:]).decode("utf-8", "replace"))
        return said.encode("utf-8", "replace")[:_MOST_BYTES].hex().encode() or _OK
    if name.startswith("ThreadExtraInfo,"):
        hart = session.target.machine.harts[_thread(session, text[16:])]
        return documents.title(hart).encode().hex().encode()
    count = len(session.target.machine.harts)
    return {
        "Supported": _FEATURES.encode(),
        "Attached": b"1",
        "C": b"QC%x" % (session.selected["g"] + 1),
        "fThreadInfo": b"m" + b",".join(b"%x" % (number + 1) for number in range(count)),
        "sThreadInfo": b"l",
        "Symbol": _OK,
        "qemu.PhyMemMode": b"%d" % session.target.physical,
    }.get(name, _UNSUPPORTED)


def _set(session: Session, text: str) -> bytes:
    if text == "StartNoAckMode":
        session.acknowledge = False
        return _OK
    if text in ("qemu.PhyMemMode:0", "qemu.PhyMemMode:1"):
        session.target.physical = text.endswith("1")
        return _OK
    return _UNSUPPORTED


_COMMANDS: dict[str, Callable[[Session, str], bytes | None]] = {
    "?": _why,
    "b": _backwards,
    "c": _continue,
    "C": _without_signal(_continue),
    "D": _detach,
    "g": _read_registers,
    "G": _write_registers,
    "H": _select,
    "k": _kill,
    "m": _read_memory,
    "M": _write_memory,
    "p": _read_register,
    "P": _write_register,
    "q": _query,
    "Q": _set,
    "s": _single_step,
    "S": _without_signal(_single_step),
    "T": _is_alive,
    "v": _verbose,
    "z": _remove,
    "Z": _insert,
}
