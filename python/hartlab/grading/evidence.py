"""What went wrong, to be looked at: pictures of the kernel as a check left it, and a file with it."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import KernelPanic
from ..labs import Report, Result
from .formats import file_name

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


def save_replay(result: Result, path: str | os.PathLike[str]) -> bool:
    """Write the kernel as a failed check left it, for `hartlab.load`.

    It is the state at the first expectation that did not hold. The submission's functions are not in the
    file: the engine's own stand in for them.

    Parameters
    ----------
    result : Result
        Of a check that failed.
    path : path
        The file.

    Returns
    -------
    bool
        Whether there was a kernel to write.
    """
    if result.kernel is None:
        return False
    kernel = result.kernel.clone()
    kernel.restore_native()
    kernel.save(path)
    return True


Evidence = tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, bytes]]]


def evidence_of(report: Report, submission: str) -> Evidence:
    """Give pictures, and replay files with their names, by the name of the check.

    They are of the first check that failed, and of others that did not fail in the same words.
    """
    drawn: dict[str, tuple[str, ...]] = {}
    kept: dict[str, tuple[str, bytes]] = {}
    told: set[str] = set()
    for number, result in enumerate(report, 1):
        if result.status != "failed" or result.message in told or len(drawn) == _MOST:
            continue
        told.add(result.message)
        drawn[result.name] = pictures_of(result)
        with tempfile.TemporaryDirectory(prefix="hartlab-") as folder:
            path = Path(folder, "replay")
            with suppress(*_PROBLEMS):
                if save_replay(result, path):
                    kept[result.name] = (f"{file_name(submission)}-{number}.hartlab", path.read_bytes())
    return drawn, kept
