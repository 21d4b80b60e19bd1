"""From a function to its caller: by what the compiler says of its stack frames, or by frame pointers.

[DWARF 5, 6.4 "Call Frame Information"; RISC-V ELF psABI, "Frame Pointer Convention"]
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..debug_info import Frame, evaluate
from ..debug_info.entries import damaged
from ..debug_info.loading import DebugInfo

RA, SP, FP = 1, 2, 8
_WORD = (1 << 64) - 1
# What a function leaves to its caller as it was, when nothing is said of it: gp, tp, s0 to s11, fs0 to fs11.
_PRESERVED = (3, 4, 8, 9, *range(18, 28), *(32 + number for number in (8, 9, *range(18, 28))))
_MOST_BYTES = 1 << 24  # of a section of frames

Registers = dict[int, int | None]  # by DWARF's numbers; None: not known any more
Memory = Callable[[int, int], bytes]  # LookupError where there is none


class UnwindError(Exception):
    """There is no caller to be found; the message says why."""


@dataclass
class Caller:
    """Where a function returns to, and the registers as they will be then."""

    pc: int
    registers: Registers
    cfa: int  # the callee's canonical frame address: sp before the call


@dataclass(frozen=True)
class _Function:
    start: int
    end: int
    entry: Any = field(compare=False)


class FrameTable:
    """The stack frames of the functions of a file."""

    def __init__(self, info: DebugInfo) -> None:
        self._info = info
        try:
            self._functions = sorted(_functions(info.dwarf), key=lambda each: each.start)
        except Exception as error:
            raise damaged("the description of stack frames", error) from error
        self._starts = [each.start for each in self._functions]

    def caller(self, pc: int, at: int, registers: Registers, memory: Memory) -> Caller | None:
        """Undo a function's frame; None when the file says nothing of the function.

        Parameters
        ----------
        pc : int
            An address inside the function.
        at : int
            The address whose row of the table counts: of a caller, inside its call.
        registers : dict
            As the function has them.
        memory : callable
            Reads the stack.

        Raises
        ------
        UnwindError
            When the caller cannot be found.
        """
        index = bisect.bisect_right(self._starts, at) - 1
        if index < 0 or at >= self._functions[index].end:
            return None
        try:
            table = self._functions[index].entry.get_decoded().table
        except Exception as error:
            raise UnwindError("the description of its stack frame is damaged") from error
        row = next((each for each in reversed(table) if each["pc"] <= at), None)
        if row is None:
            return None
        frame = Frame(pc, registers.get, memory)
        cfa = self._cfa(row["cfa"], registers, frame)
        before: Registers = {number: registers.get(number) for number in (RA, *_PRESERVED)}
        before[SP] = cfa
        for number, rule in row.items():
            if isinstance(number, int):
                before[number] = self._saved(rule, number, cfa, registers, frame)
        return_address = before[RA]
        if return_address is None:
            raise UnwindError("its return address was not saved")
        return Caller(return_address, before, cfa)

    def _cfa(self, rule: Any, registers: Registers, frame: Frame) -> int:
        if rule.expr is not None:
            return self._evaluated(rule.expr, frame)
        base = registers.get(rule.reg)
        if base is None:
            raise UnwindError("where its stack frame is, is not known")
        return int(base + rule.offset) & _WORD

    def _saved(self, rule: Any, number: int, cfa: int, registers: Registers, frame: Frame) -> int | None:
        """What a register was in the caller. [DWARF 5, 6.4.1]"""
        if rule.type == "OFFSET":
            return _load(frame.memory, cfa + rule.arg)
        if rule.type == "VAL_OFFSET":
            return int(cfa + rule.arg) & _WORD
        if rule.type == "SAME_VALUE":
            return registers.get(number)
        if rule.type == "REGISTER":
            return registers.get(rule.arg)
        if rule.type == "EXPRESSION":
            return _load(frame.memory, self._evaluated(rule.arg, frame))
        return None

    def _evaluated(self, expression: Any, frame: Frame) -> int:
        place = evaluate(self._info.dwarf, self._info.catalogue.units[0], expression, frame)
        if place.kind != "memory":
            raise UnwindError("where its stack frame is, cannot be calculated")
        return place.number


def caller_at_entry(registers: Registers) -> Caller:
    """The caller of a function that has not executed anything yet."""
    return_address, sp = registers.get(RA), registers.get(SP)
    if return_address is None or sp is None:
        raise UnwindError("its return address is not known")
    return Caller(return_address, dict(registers), sp)


def caller_by_frame_pointer(registers: Registers, memory: Memory) -> Caller:
    """The caller of a function that keeps s0 as compilers do: ra and the caller's s0 lie below it."""
    fp, sp = registers.get(FP), registers.get(SP)
    if not fp or fp % 8 or (sp is not None and not sp < fp <= sp + (1 << 20)):
        raise UnwindError("nothing is said of its stack frame, and s0 points to none")
    return_address, saved = _load(memory, fp - 8), _load(memory, fp - 16)
    return Caller(return_address, {RA: return_address, SP: fp, FP: saved}, fp)


def _load(memory: Memory, address: int) -> int:
    address &= _WORD
    try:
        return int.from_bytes(memory(address, 8), "little")
    except LookupError:
        raise UnwindError(f"its stack frame is at {address:#x}, where there is no memory") from None


def _functions(dwarf: Any) -> list[_Function]:
    found = []
    for present, section, entries in (
        (dwarf.has_CFI(), dwarf.debug_frame_sec, dwarf.CFI_entries),
        (dwarf.has_EH_CFI(), dwarf.eh_frame_sec, dwarf.EH_CFI_entries),
    ):
        if not present:
            continue
        if section.size > _MOST_BYTES:
            raise ValueError(f"{section.size:,} bytes; at most {_MOST_BYTES:,} are read")
        for entry in entries():
            if type(entry).__name__ == "FDE":
                start = int(entry.header["initial_location"])
                found.append(_Function(start, start + int(entry.header["address_range"]), entry))
    return [each for each in found if each.start]
