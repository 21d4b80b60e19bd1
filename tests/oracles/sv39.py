"""The Sv39 translation algorithm of [priv 4.3.2], step by step, for pages of memory held in a dictionary.

``translate`` says where an access goes or how it faults, and which PTE it changes. It keeps no TLB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
PAGESIZE, PTESIZE, LEVELS = 4096, 8, 3
PAGE_FAULT = {"fetch": 12, "load": 13, "store": 15}
ACCESS_FAULT = {"fetch": 1, "load": 5, "store": 7}


@dataclass(frozen=True)
class Rights:
    """What of the hart's state a translation depends on; `privilege` is the effective one."""

    privilege: str = "U"
    sum: bool = False
    mxr: bool = False
    hardware_ad: bool = True


@dataclass(frozen=True)
class Translation:
    """A physical address, or a cause. `update` is the PTE to be written: (address, value)."""

    pa: int | None = None
    cause: int | None = None
    update: tuple[int, int] | None = None
    level: int = 0
    pte: int = 0


def translate(
    root: int, va: int, access: str, rights: Rights, read: Callable[[int], int | None]
) -> Translation:
    """`read(pa)` is the PTE there, or None where there is no memory."""
    page_fault = Translation(cause=PAGE_FAULT[access])
    # "... bits 63-39 must all equal bit 38, or else a page-fault exception will occur" [priv 4.4.1]
    if va >> 38 not in (0, 2**26 - 1):
        return page_fault
    vpn = [va >> 12 & 511, va >> 21 & 511, va >> 30 & 511]
    # Step 1
    a, i = root, LEVELS - 1
    while True:
        # Step 2
        address = a + vpn[i] * PTESIZE
        pte = read(address)
        if pte is None:
            return Translation(cause=ACCESS_FAULT[access])
        # Step 3: "... or if any bits or encodings that are reserved for future standard use are set"
        if not pte & V or (not pte & R and pte & W) or pte >> 54:
            return page_fault
        # Step 4
        if pte & R or pte & X:
            break
        if pte & (A | D | U):
            return page_fault
        i -= 1
        if i < 0:
            return page_fault
        a = (pte >> 10 & 2**44 - 1) * PAGESIZE
    # Step 5
    if not permitted(pte, access, rights):
        return page_fault
    # Step 6
    ppn = pte >> 10 & 2**44 - 1
    if i > 0 and ppn & (1 << 9 * i) - 1:
        return page_fault
    # Step 7
    needed = A | D if access == "store" else A
    update = None
    if pte & needed != needed:
        if not rights.hardware_ad:
            return page_fault
        pte |= needed
        update = (address, pte)
    # Step 8
    offset_bits = 12 + 9 * i
    pa = (ppn * PAGESIZE >> offset_bits << offset_bits) | va & (1 << offset_bits) - 1
    return Translation(pa=pa, update=update, level=i, pte=pte)


def permitted(pte: int, access: str, rights: Rights) -> bool:
    """R, W, X and U, with SUM and MXR. [priv 4.1.1.2]"""
    if pte & U:
        if rights.privilege == "S" and (access == "fetch" or not rights.sum):
            return False
    elif rights.privilege == "U":
        return False
    if access == "fetch":
        return bool(pte & X)
    if access == "store":
        return bool(pte & W)
    return bool(pte & R or (rights.mxr and pte & X))
