"""Events in words, and lists of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _engine, words

_ARGUMENTS = {
    **dict.fromkeys(("fork", "getpid", "uptime"), 0),
    **dict.fromkeys(("exit", "wait", "pipe", "kill", "dup", "sleep", "close", "myalloc", "myfree"), 1),
    **dict.fromkeys(("exec", "fstat", "sbrk", "open"), 2),
    **dict.fromkeys(("read", "write"), 3),
}
_ACCESSES = {"fetch": "a fetch", "load": "a load", "store": "a store"}
_POINTER = 0b1110  # R, W and X are clear in a pointer to the next table

_FRAME_KINDS, _PTE_WRITE = (3, 4), 5  # kind_code of kalloc and kfree, and of pte_write

TLB_KINDS = ("tlb_fill", "tlb_flush")


def sentence(event: Any) -> str:
    """Say what happened: one row of the trace."""
    kind = str(event["kind"])
    va, pa, value, result = (int(event[name]) for name in ("va", "pa", "value", "result"))
    match kind:
        case "syscall":
            name = str(event["what"])
            given = ", ".join(_number(int(event[f"a{i}"])) for i in range(_ARGUMENTS.get(name, 3)))
            return f"calls {name}({given})"
        case "fault":
            outcome = "repaired" if result else "not repaired"
            return f"{event['what']} at {va:#x}: {outcome}"
        case "interrupt":
            return f"{event['what']}"
        case "kalloc":
            return f"kalloc() gives {pa:#x}" if pa else "kalloc() gives 0: no frame is left"
        case "kfree":
            return f"kfree({pa:#x})"
        case "pte_write":
            return _pte_write(va, value, result)
        case "context_switch":
            before = _signed(value)
            return "switch" + (f" from pid {before}" if before > 0 else "") + f" to pid {event['pid']}"
        case "tlb_fill":
            access = _ACCESSES.get(str(event["what"]), str(event["what"]))
            return f"the TLB learns page {va:#x} → {pa:#x}, for {access}"
        case "tlb_flush":
            which = "" if event["what"] == "all" else f" {event['what']}" + (f", {va:#x}" if va else "")
            return f"sfence.vma: the TLB is flushed{which}"
        case "exec":
            argc = _signed(result)
            return (
                f"exec succeeds: {value:#x} is next" if argc >= 0 else "exec fails: the old program goes on"
            )
        case "process_exit":
            return f"exits with status {_signed(value)}"
    return f"{kind} {event['what']}".strip()


def result(event: Any) -> str:
    """Say what a system call returns, which the event learns afterwards; empty for other events."""
    return f"it returns {_number(int(event['result']))}" if event["kind"] == "syscall" else ""


def row(number: int, event: Any) -> dict[str, Any]:
    """One line of a list of events."""
    return {
        "number": number,
        "kind": str(event["kind"]),
        "pid": int(event["pid"]),
        "time": int(event["time"]),
        "text": sentence(event),
    }


def of_frame(events: Any, pa: int) -> Any:
    """The numbers of the events of a frame: it is given out and given back, mapped and unmapped."""
    ppn = np.uint64(pa >> 12)
    taken, written = np.isin(events["kind_code"], _FRAME_KINDS), events["kind_code"] == _PTE_WRITE
    points = (events["value"] >> np.uint64(10) == ppn) | (events["result"] >> np.uint64(10) == ppn)
    return np.flatnonzero((taken & (events["pa"] == pa)) | (written & points))


def _pte_write(va: int, after: int, before: int) -> str:
    if not after & 1:
        return f"PTE of {va:#x}: cleared"
    target = f"{after >> 10 << 12:#x}"
    was_leaf = before & 1 and before & _POINTER
    if not after & _POINTER and not was_leaf and (after >> 10 != before >> 10 or not before & 1):
        return f"PTE on the way to {va:#x}: a table at {target}"
    flags = _engine.flag_string(after)
    if before & 1 and before >> 10 == after >> 10:
        return f"PTE of {va:#x}: {_engine.flag_string(before)} becomes {flags}"
    return f"PTE of {va:#x}: {target} {flags}"


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _number(number: int) -> str:
    signed = _signed(number)
    return str(signed) if abs(signed) < 4096 else f"{number:#x}"


def call(method: str, arguments: tuple[Any, ...]) -> str:
    """Say which call from Python it was during which an event was recorded."""
    from ..system_calls import NAMES

    match method:
        case "drive":
            pid, number, given = arguments
            name = NAMES.get(number, f"system call {number}")
            shown = ", ".join(_number(each) for each in given[: _ARGUMENTS.get(name, 3)])
            return f"pid {pid}: {name}({shown})"
        case "drive_exec":
            return f"pid {arguments[0]}: exec({arguments[1]!r})"
        case "spawn":
            return f"spawn({arguments[0]!r})"
        case "spawn_code":
            return f"spawn(code=...), {words.plural(len(arguments[0]), 'byte')}"
        case "user_load" | "user_store":
            return f"pid {arguments[0]}: {method.removeprefix('user_')} at {arguments[1]:#x}"
    shown = ", ".join(_number(each) for each in arguments)
    return f"kernel.call({', '.join(filter(None, [repr(method.removeprefix('fn_')), shown]))})"
