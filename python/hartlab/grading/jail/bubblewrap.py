"""Namespaces of its own for a process, by Debian's ``bubblewrap``.

It sees no other process, no network, and no file but those that it is shown.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from .places import PACKAGES, standard_library


@functools.cache
def executable() -> str | None:
    """Where ``bwrap`` is."""
    return shutil.which("bwrap")


def command(readable: Sequence[Path], writable: Path | None, own_proc: bool) -> list[str]:
    """What to put before a command; `own_proc` gives it a /proc with its own processes."""
    found = executable()
    assert found is not None
    arguments = [found, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "jail"]
    arguments += _shown(readable)
    arguments += ["--dev-bind", "/dev/null", "/dev/null"]
    if own_proc:
        arguments += ["--proc", "/proc"]
    if writable is not None:
        arguments += ["--bind", str(writable), str(writable)]
    return [*arguments, "--remount-ro", "/", "--chdir", "/"]


def _shown(readable: Sequence[Path]) -> Iterator[str]:
    library = standard_library()
    folders = [each for each in readable if each.parent != library]
    for path in sorted({*folders, library}):  # a folder before what is inside it
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        else:
            yield from ("--ro-bind", str(path), str(path))
    for name in PACKAGES:
        if (library / name).is_dir():
            yield from ("--tmpfs", str(library / name))
