"""Landlock: the kernel's own rules for what a process may do with files, sockets and others' processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def ruleset(readable: Sequence[Path], writable: Path | None, executes: bool) -> Iterator[int]:
    """Make a ruleset, for a process that shall restrict itself: a descriptor.

    Everything is refused but reading what is listed, and everything in the folder that is writable.
    """
    from landlockpy import AccessFS, Ruleset, Scope

    read = AccessFS.READ_FILE | AccessFS.READ_DIR
    if executes:
        read |= AccessFS.EXECUTE
    with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        for path in readable:
            rules.allow_path(path, read if path.is_dir() else read & ~AccessFS.READ_DIR)
        rules.allow_path("/dev/null", AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        if writable is not None:
            rules.allow_path(writable, rules.handled_fs & ~(AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK))
        yield rules.fileno()


def supported() -> bool:
    """Whether the kernel has it, and the package that asks for it is installed."""
    try:
        import landlockpy
    except ImportError:
        return False
    return bool(landlockpy.supported())
