"""How well a submission is held on this computer: found out by attacking, from inside, what shall hold it."""

from __future__ import annotations

import functools
import json
import marshal
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from . import bubblewrap, landlock
from .job import Jailed, Job
from .limits import COMPILER, PLAYER

LEVELS = ("limits", "landlock", "namespaces")

# What has to fail at a level, beside all that has to fail at those before it.
_LIMITS = ("find the environment", "find a descriptor", "take much memory", "compute without end")
_ACCESS = (
    *("read a secret", "write beside it", "read another process", "open a connection", "make a socket"),
    *("signal another process", "trace another process", "begin a process"),
)
_SIGHT = ("see a secret is there", "see another process")
REFUSED = {"limits": _LIMITS, "landlock": _LIMITS + _ACCESS, "namespaces": _LIMITS + _ACCESS + _SIGHT}
# A compiler starts parts of itself.
_COMPILERS_MAY = ("begin a process",)
_PATIENCE = 20.0  # seconds for an answer


@dataclass(frozen=True)
class Isolation:
    """What holds submissions on this computer.

    Attributes
    ----------
    level : str
        ``"limits"``, ``"landlock"`` or ``"namespaces"``, the strongest whose promises were kept.
    attacks : dict
        For each attack, whether it succeeded at that level.
    """

    level: str
    attacks: dict[str, bool]

    def __str__(self) -> str:
        stopped = [name for name, done in self.attacks.items() if not done]
        others = [name for name, done in self.attacks.items() if done]
        lines = [f"isolation: {self.level}"]
        for what, names in (("stopped", stopped), ("NOT STOPPED", others)):
            if names:
                lines += wrap(
                    f"{what}: {', '.join(names)}", 80, initial_indent="  ", subsequent_indent="    "
                )
        return "\n".join(lines)


@functools.cache
def isolation(at_most: str = LEVELS[-1]) -> Isolation:
    """Find the strongest level that this computer reaches, `at_most` that one.

    Raises
    ------
    RuntimeError
        When not even resource limits hold.
    """
    for level in reversed(LEVELS[: LEVELS.index(at_most) + 1]):
        found = attacked(level)
        if found is not None and not any(found[name] for name in REFUSED[level]):
            return Isolation(level, found)
    raise RuntimeError("this computer does not keep resource limits: submissions cannot be graded here")


def attacked(level: str) -> dict[str, bool] | None:
    """Attack a level from a player and from a compiler: what succeeded; None where it is not to be had."""
    if level != "limits" and not landlock.supported():
        return None
    if level == "namespaces" and bubblewrap.executable() is None:
        return None
    with suppress(OSError, ValueError), _victim() as victim:
        player = _attacks("player", level, victim)
        compiler = _attacks("compiler", level, victim)
        return {name: player[name] or (compiler[name] and name not in _COMPILERS_MAY) for name in player}
    return None


def _attacks(kind: str, level: str, victim: dict[str, object]) -> dict[str, bool]:
    limits = PLAYER if kind == "player" else COMPILER
    victim = {**victim, "memory": limits.memory + (1 << 20)}
    with program(Path(__file__).with_name("attack.py")) as bundle, channel() as (ours, theirs):
        job = Job(kind, limits, bundle=bundle, channel=theirs.fileno())
        with Jailed(level, job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            theirs.close()
            ours.settimeout(_PATIENCE)
            ours.sendall(json.dumps(victim).encode())
            answer = json.loads(ours.recv(65536))
    return {str(name): bool(done) for name, done in answer.items()}


@contextmanager
def program(*files: Path, **modules: object) -> Iterator[int]:
    """Give a descriptor of a program in Python, compiled: what a jail begins with, and modules by name."""
    text = "\n".join(path.read_text("utf-8") for path in files)
    code = {"begin": compile(text, str(files[0]), "exec"), **modules}
    with tempfile.TemporaryFile() as file:
        file.write(marshal.dumps(code))
        file.seek(0)
        yield file.fileno()


@contextmanager
def channel() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give two ends of a conversation."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@contextmanager
def _victim() -> Iterator[dict[str, object]]:
    variable = f"HARTLAB_SECRET_{secrets.token_hex(4)}"
    sleeper = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
    with (
        tempfile.TemporaryDirectory(prefix="hartlab-secret-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen(sleeper, stdin=subprocess.PIPE) as process,
    ):
        secret = Path(folder, "secret")
        secret.write_text("secret")
        os.environ[variable] = "secret"
        try:
            yield {
                "secret": str(secret),
                "port": server.getsockname()[1],
                "pid": process.pid,
                "variable": variable,
            }
        finally:
            del os.environ[variable]
            assert process.stdin is not None
            process.stdin.close()
