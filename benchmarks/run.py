"""Runs the benchmarks: prints a table, and writes JSON with the machine and the commit.

Each benchmarks/bench_*.py defines ``figures()``, which yields `Figure`s: reported, never asserted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from figure import Figure

from hartlab import _engine

HERE = Path(__file__).resolve().parent


def machine() -> dict[str, Any]:
    """Where the figures were taken, and of which engine."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "engine": _engine.build(),
        "commit": _git("rev-parse", "HEAD"),
        "modified": bool(_git("status", "--porcelain")),
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _git(*arguments: str) -> str | None:
    try:
        return subprocess.check_output(["git", *arguments], cwd=HERE, text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def row(figure: Figure) -> str:
    text = f"{figure.name:62} {figure.median:10.4g} {figure.unit:8} {figure.spread:6.1%}"
    beside = f"{figure.ratio:.3f} of {figure.peer_name}" if figure.ratio is not None else ""
    verdict = {True: "met", False: "NOT met", None: "no peer here"}[figure.met]
    return f"{text}  {beside:18} {f'{verdict}: {figure.target}' if figure.target else ''}".rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, help="folder for the JSON file")
    parser.add_argument("names", nargs="*", help="only these, without bench_ (all by default)")
    arguments = parser.parse_args()

    there = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    if unknown := set(arguments.names) - set(there):
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(there)}")

    sys.path.insert(0, str(HERE))
    print(f"{'figure':62} {'median':>10} {'':8} {'spread':>6}")
    records = []
    for name in arguments.names or there:
        for figure in importlib.import_module(f"bench_{name}").figures():
            print(row(figure), flush=True)
            records.append(vars(figure) | {"median": figure.median, "spread": figure.spread})

    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        path = arguments.output / "figures.json"
        path.write_text(json.dumps({"machine": machine(), "figures": records}, indent=1), encoding="utf-8")
        print(f"\n{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
