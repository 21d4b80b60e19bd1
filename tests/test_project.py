"""The project as a whole: what it installs, what it depends on, and its own rules."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import hartlab
from hartlab import _engine

ROOT = Path(__file__).resolve().parent.parent


def test_engine_says_how_it_was_compiled() -> None:
    facts = _engine.build()
    assert facts["compiler"].split()[0] in {"gcc", "clang"}
    assert facts["sanitizer"] in {None, "address", "thread"}


def test_version_is_a_valid_version() -> None:
    assert Version(hartlab.__version__) >= Version("0.1.0.dev0")


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


def test_runtime_depends_on_numpy_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [Requirement(text).name for text in project["dependencies"]] == ["numpy"]


@pytest.mark.parametrize("extra", ["test", "cc", "notebook", "viz", "sweep", "cluster", "docs"])
def test_pinned_environment_satisfies_the_extra(extra: str) -> None:
    """The extras say what would do, requirements/*.txt what is used: the second must be within the first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, version = line.partition("==")
            pins[canonicalize_name(name)] = version
    for requirement in map(Requirement, project["optional-dependencies"][extra]):
        if requirement.name == "hartlab":
            continue  # another extra of its own
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(pin), f"{requirement} excludes the pinned {pin}"


def _loaded_by(program: str) -> set[str]:
    """The modules that are there after it."""
    shown = f"{program}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_needs_nothing_but_numpy() -> None:
    """Importing hartlab loads no optional dependency: those come when they are used."""
    program = (
        "import sys, numpy; before = set(sys.modules); import hartlab; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "hartlab.pictures" not in _loaded_by("import hartlab")
    assert "hartlab.pictures" in _loaded_by("import hartlab; hartlab.pictures.address")
    optional = {
        "IPython",
        "cloudpickle",
        "distributed",
        "loky",
        "tqdm",
        "ipywidgets",
        "jupyterlab",
        "matplotlib",
        "nbclient",
        "pandas",
        "ziglang",
    }
    assert optional.isdisjoint(done.stdout.split())
