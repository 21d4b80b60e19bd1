"""The `hartlab` command."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's own by default) and return its exit status."""
    parser = argparse.ArgumentParser(prog="hartlab", description="A RISC-V machine and kernel to look into.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("info", help="versions and how the engine was compiled, for a bug report")
    parser.parse_args(argv)
    return _info()


def _info() -> int:
    import numpy

    import hartlab
    from hartlab import _engine

    facts = {
        "hartlab": hartlab.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": platform.platform(),
        **_engine.build(),
    }
    for name, value in facts.items():
        print(f"{name:12} {value}")
    return 0
