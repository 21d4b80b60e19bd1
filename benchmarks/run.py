"""Runs the benchmarks: prints a table, and writes JSON with the machine and the commit.

Each benchmarks/bench_*.py defines ``figures()``, which yields `Figure`s: reported, never asserted. Each has
a JSON file of its own, written anew after every figure, so that one benchmark can be run again by itself,
and what was measured before an interruption is kept.
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
from dataclasses import fields
from pathlib import Path
from typing import Any

import report
from figure import Figure

from hartlab import _engine

HERE = Path(__file__).resolve().parent


def machine() -> dict[str, Any]:
    """Where the figures were taken, how busy it was, and of which engine they are."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "engine": _engine.build(),
        "commit": _git("rev-parse", "HEAD"),
        "modified": bool(_git("status", "--porcelain", "--", "../src", "../python")),
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


def run(name: str, output: Path | None) -> None:
    """One benchmark: a line for each figure as it comes, and the file so far."""
    about, figures = machine(), []
    for figure in importlib.import_module(f"bench_{name}").figures():
        print(report.line(figure), flush=True)
        figures.append(vars(figure) | {"median": figure.median, "spread": figure.spread})
        if output:
            text = json.dumps({"machine": about, "figures": figures}, indent=1)
            (output / f"{name}.json").write_text(text, encoding="utf-8")


def saved(output: Path, names: list[str]) -> dict[str, report.Record]:
    """What `output` holds of these benchmarks: the machine, and the figures."""
    records = {}
    for name in names:
        path = output / f"{name}.json"
        if not path.exists():
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        figures = [
            Figure(**{each.name: saved[each.name] for each in fields(Figure)}) for saved in data["figures"]
        ]
        records[name] = data["machine"], figures
    return records


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, help="folder for the JSON files")
    parser.add_argument(
        "--write-readme",
        action="store_true",
        help="put the tables of that folder into README.md; with the name 'none', as they are there",
    )
    parser.add_argument("names", nargs="*", help="only these, without bench_ (all by default)")
    arguments = parser.parse_args()
    if arguments.write_readme and not arguments.output:
        parser.error("--write-readme takes its tables from the folder that --output names")

    there = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    names = [] if arguments.names == ["none"] else arguments.names or there
    if unknown := set(names) - set(there):
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(there)}")

    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
    if names:
        print(report.HEAD)
    for name in names:
        run(name, arguments.output)
    if arguments.write_readme:
        report.write(HERE / "README.md", saved(arguments.output, there))
    return 0


if __name__ == "__main__":
    sys.exit(main())
