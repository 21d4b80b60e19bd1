"""The heap of a C program: its blocks as they lie in memory, and a record of its calls to malloc and free."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import numpy as np

from .process import Process
from .table import Table, as_table

_STATE: Final = "malloc_heap"  # of ulib/malloc.c: the lowest free block, start and end
_HEADER: Final = 16
_BLOCKS = np.dtype([("address", "<u8"), ("length", "<u8"), ("used", "?")])
_CALLS = np.dtype([("time", "<u8"), ("call", "U6"), ("size", "<u8"), ("address", "<u8")])


def heap_blocks(process: Process) -> Table:
    """List the blocks of malloc's heap, those in use and the free ones between them; nothing changes by that.

    Parameters
    ----------
    process : Process
        It runs a program that was compiled with hartlab's C library, and is between two calls of malloc and
        free.

    Returns
    -------
    Table
        address and length, both with the block's header of 16 bytes, and whether it is used, by ascending
        address; a copy. Empty before the first malloc and when everything has been given back. A heap that
        the program has overwritten is listed as far as it makes sense.

    Raises
    ------
    KeyError
        When the program has no malloc.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> source = '#include "user.h"\\nint main() { free(malloc(16)); malloc(32); malloc(5); pause(1); }'
    >>> proc = kernel.spawn(hl.cc(source))
    >>> kernel.run_to("pause").reason
    'breakpoint'
    >>> hl.heap_blocks(proc)
    address  length  used
     0x5000      48   yes
     0x5030      32   yes
     0x5050    4016
    """
    symbols = process._kernel._programs.symbols(process.name)
    rows: list[tuple[int, int, bool]] = []
    table = process.page_table

    def word(address: int) -> int:
        data = table.peek(address % (1 << 64), 8)
        if data is None:
            raise LookupError
        return int.from_bytes(data, "little")

    state = symbols[_STATE]
    with suppress(LookupError):  # the program has overwritten the state or a header
        free, here, end = (word(state + 8 * i) for i in range(3))
        while here < end:
            length = word(here)
            if length < _HEADER or length % 16 or length > end - here:
                break
            # A free block is one that the list of free blocks leads to; it is in the order of addresses.
            rows.append((here, length, here != free))
            if here == free:
                free = word(here + 8)
            here += length
    return as_table(np.array(rows, dtype=_BLOCKS))


def record_allocations(process: Process, max_instructions: int = 100_000_000) -> Table:
    """Run until a process ends, and write down what it asks of malloc and free.

    Its kernel stops at each call and at each return, so this is slower than a plain run. The breakpoints that
    were set are set aside meanwhile.

    Parameters
    ----------
    process : Process
        Its program has functions malloc and free, whichever they are.
    max_instructions : int
        The budget.

    Returns
    -------
    Table
        A row a call, in order: time (instructions since boot), call (``"malloc"`` or ``"free"``), size in
        bytes (0 for free) and address (0 when malloc failed). What `replay_allocations` takes.

    Raises
    ------
    KeyError
        When the program has no malloc and free.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(hl.cc('#include "user.h"\\nint main() { free(malloc(16)); }'))
    >>> hl.record_allocations(proc)[["call", "size", "address"]]
    call    size  address
    malloc    16   0x5010
    free       0   0x5010
    """
    kernel = process._kernel
    symbols = kernel._programs.symbols(process.name)
    malloc, free = symbols["malloc"], symbols["free"]
    before, rows = list(kernel._engine.breakpoints), []
    asked: tuple[int, int, int] | None = None  # time, size and return address of the malloc in progress
    last = kernel.instructions + max_instructions
    try:
        while process.alive and kernel.instructions < last:
            kernel._engine.breakpoints = [malloc, free, *([asked[2]] if asked else [])]
            if kernel.run(last - kernel.instructions).reason != "breakpoint":
                break
            if kernel.current_pid != process.pid:
                continue
            x = process.registers
            if asked and process.pc == asked[2]:
                rows.append((asked[0], "malloc", asked[1], x.a0))
                asked = None
            if process.pc == malloc:
                asked = (kernel.instructions, x.a0, x.ra)
            elif process.pc == free and x.a0:
                rows.append((kernel.instructions, "free", 0, x.a0))
    finally:
        kernel._engine.breakpoints = before
    return as_table(np.array(rows, dtype=_CALLS))
