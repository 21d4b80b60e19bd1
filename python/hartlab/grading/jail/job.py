"""What is done in a jail, and how the process is started that does it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import bubblewrap, group, landlock, rules
from .limits import Limits
from .places import INSIDE, PYTHON, python_places


@dataclass(frozen=True)
class Job:
    """What a process in a jail does.

    Attributes
    ----------
    kind : str
        ``"player"`` or ``"compiler"``: which system calls it needs.
    limits : Limits
        What it may use.
    command : sequence of str
        What to execute; empty for a program in Python that is handed over in `bundle`.
    readable : sequence of path
        What it may read, beside the interpreter if it is a player.
    writable : path or None
        The one folder that it may write to.
    environment : mapping
        All of its environment.
    bundle, channel : int
        Descriptors that it inherits: the player's program, and its end of the conversation.
    """

    kind: str
    limits: Limits
    command: Sequence[str] = ()
    readable: Sequence[Path] = ()
    writable: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    bundle: int = -1
    channel: int = -1


class Jailed:
    """A process in a jail; at the end of a ``with`` block it and all that it began are gone."""

    def __init__(self, level: str, job: Job, **streams: Any) -> None:
        self._resources = ExitStack()
        with ExitStack() as undo:
            undo.push(self._resources)
            self.process = self._started(level, job, streams)
            self._resources.callback(self._end)
            undo.pop_all()

    def _started(self, level: str, job: Job, streams: dict[str, Any]) -> subprocess.Popen[bytes]:
        places = [*python_places(), *job.readable]
        fds = [fd for fd in (job.bundle, job.channel) if fd >= 0]
        ruleset = None
        if level != "limits":
            ruleset = self._resources.enter_context(
                landlock.ruleset(places, job.writable, job.kind == "compiler")
            )
            fds.append(ruleset)
        filter_ = rules.program(job.kind) if level != "limits" else None
        order = {
            "command": list(job.command),
            "limits": job.limits.listed(),
            "landlock": ruleset,
            "seccomp": filter_.hex() if filter_ else "",
            "bundle": job.bundle,
            "channel": job.channel,
        }
        argv = [
            str(PYTHON),
            "-S",
            "-s",
            "-P",
            "-B",
            "-X",
            "utf8",
            "-c",
            INSIDE.read_text("utf-8"),
            json.dumps(order),
        ]
        if level == "namespaces":
            argv = [*bubblewrap.command(places, job.writable, job.kind == "compiler"), *argv]
        if members := self._resources.enter_context(group.memory(job.limits.memory)):
            argv = [*group.joining(members), *argv]
        return subprocess.Popen(
            argv,
            env={"PYTHONHASHSEED": "0", **job.environment},
            cwd="/",
            pass_fds=fds,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            **streams,
        )

    def _end(self) -> None:
        if self.process.returncode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self.process.kill()
            self.process.wait()

    def __enter__(self) -> Jailed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._resources.close()
