"""What went wrong, to be looked at: pictures of the kernel as a check left it, and a file to begin from."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import KernelPanic
from ..kernel import Kernel
from ..labs import Lab, Report, Result
from ..labs.running import Runner
from .formats import file_name
from .outcome import Evidence

_MOST = 3  # checks of a submission: what comes later follows from what came first, more often than not

_PROBLEMS = (ValueError, KeyError, IndexError, LookupError, KernelPanic, RuntimeError)


def pictures_of(result: Result) -> tuple[str, ...]:
    """Draw what a failed check says to look at: a walk, the process's memory, the owner of a frame.

    Parameters
    ----------
    result : Result
        Of a check that failed.

    Returns
    -------
    tuple of str
        SVG, for light paper; empty when there is nothing to be drawn, as when the kernel's data are corrupt.

    Raises
    ------
    ModuleNotFoundError
        Without matplotlib.
    """
    from .. import pictures

    kernel, look = result.kernel, result.look
    if kernel is None:
        return ()
    pid, va, pa = (look.get(name) for name in ("pid", "va", "pa"))
    drawn = []
    with suppress(*_PROBLEMS):
        if isinstance(pid, int) and isinstance(va, int):
            drawn.append(pictures.walk(kernel.process(pid), va).svg("light"))
    with suppress(*_PROBLEMS):
        if isinstance(pid, int):
            drawn.append(pictures.address_space(kernel.process(pid)).svg("light"))
    with suppress(*_PROBLEMS):
        if isinstance(pa, int) or not drawn:
            drawn.append(pictures.frames(kernel).svg("light"))
    return tuple(drawn)


def save_replay(kernel: Kernel, path: str | os.PathLike[str]) -> None:
    """Write a kernel for `hartlab.load`, which needs no submission: the engine's own functions are in place.

    Parameters
    ----------
    kernel : Kernel
        As it was when a check failed, or before the call that went wrong.
    path : path
        The file.
    """
    native = kernel.clone()
    native.restore_native()
    native.save(path)


def evidence_of(
    report: Report, runner: Runner, given: Lab, submission: str
) -> tuple[dict[str, Evidence], dict[str, bytes]]:
    """Give what there is to look at by the name of the check, and replay files by theirs.

    They are of the first check that failed, and of others that did not fail in the same words. A file has
    the kernel as the first call found it that differs from the engine's own; where there is none, as it was
    at the expectation that failed.
    """
    found: dict[str, Evidence] = {}
    files: dict[str, bytes] = {}
    told: set[str] = set()
    for number, (check, result) in enumerate(zip(given.checks, report, strict=True), 1):
        if result.status != "failed" or result.message in told or len(found) == _MOST:
            continue
        told.add(result.message)
        difference = runner.first_difference(check)
        seen = Evidence(pictures_of(result))
        if difference:
            seen = replace(seen, differs=difference.text, again=difference.python)
        if (kernel := difference.kernel if difference else result.kernel) is not None:
            with tempfile.TemporaryDirectory(prefix="hartlab-") as folder, suppress(*_PROBLEMS):
                save_replay(kernel, path := Path(folder, "replay"))
                seen = replace(seen, replay=f"{file_name(submission)}-{number}.hartlab")
                files[seen.replay] = path.read_bytes()
        found[check.name] = seen
    return found, files
