"""What GDB fetches in parts: the target description, and the list of threads. [E.7 "qXfer object read"]"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..hart import Hart
from .registers import target_description

if TYPE_CHECKING:
    from .session import Session


def part(session: Session, wanted: str, most: int) -> bytes:
    """Return a part of a document, marked as the last one or not."""
    found = re.fullmatch(r"(\w+):read:([^:]*):([0-9a-fA-F]{1,16}),([0-9a-fA-F]{1,16})", wanted)
    if not found:
        return b""
    if found[1] == "features" and found[2] == "target.xml":
        document = target_description(session.hart)
    elif found[1] == "threads" and found[2] == "":
        document = _threads(session.target.machine.harts)
    else:
        return b""
    start, end = int(found[3], 16), int(found[3], 16) + min(int(found[4], 16), most)
    return (b"m" if end < len(document) else b"l") + document[start:end].encode()


def title(hart: Hart) -> str:
    """Say what a hart is doing."""
    return f"{hart.privilege}-mode{', waiting' if hart.waiting else ''}"


def _threads(harts: list[Hart]) -> str:
    listed = (
        f'<thread id="{number + 1:x}" core="{number}" name="hart {number}">{title(hart)}</thread>'
        for number, hart in enumerate(harts)
    )
    return f'<?xml version="1.0"?><threads>{"".join(listed)}</threads>'
