"""Compiling a submission: in a jail that shows the toolchain, the library's headers and the source alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from ..toolchain.kernel_code import INCLUDE
from ..toolchain.run import Command, confined
from ..toolchain.workshop import ULIB
from .jail.job import Jailed, Job
from .jail.limits import COMPILER


def jailed_compilers(level: str, sources: Sequence[Path] = ()) -> AbstractContextManager[None]:
    """Have compilers run in a jail, in a ``with`` block; they may read the folders of the sources."""

    @contextmanager
    def start(command: Command, output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        job = Job(
            "compiler",
            COMPILER,
            command.arguments,
            readable=(*_toolchain(Path(command.arguments[0])), ULIB, INCLUDE, *sources),
            writable=command.folder,
            environment={"PATH": "/usr/bin:/bin", "HOME": str(command.folder), **command.environment},
        )
        with Jailed(level, job, stdout=output, stderr=subprocess.STDOUT) as jailed:
            yield jailed.process

    return confined(start)


def _toolchain(compiler: Path) -> list[Path]:
    """The folders that a compiler and its parts are in."""
    if compiler.parent.name == "ziglang":
        return [compiler.parent]
    prefix = compiler.resolve().parent.parent
    if prefix != Path("/usr"):
        return [prefix]
    machine = compiler.resolve().name.partition("-gcc")[0]
    wanted = [prefix / "bin", prefix / "libexec", prefix / machine, Path("/bin")]
    return [each for each in wanted if each.exists()]
