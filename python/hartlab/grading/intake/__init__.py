"""What is handed in, read without running any of it: files, notebooks, archives, folders."""

from .handed import Handed, Piece
from .reading import read

__all__ = ["Handed", "Piece", "read"]
