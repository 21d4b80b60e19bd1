"""The processes that a process has begun, by what the kernel of the computer says of them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The children that its first thread has begun and has not waited for; none when it is gone."""
    with suppress(OSError, ValueError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def kill_with_descendants(pid: int) -> None:
    """Kill a process and what it has begun; it is stopped first, so that it begins no more meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        begun = children_of(pid)
        os.kill(pid, signal.SIGKILL)
        for child in begun:
            kill_with_descendants(child)
