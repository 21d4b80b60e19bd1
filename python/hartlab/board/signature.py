"""The signature of a test program: what a conformance suite holds against that of a reference model."""

from __future__ import annotations

from collections.abc import Mapping

from ..memory import Memory

_BEGIN, _END = "begin_signature", "end_signature"
_GRANULARITIES = (4, 8, 16)


def signature(symbols: Mapping[str, int], memory: Memory, granularity: int) -> str:
    """Return what lies between the two symbols, as lines of hexadecimal numbers of so many bytes each."""
    if granularity not in _GRANULARITIES:
        raise ValueError(f"granularity={granularity!r} must be 4, 8 or 16 bytes")
    if missing := [name for name in (_BEGIN, _END) if name not in symbols]:
        raise ValueError(f"the kernel has no {' and no '.join(missing)}, as tests of riscv-arch-test have")
    begin, end = symbols[_BEGIN], symbols[_END]
    if not memory.base <= begin <= end <= memory.end:
        raise ValueError(f"the signature from {begin:#x} to {end:#x} is no part of RAM")
    data = memory.read(begin, end - begin)
    numbers = (data[at : at + granularity] for at in range(0, len(data), granularity))
    return "".join(f"{int.from_bytes(number, 'little'):0{2 * granularity}x}\n" for number in numbers)
