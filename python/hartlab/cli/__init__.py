"""The `hartlab` command: a file for each of its subcommands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import boot, compile_command, grade, info, lab, run, tour


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's own by default) and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="hartlab",
        description="A RISC-V machine and an xv6-style teaching kernel to look into.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (run, boot, compile_command, grade, lab, tour, info):
        command.add_to(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.handler(arguments)
        return status
    except KeyboardInterrupt:
        return 130  # as a shell reports SIGINT
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; say nothing more
        return 141
