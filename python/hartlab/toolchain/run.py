"""One external command, bounded: no shell, no input, a time limit, and output that cannot fill memory.

Compilers run for strangers' sources, so a command that takes too long is stopped together with whatever it
started. A grader has them run in a jail of its own (`confined`).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, NamedTuple

_OUTPUT_LIMIT = 64 * 1024

# Variables that would make a compiler search places the cache does not know about.
_HIDDEN = ("CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "SOURCE_DATE_EPOCH")


class Outcome(NamedTuple):
    """What a command left behind: exit status and text (standard output and error, in order)."""

    status: int
    text: str


class Command(NamedTuple):
    """A command that works on somebody's source: what it executes, its environment, and its one folder."""

    arguments: list[str]
    environment: Mapping[str, str]
    folder: Path


# Starts a command, with its output going to a file; at the end of the block nothing of it is left.
Starter = Callable[[Command, IO[bytes]], AbstractContextManager["subprocess.Popen[bytes]"]]

_starter: ContextVar[Starter | None] = ContextVar("starter", default=None)


@contextmanager
def confined(starter: Starter) -> Iterator[None]:
    """Have every command in the `with` block that works on a source started by `starter`."""
    token = _starter.set(starter)
    try:
        yield
    finally:
        _starter.reset(token)


def is_confined() -> bool:
    """Whether commands are confined now. What they make is kept apart from what others do."""
    return _starter.get() is not None


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Outcome:
    """Run `command` and wait for it, at most `timeout` seconds.

    `folder` is where it works when it works on a source: it is confined then, if commands are.

    Raises
    ------
    TimeoutError
        When time was up; the command and its children are gone.
    OSError
        When the command cannot be started.
    """
    arguments = [os.fspath(part) for part in command]
    starter = _starter.get() if folder is not None else None
    with tempfile.TemporaryFile() as output:
        if starter is not None and folder is not None:
            started = starter(Command(arguments, {"LC_ALL": "C", **(environment or {})}, folder), output)
        else:
            started = _free(arguments, environment or {}, output)
        with started as process:
            if not _ended(process, timeout):
                raise TimeoutError(f"{Path(command[0]).name} took more than {timeout:g} s")
            status = process.wait()
        output.seek(0)
        text = output.read(_OUTPUT_LIMIT + 1)
    cut = "\n[... and more]" if len(text) > _OUTPUT_LIMIT else ""
    return Outcome(status, text[:_OUTPUT_LIMIT].decode("utf-8", "replace") + cut)


def _ended(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait for a process to end, and wake as soon as it does: Popen.wait with a time looks now and then."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # no Linux, or an old one
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
            return True
        return False
    try:
        watched = select.poll()
        watched.register(descriptor, select.POLLIN)
        return bool(watched.poll(timeout * 1000))
    finally:
        os.close(descriptor)


@contextmanager
def _free(
    arguments: list[str], environment: Mapping[str, str], output: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    env = {key: value for key, value in os.environ.items() if key not in _HIDDEN}
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**env, "LC_ALL": "C", **environment},
        start_new_session=os.name == "posix",
    )
    try:
        yield process
    finally:
        # Also on Ctrl-C: whatever ended the wait, nothing stays behind.
        if process.returncode is None:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
