"""Assembly and disassembly from the engine's one list of instructions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _engine, arguments, constants
from .table import Table, as_table

_DISASSEMBLY = np.dtype([("pc", "<u8"), ("length", "u1"), ("bits", "<u4"), ("text", "U48")])
_INSTRUCTIONS = np.dtype(
    [("mnemonic", "U12"), ("match", "<u4"), ("mask", "<u4"), ("format", "U20"), ("extension", "U12")]
)


def asm(text: str, *, origin: int = 0) -> bytes:
    """Assemble a few lines of RISC-V.

    Parameters
    ----------
    text : str
        Statements, ended by ``;`` or a new line: instructions, the usual pseudo-instructions, labels, and
        directives for data such as ``.word``.
    origin : int
        The address at which the code will be: labels count from it.

    Returns
    -------
    bytes
        Machine code, little-endian.

    Raises
    ------
    AssemblerError
        A ValueError that names the line, what is wrong and what would be right.

    Examples
    --------
    >>> asm("addi a0, a0, 1; ecall").hex(" ", 4)
    '13051500 73000000'
    """
    if not isinstance(text, str):
        raise TypeError(f"text={text!r} must be a str of assembly; disasm() takes bytes")
    return _engine.assemble(text, arguments.address("origin", origin))


def disasm(code: Any, *, pc: int = 0, aliases: bool = True, compressed: bool = False) -> Table:
    """Disassemble machine code.

    Parameters
    ----------
    code : bytes-like
        Instructions of 2 or 4 bytes; what is none is shown as data.
    pc : int
        The address of the first one: branch targets count from it.
    aliases : bool
        ``ret`` rather than ``jalr zero, 0(ra)``.
    compressed : bool
        Instructions of 2 bytes by their own names, ``c.addi a0, 1``, rather than what they stand for.

    Returns
    -------
    Table
        A row an instruction: pc (uint64), length (uint8), bits (uint32), text. `asm` reads the text back.

    Examples
    --------
    >>> disasm(b"\\x13\\x05\\x15\\x00\\x73\\x00\\x00\\x00")
    pc  length      bits             text
    0x0       4  0x150513   addi a0, a0, 1
    0x4       4      0x73            ecall
    """
    rows = _engine.disassemble(
        arguments.bytes_like("code", code), arguments.address("pc", pc), bool(aliases), bool(compressed)
    )
    return as_table(np.array(rows, dtype=_DISASSEMBLY))


def disasm_at(read: Callable[[int, int], bytes | None], start: int, size: int) -> Table:
    """Disassemble `size` bytes of memory, or what is there of them.

    `read` takes an address and a number of bytes; where there is no memory it gives None or raises
    LookupError.
    """
    code = bytearray()
    while len(code) < size:
        at = (start + len(code)) % (1 << 64)
        try:
            piece = read(at, min(size - len(code), constants.PGSIZE - at % constants.PGSIZE))
        except LookupError:
            break
        if piece is None:
            break
        code += piece
    return disasm(bytes(code), pc=start)


@functools.cache
def _instruction_rows() -> tuple[tuple[str, int, int, str, str], ...]:
    return tuple(_engine.instructions())


def instructions() -> Table:
    """List every instruction that the hart knows.

    Returns
    -------
    Table
        mnemonic, match and mask (an encoding is this instruction when ``bits & mask == match``), format and
        extension.

    Examples
    --------
    >>> table = instructions()
    >>> sorted(set(table["extension"].tolist()))
    ['A', 'D', 'F', 'I', 'M', 'Privileged', 'Zba', 'Zbb', 'Zbs', 'Zicsr', 'Zifencei']
    """
    return as_table(np.array(list(_instruction_rows()), dtype=_INSTRUCTIONS))
