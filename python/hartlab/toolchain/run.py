"""One external command, bounded: no shell, no input, a time limit, and output that cannot fill memory.

Compilers run for strangers' sources, so a command that takes too long is stopped together with whatever it
started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_OUTPUT_LIMIT = 64 * 1024

# Variables that would make a compiler search places the cache does not know about.
_HIDDEN = ("CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "SOURCE_DATE_EPOCH")


class Outcome(NamedTuple):
    """What a command left behind: exit status and text (standard output and error, in order)."""

    status: int
    text: str


def run(
    command: Sequence[str | os.PathLike[str]], *, timeout: float, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run `command` and wait for it, at most `timeout` seconds.

    Raises
    ------
    TimeoutError
        When time was up; the command and its children are gone.
    OSError
        When the command cannot be started.
    """
    env = {key: value for key, value in os.environ.items() if key not in _HIDDEN}
    env.update(LC_ALL="C", **(environment or {}))
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=os.name == "posix",
        )
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{Path(command[0]).name} took more than {timeout:g} s") from None
        finally:
            # Also on Ctrl-C: whatever ended the wait, nothing stays behind.
            if process.returncode is None:
                _kill(process)
        output.seek(0)
        text = output.read(_OUTPUT_LIMIT + 1)
    cut = "\n[... and more]" if len(text) > _OUTPUT_LIMIT else ""
    return Outcome(status, text[:_OUTPUT_LIMIT].decode("utf-8", "replace") + cut)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
