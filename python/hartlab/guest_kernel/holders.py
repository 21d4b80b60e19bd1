"""Frames that are in somebody's hands: the kernel's memory and registers have pointers to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .processes import Slot
from .sight import Sight

_PAGE = 4096
_MOST_ROUNDS = 1 << 16


@dataclass
class Holders:
    """Frames, by their number, and through what each is held, in words."""

    frames: list[int] = field(default_factory=list)
    through: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Region:
    """Words of the kernel's memory; `name` says what they are, `at` where the kernel has them."""

    name: str
    at: int | None
    words: NDArray[np.uint64]


def look_for_holders(sight: Sight, lost: NDArray[np.bool_], stacks: list[tuple[Slot, int, int]]) -> Holders:
    """Find which of the frames that nobody owns something points to, directly or through another of them.

    Parameters
    ----------
    sight : Sight
        The kernel.
    lost : ndarray of bool
        A flag a frame of RAM: whom nobody owns.
    stacks : list of (Slot, va, pa)
        Pages of kernel stacks.

    Returns
    -------
    Holders
        Those that are held, in the order in which they were found.
    """
    found = Holders()
    left = lost.copy()
    base = sight.memory.base >> 12

    def take(words: NDArray[np.uint64], name: str, at: int | None) -> list[int]:
        pages = (words >> np.uint64(12)) - np.uint64(base)
        hits = np.flatnonzero((pages < len(left)) & left[np.minimum(pages, len(left) - 1).astype(np.int64)])
        new = []
        for hit in hits.tolist():
            frame = int(pages[hit])
            if left[frame]:
                left[frame] = False
                new.append(frame)
                label = sight.guest.name_at(at + 8 * hit) if at is not None else None
                found.frames.append(frame)
                found.through.append(label or name)
        return new

    pending: list[int] = []
    offset = np.uint64(sight.direct_offset)
    for region in _regions(sight, stacks):
        pending += take(region.words - offset if offset else region.words, region.name, region.at)
    rounds = 0
    while pending and rounds < _MOST_ROUNDS:
        rounds += 1
        frame = pending.pop()
        pa = (base + frame) << 12
        words = sight.memory[pa : pa + _PAGE].view("<u8")
        pending += take(words - offset if offset else words, f"the page {pa:#x}", None)
        # A page table that is being made is held by its root alone; its entries lead to the rest.
        valid = words[(words & np.uint64(1)) != 0]
        pending += take((valid >> np.uint64(10)) << np.uint64(12), f"the page table {pa:#x}", None)
    return found


def _regions(sight: Sight, stacks: list[tuple[Slot, int, int]]) -> Iterator[_Region]:
    """The kernel's variables, the live parts of its stacks, its registers."""
    memory, harts = sight.memory, sight.machine.harts
    first = sight.managed[0]
    image = np.array(memory[memory.base : first].view("<u8"))
    pointers = [hart.x.sp for hart in harts if hart.privilege != "U"]
    if any(slot.used for slot in sight.slots):
        _forget_boot_stacks(sight, image, pointers)
    yield _Region("the kernel's variables", memory.base, image)
    for slot, va, pa in stacks:
        live_from = _live_from(slot, va, pointers)
        if live_from is not None and pa in memory:
            words = memory[pa + live_from - va : pa + _PAGE].view("<u8")
            yield _Region(f"the kernel stack of pid {slot.pid}", live_from, words)
    for number, hart in enumerate(harts):
        if hart.privilege != "U":
            yield _Region(f"the registers of hart {number}", None, np.asarray(hart.x, dtype=np.uint64))


def _forget_boot_stacks(sight: Sight, image: NDArray[np.uint64], pointers: list[int]) -> None:
    """Clear the stacks in the image, which the schedulers have when there are processes.

    A scheduler has no page in its hands, but what main() once had is still there.
    """
    for sp in (*pointers, *sight.sp_of_harts()):
        extent = sight.machine._symbols.extent(sp - 1)
        pa = None if extent is None else sight.guest.translate(extent[0])
        if extent is not None and pa is not None:
            first = (pa - sight.memory.base) // 8
            image[first : first + (extent[1] - extent[0]) // 8] = 0


def _live_from(slot: Slot, va: int, pointers: list[int]) -> int | None:
    """From where on a page of a stack is in use; None when none of it is."""
    if not slot.used:
        return None
    saved = [slot.sp] if slot.hart < 0 and slot.sp else []
    here = [sp for sp in (*pointers, *saved) if slot.kstack <= sp < va + _PAGE]
    if here:
        return max(min(here) & ~7, va)
    if slot.hart >= 0:
        return None  # it runs in user mode
    return va if slot.sp is None else None
