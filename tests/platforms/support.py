"""What the tests on real platforms share: their environments, and notebooks as they are handed in."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

import hartlab as hl
from hartlab.labs.lab import Wrong

ENVIRONMENTS = os.environ.get("HARTLAB_PLATFORMS")  # a folder with an environment for each
LABS = [hl.lab(str(name)) for name in hl.labs()["name"]]


def python_of(platform: str) -> Path:
    """The Python of a platform's environment; the test is skipped without."""
    if ENVIRONMENTS is None:
        pytest.skip(f"the real {platform} is asked by `make platforms` alone")
    return Path(ENVIRONMENTS).resolve() / platform / "bin" / "python"


def run(platform: str, *arguments: object) -> str:
    """Run a file of this folder with a platform's Python and this hartlab; the last line that it prints."""
    package = Path(hl._engine.__file__).resolve().parent
    script = Path(__file__).with_name(f"with_{platform}.py")
    python = python_of(platform)
    with (
        tempfile.TemporaryDirectory() as only
    ):  # where there is this package, and none that the platform has too
        (Path(only) / "hartlab").symlink_to(package)
        environment = os.environ | {
            "PYTHONPATH": only,
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        ran = subprocess.run(
            [python, script, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout.splitlines()[-1] if ran.stdout.strip() else "null"


def result_of(platform: str, *arguments: object) -> Any:
    return json.loads(run(platform, *arguments))


def completed(notebook: Path, solution: str, marker: str) -> str:
    """A notebook as a student hands it in: `solution` behind the starter, in the cell that has `marker`."""
    read = nbformat.read(notebook, as_version=4)
    [cell] = [each for each in read.cells if each.cell_type == "code" and marker in each.source]
    cell.source += f"\n\n{solution}"
    return str(nbformat.writes(read))


def wrong_of(lab: hl.Lab, suffix: str) -> Wrong:
    return next(each for each in lab.wrong() if each.path.suffix == suffix)
