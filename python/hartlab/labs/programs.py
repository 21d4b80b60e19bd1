"""Small programs for checks, as machine code: no compiler is needed for them."""

from __future__ import annotations

from ..isa import asm

SPIN = asm("loop: j loop")  # waits, to be driven from Python


def exits(status: int) -> bytes:
    """Give a program that exits.

    Parameters
    ----------
    status : int
        Its status.

    Returns
    -------
    bytes
        The code.
    """
    return asm(f"li a0, {status}; li a7, 2; ecall")
