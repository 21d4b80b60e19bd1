"""
The compiled engine of hartlab. Use it through the `hartlab` package.
"""
from __future__ import annotations
import typing
__all__: list[str] = ['build']
def build() -> dict[str, typing.Any]:
    """
    How this engine was compiled: a dict with ``compiler`` (str), ``assertions`` (bool) and
    ``sanitizer`` (str or None).
    """
