"""Where exec puts things: segments, guard page, stack, argument strings and the array that points to them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .address_space import pages_up
from .allocator import PGSIZE

MAXARG = 32


@dataclass(frozen=True)
class Segment:
    """What a program header of type LOAD asks for."""

    va: int
    data: bytes
    size: int  # in memory; the rest is zeros
    flags: str  # of "rwx"


@dataclass(frozen=True)
class Layout:
    """An address space as exec leaves it."""

    guard: int  # the page below the stack
    stack: int  # its lowest address
    sz: int
    sp: int  # also what a1 is
    argc: int
    stack_bytes: bytes  # from sp up to sz


def layout(segments: Sequence[Segment], argv: Sequence[bytes], stack_pages: int = 1) -> Layout | None:
    """None when the arguments do not fit."""
    program_end = pages_up(max(segment.va + segment.size for segment in segments))
    stack = program_end + PGSIZE
    sz = stack + stack_pages * PGSIZE
    memory = bytearray(sz - stack)
    sp, pointers = sz, []
    if len(argv) > MAXARG:
        return None

    def push(data: bytes) -> bool:
        nonlocal sp
        sp = (sp - len(data)) // 16 * 16
        if sp < stack:
            return False
        memory[sp - stack : sp - stack + len(data)] = data
        return True

    for string in argv:
        if not push(string + b"\0"):
            return None
        pointers.append(sp)
    if not push(struct.pack(f"<{len(pointers) + 1}Q", *pointers, 0)):
        return None
    return Layout(program_end, stack, sz, sp, len(argv), bytes(memory[sp - stack :]))
