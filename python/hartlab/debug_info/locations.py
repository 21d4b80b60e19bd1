"""Where a variable is: DWARF's expressions, for globals and for what lives in a frame. [DWARF 5, 2.5, 2.6]

`evaluate` runs an expression on a small stack machine, in a bounded number of steps. What it needs of a
stopped function it asks of a `Frame`, which the caller makes: registers, the canonical frame address, memory.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import DebugInfoError
from .dtypes import MOST_BYTES
from .entries import damaged
from .ranges import base_address

_MOST_STEPS = 10_000
_MOST_ELSEWHERE = 1 << 16  # bytes of a value that is not in memory
_WORD = (1 << 64) - 1


@dataclass
class Frame:
    """What an expression may ask of a function that has been stopped.

    Attributes
    ----------
    pc : int
        Where it is: for a caller, the address of its call.
    register : callable
        The value of an integer register by its number, 0 to 31, or of a floating-point one, 32 to 63, as the
        function had it; None when it is not known.
    memory : callable
        ``memory(address, size)`` gives bytes; LookupError where there are none.
    cfa : callable
        The canonical frame address: the value of sp before the call; None when it is not known.
    """

    pc: int
    register: Callable[[int], int | None]
    memory: Callable[[int, int], bytes]
    cfa: Callable[[], int | None] = lambda: None


@dataclass(frozen=True)
class Place:
    """Where a value is: in memory, in a register, nowhere but known, in pieces, or gone.

    Attributes
    ----------
    kind : str
        ``"memory"``, ``"register"``, ``"value"``, ``"bytes"``, ``"pieces"`` or ``"gone"`` (optimised away).
    number : int
        The address, the register, or the value.
    bytes : bytes
        Of an implicit value.
    pieces : tuple of (Place, int)
        Parts, one behind the other, with their sizes.
    why : str
        Of what is gone: the reason, in words.
    """

    kind: str
    number: int = 0
    bytes: bytes = b""
    pieces: tuple[tuple[Place, int], ...] = field(default=())
    why: str = ""

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        if self.kind == "memory":
            return f"at {self.number:#x}"
        if self.kind == "register":
            return f"in {register_name(self.number)}"
        return {"value": "calculated", "bytes": "a constant", "pieces": "in several places"}.get(
            self.kind, self.why or "optimised away"
        )


GONE = Place("gone", why="optimised away")


def register_name(number: int) -> str:
    """The name of a register by DWARF's number. [RISC-V DWARF specification]"""
    from ..registers import F_NAMES, X_NAMES

    return X_NAMES[number] if number < 32 else F_NAMES[number - 32] if number < 64 else f"register {number}"


def constant_address(dwarf: Any, die: Any) -> int | None:
    """The address of a variable that has one for ever; None for any other place."""
    attribute = die.attributes.get("DW_AT_location")
    if attribute is None or not isinstance(attribute.value, list):
        return None
    place = evaluate(dwarf, die.cu, attribute.value, None)
    return place.number if place.kind == "memory" else None


def place_of(dwarf: Any, die: Any, frame: Frame, frame_base: Callable[[], int | None]) -> Place:
    """Where the variable that an entry describes is while the function is at ``frame.pc``."""
    constant = die.attributes.get("DW_AT_const_value")
    if constant is not None:
        value = constant.value
        return (
            Place("bytes", bytes=bytes(value))
            if isinstance(value, (bytes, list))
            else Place("value", int(value) & _WORD)
        )
    expression = expression_at(dwarf, die, "DW_AT_location", frame.pc)
    return GONE if expression is None else evaluate(dwarf, die.cu, expression, frame, frame_base)


def expression_at(dwarf: Any, die: Any, attribute: str, pc: int) -> Any:
    """The expression that holds at `pc`, out of a list of them if there is one; None when none does."""
    found = die.attributes.get(attribute)
    if found is None:
        return None
    if isinstance(found.value, list):
        return found.value
    try:
        return _from_list(dwarf, die, found, pc)
    except Exception as error:
        raise damaged(f"the list of locations of the entry at {die.offset:#x}", error) from error


def _from_list(dwarf: Any, die: Any, attribute: Any, pc: int) -> Any:
    lists = dwarf.location_lists()
    if lists is None:
        return None
    version = int(die.cu["version"])
    offset = attribute.value
    base = base_address(die.cu)
    default = None
    for entry in lists.get_location_list_at_offset(offset, die=die):
        kind = type(entry).__name__
        if kind == "BaseAddressEntry":
            base = int(entry.base_address)
        elif kind == "LocationEntry":
            start = 0 if getattr(entry, "is_absolute", False) else base
            if version >= 5 and entry.begin_offset == -1:
                default = entry.loc_expr
            elif start + entry.begin_offset <= pc < start + entry.end_offset:
                return entry.loc_expr
    return default


def read_place(place: Place, size: int, frame: Frame) -> bytes | None:
    """The bytes at a place; None when they are gone.

    Raises
    ------
    LookupError
        When it is where there is no memory.
    DebugInfoError
        When the file says that it has more bytes than a value may have.
    """
    most = MOST_BYTES if place.kind == "memory" else _MOST_ELSEWHERE
    if size > most:
        raise DebugInfoError(f"{size:,} bytes {place}; at most {most:,} make a value there")
    if place.kind == "memory":
        return frame.memory(place.number, size)
    if place.kind == "register":
        value = frame.register(place.number)
        return None if value is None else _cut((value & _WORD).to_bytes(8, "little"), size)
    if place.kind == "value":
        return _cut((place.number & _WORD).to_bytes(8, "little"), size)
    if place.kind == "bytes":
        return _cut(place.bytes, size)
    if place.kind == "pieces":
        parts = [read_place(part, length, frame) for part, length in place.pieces]
        return None if None in parts else _cut(b"".join(each for each in parts if each is not None), size)
    return None


def _cut(raw: bytes, size: int) -> bytes:
    return raw[:size].ljust(size, b"\0")


class _Unknown(Exception):  # noqa: N818 - no error, but an answer
    """The expression asks for something that is not known any more."""


def evaluate(
    dwarf: Any,
    unit: Any,
    expression: Any,
    frame: Frame | None,
    frame_base: Callable[[], int | None] = lambda: None,
) -> Place:
    """Find the place that an expression describes.

    Parameters
    ----------
    dwarf : DWARFInfo
        The file.
    unit : CompileUnit
        The unit that the expression is in.
    expression : sequence of int
        Its bytes.
    frame : Frame or None
        The function; None for a variable that needs none.
    frame_base : callable
        What DW_OP_fbreg counts from.

    Returns
    -------
    Place
        Gone when it uses what is not known: a register that was not saved, or an operation of another
        machine or language.
    """
    from elftools.dwarf.dwarf_expr import DWARFExprParser

    try:
        steps = DWARFExprParser(unit.structs).parse_expr(expression)
    except Exception:  # an operation that pyelftools does not know, or bytes that end too early
        return Place("gone", why="in a place that this version cannot follow")
    machine = _Machine(dwarf, unit, frame, frame_base)
    try:
        return machine.run(steps)
    except _Unknown as error:
        return Place("gone", why=str(error) or "optimised away")
    except (IndexError, LookupError):
        return Place("gone", why="at a place that its description does not lead to")


class _Machine:
    def __init__(
        self, dwarf: Any, unit: Any, frame: Frame | None, frame_base: Callable[[], int | None]
    ) -> None:
        self._dwarf = dwarf
        self._unit = unit
        self._frame = frame
        self._frame_base = frame_base
        self._stack: list[int] = []
        self._pieces: list[tuple[Place, int]] = []
        self._place: Place | None = None  # what is not an address on the stack

    def run(self, steps: Any) -> Place:
        at = {step.offset: number for number, step in enumerate(steps)}
        number = count = 0
        while number < len(steps):
            count += 1
            if count > _MOST_STEPS:
                raise _Unknown("at a place whose description does not end")
            step = steps[number]
            number += 1
            name, arguments = step.op_name, step.args
            if name in ("DW_OP_skip", "DW_OP_bra"):
                if name == "DW_OP_skip" or self._pop():
                    number = at.get(step.offset + 3 + arguments[0], len(steps))
                continue
            self._step(name, arguments)
        if self._pieces:
            return Place("pieces", pieces=tuple(self._pieces))
        return self._top()

    def _top(self) -> Place:
        if self._place is not None:
            return self._place
        return Place("memory", self._stack[-1]) if self._stack else GONE

    def _step(self, name: str, arguments: Any) -> None:
        short = name.removeprefix("DW_OP_")
        if short == "addr":
            self._push(arguments[0])
        elif short in ("addrx", "constx", "GNU_addr_index", "GNU_const_index"):
            self._push(self._indexed(arguments[0]))
        elif short.startswith("lit"):
            self._push(int(short[3:]))
        elif short.startswith("const"):
            self._push(arguments[0])
        elif short == "fbreg":
            self._push(self._known(self._frame_base()) + arguments[0])
        elif short == "call_frame_cfa":
            self._push(self._known(self._need().cfa()))
        elif short == "bregx":
            self._push(self._register(arguments[0]) + arguments[1])
        elif short.startswith("breg"):
            self._push(self._register(int(short[4:])) + arguments[0])
        elif short == "regx" or (short.startswith("reg") and short[3:].isdigit()):
            self._place = Place("register", arguments[0] if short == "regx" else int(short[3:]))
        elif short == "stack_value":
            self._place = Place("value", self._pop())
        elif short == "implicit_value":
            self._place = Place("bytes", bytes=bytes(arguments[0]))
        elif short == "piece":
            self._pieces.append((self._top(), min(arguments[0], 1 << 20)))
            self._place, self._stack = None, []
        elif short in ("deref", "deref_size"):
            self._dereference(8 if short == "deref" else arguments[0])
        elif short in _STACK:
            _STACK[short](self._stack, *arguments)
        elif short in _UNARY:
            self._push(_UNARY[short](self._pop(), *arguments))
        elif short in _BINARY:
            right, left = self._pop(), self._pop()
            self._push(_BINARY[short](left, right))
        elif short != "nop":
            raise _Unknown(_WHY.get(short, ""))

    def _push(self, value: int) -> None:
        self._stack.append(value & _WORD)
        if len(self._stack) > 1024:
            raise _Unknown("at a place whose description does not end")

    def _pop(self) -> int:
        return self._stack.pop()

    def _indexed(self, index: int) -> int:
        try:
            return int(self._dwarf.get_addr(self._unit, index))
        except Exception as error:  # pyelftools raises what its parts raise
            raise _Unknown("at an address that the file does not have") from error

    def _need(self) -> Frame:
        if self._frame is None:
            raise _Unknown("a local variable")
        return self._frame

    def _known(self, value: int | None) -> int:
        if value is None:
            raise _Unknown("in a frame that is not known")
        return value

    def _register(self, number: int) -> int:
        value = self._need().register(number)
        if value is None:
            raise _Unknown(f"in terms of {register_name(number)}, which was not saved")
        return value

    def _dereference(self, size: int) -> None:
        if not 1 <= size <= 8:
            raise _Unknown()
        self._push(int.from_bytes(self._need().memory(self._pop(), size), "little"))


_WHY = {
    "entry_value": "optimised away: it was an argument, which the function has used up",
    "GNU_entry_value": "optimised away: it was an argument, which the function has used up",
    "implicit_pointer": "optimised away: a pointer to what is in a register",
    "GNU_implicit_pointer": "optimised away: a pointer to what is in a register",
}


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _divided(left: int, right: int) -> int:
    if right == 0:
        raise _Unknown()
    quotient = abs(_signed(left)) // abs(_signed(right))
    return quotient if (_signed(left) < 0) == (_signed(right) < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise _Unknown()
    return left % right


def _compared(compare: Callable[[int, int], bool]) -> Callable[[int, int], int]:
    return lambda left, right: int(compare(_signed(left), _signed(right)))


_UNARY: dict[str, Callable[..., int]] = {
    "abs": lambda value: abs(_signed(value)),
    "neg": operator.neg,
    "not": operator.invert,
    "plus_uconst": operator.add,
}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "plus": operator.add,
    "minus": operator.sub,
    "mul": operator.mul,
    "div": _divided,
    "mod": _remainder,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "shl": lambda value, by: value << by if by < 64 else 0,
    "shr": lambda value, by: value >> by if by < 64 else 0,
    "shra": lambda value, by: _signed(value) >> min(by, 63),
    "eq": _compared(operator.eq),
    "ne": _compared(operator.ne),
    "lt": _compared(operator.lt),
    "le": _compared(operator.le),
    "gt": _compared(operator.gt),
    "ge": _compared(operator.ge),
}
_STACK: dict[str, Callable[..., None]] = {
    "dup": lambda stack: stack.append(stack[-1]),
    "drop": lambda stack: stack.pop(),
    "over": lambda stack: stack.append(stack[-2]),
    "pick": lambda stack, index: stack.append(stack[-1 - index]),
    "swap": lambda stack: stack.append(stack.pop(-2)),
    "rot": lambda stack: stack.insert(-2, stack.pop()),
}
