"""Runs every fuzzer under the sanitizers, each for a time, and says which one found something.

A fuzzer is a script tests/fuzz/NAME.py that takes --seconds and --seed, prints what it did, and fails with
what reproduces the finding. A name that starts with an underscore is a helper of theirs.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path

from sanitized import environment

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each fuzzer (default 60)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="default: a new one")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "asan", help="sanitized build folder")
    parser.add_argument("names", nargs="*", help="only these fuzzers")
    arguments = parser.parse_args()

    scripts = sorted(p for p in (ROOT / "tests" / "fuzz").glob("[!_]*.py") if p.stem != "conftest")
    if unknown := set(arguments.names) - {p.stem for p in scripts}:
        parser.error(f"no such fuzzer: {', '.join(sorted(unknown))}; there are {[p.stem for p in scripts]}")
    if arguments.names:
        scripts = [p for p in scripts if p.stem in arguments.names]
    if not scripts:
        parser.error("there are no fuzzers in tests/fuzz")

    failed = []
    for script in scripts:
        print(f"== {script.stem}, seed {arguments.seed}", flush=True)
        command = [sys.executable, str(script), "--seconds", str(arguments.seconds)]
        command += ["--seed", str(arguments.seed)]
        if subprocess.run(command, env=environment(arguments.build), check=False).returncode != 0:
            failed.append(script.stem)
    if failed:
        print(f"findings in: {', '.join(failed)} (seed {arguments.seed})", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
