"""Where the interpreter has its files: what a jail shows of this computer."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from pathlib import Path

INSIDE = Path(__file__).with_name("inside.py")
# The interpreter itself, and not the link of an environment: no environment is needed in there.
PYTHON = Path(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
PACKAGES = ("site-packages", "dist-packages")  # hartlab and the labs' checks are in one of them
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


@functools.cache
def standard_library() -> Path:
    """The folder of Python's own modules."""
    return Path(os.path.realpath(sysconfig.get_path("stdlib")))


@functools.cache
def python_places() -> tuple[Path, ...]:
    """What Python needs: its executable, shared libraries, and modules, but no installed packages."""
    modules = [each for each in standard_library().iterdir() if each.name not in PACKAGES]
    shared = [Path(folder) for folder in _LIBRARIES]
    own = sysconfig.get_config_var("LIBDIR")
    if own:
        shared += sorted(Path(own).glob("libpython*.so*"))
    return tuple(each for each in [PYTHON, *shared, *modules] if each.exists())
