"""The documentation site is built without a warning. Other tests, and `make docs`, execute its notebooks."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hartlab

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(importlib.util.find_spec("myst_nb") is None, reason="needs the extra docs")
def test_the_site_is_built_without_warnings_and_has_every_public_name(tmp_path: Path) -> None:
    site, options = tmp_path / "site", ["-W", "--keep-going", "-q", "-D", "nb_execution_mode=off"]
    folders = ["-c", str(ROOT / "docs"), "-d", str(tmp_path / "doctrees"), str(ROOT), str(site)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, *folders], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = "".join(page.read_text() for page in (site / "docs" / "reference" / "python").glob("*.html"))
    public = {name: getattr(hartlab, name) for name in hartlab.__all__ if name != "__version__"}
    constants = [name for name, thing in public.items() if isinstance(thing, int)]
    modules = [name for name, thing in public.items() if inspect.ismodule(thing)]
    wanted = public.keys() - {*constants, *modules}
    wanted |= {f"{module}.{name}" for module in modules for name in public[module].__all__}
    assert wanted <= set(re.findall(r'id="hartlab\.([\w.]+)"', pages))
    assert all(f">{name}<" in pages for name in constants)
    assert "url=docs/index.html" in (site / "index.html").read_text()
