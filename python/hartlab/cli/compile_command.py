"""``hartlab cc``: C to a RISC-V program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser("cc", help="compile C for the simulated machine")
    parser.add_argument(
        "sources", nargs="+", type=Path, metavar="SOURCE", help=".c, .S or .s files of one program"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="the ELF file (default: the first source without its suffix)"
    )
    parser.add_argument("-O", dest="level", default="1", help="optimisation: 0, 1, 2, 3, s or g (default 1)")
    parser.add_argument("--compiler", default="zig", help="zig (default), gcc, or the name of a RISC-V gcc")
    parser.add_argument(
        "--flag", dest="flags", action="append", default=[], help="one more argument for the compiler"
    )
    parser.set_defaults(handler=compile_sources)


def compile_sources(arguments: argparse.Namespace) -> int:
    """Compile, write the file, and pass on what the compiler says."""
    from hartlab.errors import CompileError, CompilerNotFoundError
    from hartlab.toolchain import cc

    output = arguments.output or arguments.sources[0].with_suffix("")
    try:
        program = cc(
            arguments.sources,
            compiler=arguments.compiler,
            optimize=f"-O{arguments.level}",
            flags=arguments.flags,
        )
        if program.remarks:
            print(program.remarks, end="", file=sys.stderr)
        output.write_bytes(program.elf)
    except BrokenPipeError:
        raise
    except (CompileError, CompilerNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
