"""The function at an address, and the variables that are visible there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .c_types import CType
from .entries import children, inherited, number, text
from .loading import DebugInfo
from .locations import GONE, Frame, Place, evaluate, expression_at, place_of, read_place
from .ranges import ranges
from .values import Space, decode

_BLOCKS = ("DW_TAG_lexical_block", "DW_TAG_inlined_subroutine", "DW_TAG_try_block", "DW_TAG_catch_block")
_DEEPEST = 64
_MOST_LOCALS = 2000


@dataclass(frozen=True)
class Local:
    """A parameter or a local variable.

    Attributes
    ----------
    name : str
        As in the source.
    type : CType
        Its type.
    parameter : bool
        Whether it is one.
    function : str
        The function that it is of: an inlined one inside the present one has its own.
    line : int
        Where it is declared; 0 when it is not known.
    """

    name: str
    type: CType
    parameter: bool
    function: str
    line: int
    die: Any

    def __repr__(self) -> str:
        return f"<Local {self.name}: {self.type.name}, of {self.function}>"


class Scope:
    """The function at an address, with what is inlined there.

    Parameters
    ----------
    info : DebugInfo
        The file.
    pc : int
        The address.

    Attributes
    ----------
    functions : list of str
        Names, the innermost first: inlined ones, then the function whose code it is. Empty outside of any.
    entries : list of DIE
        Their entries.
    die : DIE or None
        The function's entry.
    """

    def __init__(self, info: DebugInfo, pc: int) -> None:
        self._info = info
        self.pc = pc
        self.die = info.function_at(pc)
        self._blocks = [] if self.die is None else [*_enclosing(info, self.die, pc)]
        self.entries = [
            each
            for each in reversed(self._blocks)
            if each.tag in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine")
        ]
        self.functions = [_name(each) for each in self.entries]

    def locals(self) -> list[Local]:
        """Parameters and variables that are visible here, the innermost block's first."""
        found: list[Local] = []
        function = ""
        for block in self._blocks:
            function = _name(block) or function
            here = []
            for die in children(block):
                if die.tag in ("DW_TAG_variable", "DW_TAG_formal_parameter") and len(found) < _MOST_LOCALS:
                    named, typed = inherited(die, "DW_AT_name"), inherited(die, "DW_AT_type")
                    type_ = None if typed is None else self._info.types.of(typed)
                    if named is None or type_ is None:
                        continue
                    line = inherited(die, "DW_AT_decl_line")
                    here.append(
                        Local(
                            text(named),
                            type_,
                            die.tag == "DW_TAG_formal_parameter",
                            function,
                            0 if line is None else number(line, "DW_AT_decl_line", 0),
                            die,
                        )
                    )
            found = here + found
        return found

    def place(self, local: Local, frame: Frame) -> Place:
        """Where a local variable is while the function is in that frame."""
        located = inherited(local.die, "DW_AT_location") or inherited(local.die, "DW_AT_const_value")
        if located is None:
            return GONE
        return place_of(self._info.dwarf, located, frame, lambda: self.frame_base(frame))

    def frame_base(self, frame: Frame) -> int | None:
        """What the function's variables on the stack are counted from. [DWARF 5, 3.3.5]"""
        if self.die is None:
            return None
        expression = expression_at(self._info.dwarf, self.die, "DW_AT_frame_base", frame.pc)
        if expression is None:
            return None
        place = evaluate(self._info.dwarf, self.die.cu, expression, frame)
        if place.kind == "register":
            return frame.register(place.number)
        return place.number if place.kind in ("memory", "value") else None

    def value(self, local: Local, frame: Frame, space: Space) -> Any:
        """The value of a local variable, as `decode` gives it.

        Returns
        -------
        value or Place
            The `Place`, of kind ``"gone"``, says why when there is no value.

        Raises
        ------
        LookupError
            When it is where there is no memory.
        """
        place = self.place(local, frame)
        raw = read_place(place, local.type.size, frame)
        if raw is None:
            return place if place.kind == "gone" else Place("gone", why=f"{place}, which was not saved")
        return decode(local.type, raw, space, place.number if place.kind == "memory" else None)


def _enclosing(info: DebugInfo, function: Any, pc: int) -> Iterator[Any]:
    """The function, and the blocks inside it that `pc` is in, from the outermost in."""
    die = function
    for _ in range(_DEEPEST):
        yield die
        die = next(
            (
                each
                for each in children(die)
                if each.tag in _BLOCKS and any(first <= pc < end for first, end in ranges(info.dwarf, each))
            ),
            None,
        )
        if die is None:
            return


def _name(die: Any) -> str:
    if die.tag not in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
        return ""
    named = inherited(die, "DW_AT_name")
    return "" if named is None else text(named)
