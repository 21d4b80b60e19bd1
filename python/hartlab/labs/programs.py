"""Small programs for checks, as machine code: no compiler is needed for them."""

from __future__ import annotations

import struct

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


def elf(code: bytes, size: int | None = None) -> bytes:
    """Give a program as an ELF file, for exec: one segment, R W X, at address 0.

    Parameters
    ----------
    code : bytes
        What it begins with; execution does too.
    size : int, optional
        Of the segment in memory; by default that of the code.

    Returns
    -------
    bytes
        The file.
    """
    header = struct.pack(
        "<4s12BHHIQQQIHHHHHH",
        *(b"\x7fELF", 2, 1, 1, *bytes(9)),  # 64 bits, little-endian
        *(2, 243, 1),  # a program, for RISC-V
        *(0, 64, 0, 0),  # its entry; program headers behind this one; no sections
        *(64, 56, 1, 0, 0, 0),
    )
    segment = struct.pack("<IIQQQQQQ", 1, 7, 120, 0, 0, len(code), size or len(code), 4096)
    return header + segment + code
