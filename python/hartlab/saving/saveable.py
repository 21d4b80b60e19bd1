"""Taking the state of a kernel or a machine, and writing it to a file: what both have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .. import arguments
from ..snapshot import MachineSnapshot
from .origin import Origin

S = TypeVar("S", bound=MachineSnapshot)


class Saveable(Generic[S]):
    """The base of Kernel and Machine whose state can be kept."""

    _engine: Any
    _snapshot_type: type[S]
    _origin: Callable[[], Origin]  # what a file has beside the engine's state, as it is now

    def snapshot(self, label: str = "") -> S:
        """Save the whole state. Costs the pages that have changed since the last time.

        Parameters
        ----------
        label : str
            For its repr.

        Returns
        -------
        Snapshot or MachineSnapshot
            A value, of a kernel or of a machine; `restore`, `clone` and `hartlab.diff` take it.
        """
        return self._snapshot_type(self._engine.capture(), arguments.text("label", label), self._origin())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole state to a file, devices and disk included, for `hartlab.load`.

        Parameters
        ----------
        path : path
            Where to; a file that is there is replaced, once the new one is whole.

        Raises
        ------
        OSError
            When the file cannot be written. One that was there before is as it was.

        See Also
        --------
        MachineSnapshot.save : The same, for a state that was kept.
        """
        self.snapshot().save(path)
