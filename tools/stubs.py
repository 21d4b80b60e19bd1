"""The type stubs of hartlab._engine: generated from the compiled module, committed, checked for drift.

``--write`` regenerates python/hartlab/_engine.pyi (a folder of stubs, should the engine have submodules);
``--check`` fails, with a diff, when the committed stubs are not what the engine of today would give.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "hartlab"


def generate(into: Path) -> None:
    """Write the stubs of the installed engine under `into`/hartlab; an unresolved name is an error."""
    command = [sys.executable, "-m", "pybind11_stubgen", "hartlab._engine"]
    command += ["--exit-code", "--output-dir", str(into)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"pybind11-stubgen failed:\n{done.stdout}{done.stderr}")


def stub_files(package: Path) -> dict[str, str]:
    """Text of each stub of the engine in `package`, by its path there."""
    paths = [*package.glob("_engine.pyi"), *(package / "_engine").rglob("*.pyi")]
    return {str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in sorted(paths)}


def write(fresh: dict[str, str]) -> None:
    """Put `fresh` in place of whatever stubs of the engine the source tree has."""
    (PACKAGE / "_engine.pyi").unlink(missing_ok=True)
    shutil.rmtree(PACKAGE / "_engine", ignore_errors=True)
    for name, text in fresh.items():
        (PACKAGE / name).parent.mkdir(exist_ok=True)
        (PACKAGE / name).write_text(text, encoding="utf-8")


def drift(committed: dict[str, str], fresh: dict[str, str]) -> list[str]:
    """Lines of a unified diff from the committed stubs to the fresh ones; empty when they agree."""
    lines: list[str] = []
    for name in sorted(committed.keys() | fresh.keys()):
        old, new = committed.get(name, ""), fresh.get(name, "")
        lines += difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"committed/{name}", f"engine/{name}", lineterm=""
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = stub_files(Path(folder) / "hartlab")
    if arguments.write:
        write(fresh)
        return 0
    difference = drift(stub_files(PACKAGE), fresh)
    if difference:
        print("\n".join(difference))
        print("\nThe stubs are out of date: `make stubs` regenerates them.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
