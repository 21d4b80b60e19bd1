"""What the events of a trace are called, and how they are drawn."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from . import palette
from .lettering import printable
from .sources import Array

KINDS: Final = ("syscall", "fault", "interrupt", "context_switch", "exec", "process_exit")
SIGNS: Final = {  # a sign and a colour for each kind, and what it is called
    "syscall": ("o", palette.BLUE, "system call"),
    "fault": ("^", palette.VERMILION, "fault"),
    "interrupt": ("s", palette.ORANGE, "interrupt"),
    "context_switch": ("D", palette.PURPLE, "switch"),
    "exec": ("P", palette.GREEN, "exec"),
    "process_exit": ("X", "ink", "exit"),
}
_MACHINE = (3, 7, 11)  # interrupts that go to M-mode [priv table 3.6]


def in_machine_mode(events: Array) -> Array:
    """Which of the events are traps to M-mode."""
    number = events["code"] & np.uint64(0xFF)
    interrupt = (events["kind"] == "interrupt") & (events["code"] >> np.uint64(63) == 1)
    return np.asarray(interrupt & np.isin(number, _MACHINE))


def label(event: Any) -> str:
    """What happened, in a word or a few."""
    kind, what = str(event["kind"]), printable(event["what"], 26)
    if kind == "context_switch":
        return f"to pid {event['pid']}" if event["pid"] > 0 else "to nobody"
    if kind == "process_exit":
        return f"exit, status {np.int64(event['value'])}"
    if kind == "exec":
        return "exec" if np.int64(event["result"]) >= 0 else "exec fails"
    return what or kind
