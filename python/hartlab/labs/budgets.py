"""Budgets of a check: how much the functions of a submission may execute and allocate. Counts, never time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .. import words
from ..kernel import Kernel
from .expect import CheckFailed
from .metering import LineMeter

_FAR = 1 << 40  # an allocation that nobody comes to


class Budget:
    """What a check's ``budget`` is: ``with budget(instructions=200, frames=1):`` bounds what is in it.

    Parameters
    ----------
    kernel : Kernel
        Where it is counted.
    meter : LineMeter
        Of the submission's Python.
    """

    def __init__(self, kernel: Kernel, meter: LineMeter) -> None:
        self._kernel = kernel
        self._meter = meter

    @contextmanager
    def __call__(
        self,
        what: str = "",
        *,
        instructions: int | None = None,
        lines: int | None = None,
        frames: int | None = None,
    ) -> Iterator[None]:
        """Bound what the block does.

        Parameters
        ----------
        what : str
            What the block is, for the message.
        instructions : int, optional
            Of the submission's C.
        lines : int, optional
            Of the submission's Python.
        frames : int, optional
            Allocations, whoever makes them. The block injects no failures then.

        Raises
        ------
        CheckFailed
            When it takes more than one of these.
        """
        engine = self._kernel._engine
        before = engine.c_instructions, self._meter.used
        if frames is not None:
            engine.kalloc_failure_in = _FAR
        yield
        spent = [
            (engine.c_instructions - before[0], instructions, "instruction", "of C"),
            (self._meter.used - before[1], lines, "line", "of Python"),
        ]
        if frames is not None:
            spent.append((self._allocations(), frames, "allocation", ""))
        for count, limit, noun, of in spent:
            if limit is not None and count > limit:
                taken = " ".join(filter(None, (words.plural(count, noun), of)))
                raise CheckFailed(f"{what or 'this'} takes {taken}, and {limit:,} should be enough")

    def _allocations(self) -> int:
        left = self._kernel._engine.kalloc_failure_in
        self._kernel._engine.kalloc_failure_in = 0
        if left < _FAR // 2:
            raise ValueError("inject has been used in a block with a budget of frames, which counts with it")
        return int(_FAR - left)
