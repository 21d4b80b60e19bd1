"""``hartlab info``: what a bug report needs."""

from __future__ import annotations

import argparse
import platform
from typing import Any


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser("info", help="versions, policies, and the compilers found here")
    parser.set_defaults(handler=show)


def show(_: argparse.Namespace) -> int:
    """Print everything, a line each."""
    import numpy

    import hartlab
    from hartlab import _engine
    from hartlab.toolchain import cache_dir, find_compilers

    facts = {
        "hartlab": hartlab.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": platform.platform(),
        **_engine.build(),
        "cache": cache_dir(),
    }
    for name, value in facts.items():
        print(f"{name:12} {value}")
    print("\ncompilers for RISC-V:")
    found = find_compilers()
    for compiler in found:
        print(f"  {compiler}")
    if not found:
        print('  none: pip install "hartlab[cc]" brings one')
    print("\npolicies of the kernel (xv6 of 2025, of 2020):")
    for row in hartlab.policies():
        print(f"  {row['policy']:12} {row['xv6_2025']:12} {row['xv6_2020']:12} {row['decides']}")
    return 0
