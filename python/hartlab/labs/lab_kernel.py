"""The kernel as a solution's functions see it in a lab."""

from __future__ import annotations

from typing import NoReturn

from ..seam import SeamKernel


class LabKernel(SeamKernel):
    """The ``k`` of a lab: the functions are there to be written, and not to be asked for."""

    @property
    def native(self) -> NoReturn:
        """Not in a lab."""
        raise PermissionError("k.native is not there in a lab: the functions are yours to write")
