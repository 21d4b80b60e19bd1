"""The project as a whole: what it installs, what it depends on, and its own rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hartlab
from hartlab import _engine

ROOT = Path(__file__).resolve().parent.parent


def test_engine_says_how_it_was_compiled() -> None:
    facts = _engine.build()
    assert facts["compiler"].split()[0] in {"gcc", "clang"}
    assert facts["sanitizer"] in {None, "address", "thread"}


def test_version_is_a_valid_version() -> None:
    version = pytest.importorskip("packaging.version")
    assert version.Version(hartlab.__version__) >= version.Version("0.1.0.dev0")


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        hartlab.nonesuch  # noqa: B018


def test_command_line_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from hartlab.cli import main; sys.exit(main(['info']))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "compiler" in done.stdout
