"""Where a name or a source line is in the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..debug_info import Scope
from .images import Image

_LINE = re.compile(r"(.+):(\d+)")


def is_line(where: str) -> bool:
    """Whether text names a source line: ``"proc.c:120"``."""
    return _LINE.fullmatch(where) is not None


def addresses_of_line(images: Iterable[Image], where: str) -> list[int]:
    """Find where the code of ``"proc.c:120"`` begins: an address for each function that it has got into.

    Raises
    ------
    KeyError
        When there is no such file, no code there, or no debug information.
    """
    found = _LINE.fullmatch(where)
    assert found
    complaint = KeyError(f"{where}: no program with debug information is loaded; compile it with -g")
    for image in images:
        if image.lines is None:
            continue
        try:
            _, addresses = image.lines.addresses(found[1], int(found[2]))
        except KeyError as error:
            complaint = error
            continue
        return _one_an_instance(image, addresses)
    raise complaint


def _one_an_instance(image: Image, addresses: Iterable[int]) -> list[int]:
    """Leave the first address in each function, and in each place where one is inlined."""
    first: dict[int, int] = {}
    for address in sorted(addresses):
        entries = Scope(image.info, address).entries
        first.setdefault(entries[0].offset if entries else -address, address)
    return list(first.values())


def addresses_of(symbols: Mapping[str, int], images: Iterable[Image], where: str) -> list[int]:
    """Find the addresses that the name of a symbol, or a source line, means.

    Raises
    ------
    KeyError
        When there is none.
    """
    if where in symbols:
        return [symbols[where]]
    if is_line(where):
        return addresses_of_line(images, where)
    raise KeyError(f"the program that was loaded has no symbol {where!r}")
