"""Frames in rows of squares, in which stretches that are all alike take one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sources import Array

# Squares in a row, points of a square, and so many rows at most; the first that has room is taken.
_SIZES = ((32, 16.0, 20), (64, 8.0, 40), (128, 4.0, 80), (256, 2.0, 160))
_ALIKE = 3  # rows of one kind in sequence that are drawn as one


@dataclass
class FrameMap:
    """Squares in rows."""

    wide: int  # squares in a row
    size: float  # points of a square
    per_cell: int  # frames that a square stands for
    codes: Array  # of each square, its owner as a number; -1 behind the last
    starts: Array  # of each row that is drawn, its first square
    counts: Array  # of each row that is drawn, the squares it stands for: `wide`, or more that are alike

    @property
    def rows(self) -> int:
        """How many are drawn."""
        return len(self.starts)

    @property
    def cells(self) -> Array:
        """The owners of what is drawn, shape (rows, wide)."""
        return np.asarray(self.codes.reshape(-1, self.wide)[self.starts // self.wide])

    def place(self, frame: int) -> tuple[int, int] | None:
        """Row and column in which a frame is drawn; None within a stretch that is not drawn in full."""
        square = frame // self.per_cell
        row = int(np.searchsorted(self.starts, square, side="right")) - 1
        return (row, square % self.wide) if self.counts[row] == self.wide else None


def frame_map(codes: Array, special: Array, sizes: tuple[tuple[int, float, int], ...] = _SIZES) -> FrameMap:
    """Lay frames out.

    Parameters
    ----------
    codes : array of int
        The owner of each frame, numbered so that the rarest has the highest number.
    special : array of bool
        Frames that are to be seen one by one.
    sizes : tuple
        Squares in a row, points of a square and the most rows, for each size that may be chosen.

    Returns
    -------
    FrameMap
        With the largest squares for which there is room.
    """
    per_cell = 1
    while True:
        for wide, size, most in sizes:
            made = _laid_out(codes, special, wide, size, per_cell)
            if made.rows <= most:
                return made
        per_cell *= 2
        codes, special = _halved(codes, -1), _halved(special, False)


def _halved(values: Array, empty: int) -> Array:
    """The greater one of each two: of the owners, the rarer."""
    if len(values) % 2:
        values = np.append(values, np.array(empty, dtype=values.dtype))
    return np.asarray(values.reshape(-1, 2).max(axis=1))


def _laid_out(codes: Array, special: Array, wide: int, size: float, per_cell: int) -> FrameMap:
    rows = max(1, -(-len(codes) // wide))
    squares = np.full(rows * wide, -1, dtype=np.int64)
    squares[: len(codes)] = codes
    marked = np.zeros(rows * wide, dtype=bool)
    marked[: len(codes)] = special
    grid = squares.reshape(rows, wide)
    uniform = (grid == grid[:, :1]).all(axis=1) & ~marked.reshape(rows, wide).any(axis=1)
    kind = np.where(uniform, grid[:, 0], -2 - np.arange(rows))  # rows that are not uniform are like no other
    edges = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]])
    starts, counts = [], []
    for first, end in zip(edges.tolist(), [*edges[1:].tolist(), rows], strict=True):
        if end - first >= _ALIKE:
            starts.append(first)
            counts.append(end - first)
        else:
            starts += range(first, end)
            counts += [1] * (end - first)
    return FrameMap(wide, size, per_cell, squares, np.array(starts) * wide, np.array(counts) * wide)
