"""hartlab: a RISC-V machine and an xv6-style teaching kernel, with all of its state as NumPy arrays."""

from __future__ import annotations

from . import _engine as _engine

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    # Reading the installed metadata costs more than the rest of the import, so it waits until asked for.
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("hartlab")
        except PackageNotFoundError:  # run from a source tree
            return "0.1.0.dev0"
    raise AttributeError(f"module 'hartlab' has no attribute {name!r}")
