"""What a submission consists of once it has been read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Piece:
    """A file, or a cell of a notebook.

    Attributes
    ----------
    name : str
        As messages name it: ``"cow.c"``, ``"lab.ipynb, cell 7"``.
    text : str
        Its lines where they stood.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Handed:
    """A submission's source code.

    Attributes
    ----------
    python : tuple of Piece
        Executed one after the other, in one module.
    c : tuple of tuple of Piece
        Units of C: the sources of each are linked together. The later ones prevail.
    headers : tuple of Piece
        What the sources may include, by path.
    """

    python: tuple[Piece, ...] = ()
    c: tuple[tuple[Piece, ...], ...] = ()
    headers: tuple[Piece, ...] = ()

    @property
    def digest(self) -> str:
        """Equal for equal submissions."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()
