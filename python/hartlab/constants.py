"""xv6's and the specification's constants and macros under their own names, exported as ``hartlab.NAME``."""

from __future__ import annotations

from typing import Final

from . import _engine
from .arguments import integer

_C = _engine.constants()

# Pages and page-table entries [priv 4.4.1].
PGSIZE: Final[int] = _C["PGSIZE"]
PGSHIFT: Final[int] = _C["PGSHIFT"]
PTE_V: Final[int] = _C["PTE_V"]
PTE_R: Final[int] = _C["PTE_R"]
PTE_W: Final[int] = _C["PTE_W"]
PTE_X: Final[int] = _C["PTE_X"]
PTE_U: Final[int] = _C["PTE_U"]
PTE_G: Final[int] = _C["PTE_G"]
PTE_A: Final[int] = _C["PTE_A"]
PTE_D: Final[int] = _C["PTE_D"]
SATP_SV39: Final[int] = _C["SATP_SV39"]

# Where things are: xv6's memlayout.h. PHYSTOP depends on the size of RAM: Kernel.phystop.
MAXVA: Final[int] = _C["MAXVA"]
KERNBASE: Final[int] = _C["KERNBASE"]
UART0: Final[int] = _C["UART0"]
VIRTIO0: Final[int] = _C["VIRTIO0"]
CLINT: Final[int] = _C["CLINT"]
CLINT_SIZE: Final[int] = _C["CLINT_SIZE"]
PLIC: Final[int] = _C["PLIC"]
PLIC_SIZE: Final[int] = _C["PLIC_SIZE"]
TRAMPOLINE: Final[int] = _C["TRAMPOLINE"]
TRAPFRAME: Final[int] = _C["TRAPFRAME"]
ETEXT: Final[int] = _C["ETEXT"]

# Limits: xv6's param.h.
NPROC: Final[int] = _C["NPROC"]
NCPU: Final[int] = _C["NCPU"]
NOFILE: Final[int] = _C["NOFILE"]
NFILE: Final[int] = _C["NFILE"]
NINODE: Final[int] = _C["NINODE"]
MAXARG: Final[int] = _C["MAXARG"]
MAXPATH: Final[int] = _C["MAXPATH"]
NVMA: Final[int] = _C["NVMA"]

# The second argument of sbrk in xv6 of 2025.
SBRK_EAGER: Final[int] = 1
SBRK_LAZY: Final[int] = 2

PROC_STATES: Final[tuple[str, ...]] = ("UNUSED", "USED", "SLEEPING", "RUNNABLE", "RUNNING", "ZOMBIE")

_MASK64: Final[int] = (1 << 64) - 1


def PGROUNDUP(size: int) -> int:
    """Round `size` up to whole pages.

    Parameters
    ----------
    size : int
        Bytes, or an address.

    Returns
    -------
    int
        The multiple of PGSIZE at or above it.

    Examples
    --------
    >>> PGROUNDUP(4097)
    8192
    """
    return (integer("size", size) + PGSIZE - 1) & ~(PGSIZE - 1) & _MASK64


def PGROUNDDOWN(address: int) -> int:
    """Round `address` down to the start of its page.

    Parameters
    ----------
    address : int
        Any address.

    Returns
    -------
    int
        The multiple of PGSIZE at or below it.

    Examples
    --------
    >>> PGROUNDDOWN(8191)
    4096
    """
    return integer("address", address) & ~(PGSIZE - 1) & _MASK64


def PXSHIFT(level: int) -> int:
    """Say where in a virtual address the index into the table of `level` begins.

    Parameters
    ----------
    level : int
        2 for the root, 0 for the last.

    Returns
    -------
    int
        A bit number: 30, 21 or 12.

    Examples
    --------
    >>> [PXSHIFT(level) for level in (2, 1, 0)]
    [30, 21, 12]
    """
    return PGSHIFT + 9 * integer("level", level, 0, 2)


def PX(level: int, va: int) -> int:
    """Give the index into the page table of `level` that `va` selects.

    Parameters
    ----------
    level : int
        2 for the root, 0 for the last.
    va : int
        A virtual address.

    Returns
    -------
    int
        From 0 to 511.

    Examples
    --------
    >>> [PX(level, TRAMPOLINE) for level in (2, 1, 0)]
    [255, 511, 511]
    """
    return (integer("va", va) >> PXSHIFT(level)) & 0x1FF


def PA2PTE(pa: int) -> int:
    """Put a physical address into the place that a PTE has for it, without any flags.

    Parameters
    ----------
    pa : int
        A physical address; the offset in its page is dropped.

    Returns
    -------
    int
        The PPN field of a PTE.

    Examples
    --------
    >>> hex(PA2PTE(0x8000_1000) | PTE_V)
    '0x20000401'
    """
    return (integer("pa", pa) >> 12) << 10


def PTE2PA(pte: int) -> int:
    """Take the physical address of the page out of a PTE.

    Parameters
    ----------
    pte : int
        A page-table entry.

    Returns
    -------
    int
        The address that its PPN names.

    Examples
    --------
    >>> hex(PTE2PA(0x20000401))
    '0x80001000'
    """
    return ((integer("pte", pte) >> 10) & ((1 << 44) - 1)) << 12


def PTE_FLAGS(pte: int) -> int:
    """Take the flags out of a PTE.

    Parameters
    ----------
    pte : int
        A page-table entry.

    Returns
    -------
    int
        Its bits 9 to 0.

    Examples
    --------
    >>> PTE_FLAGS(0x20000407) == PTE_V | PTE_R | PTE_W
    True
    """
    return integer("pte", pte) & 0x3FF


def MAKE_SATP(pagetable: int, asid: int = 0) -> int:
    """Make the value of satp that turns on Sv39 with this page table.

    Parameters
    ----------
    pagetable : int
        Physical address of the root.
    asid : int
        Address-space identifier, 0 to 65535.

    Returns
    -------
    int
        What to write to satp. [priv 4.1.11]

    Examples
    --------
    >>> hex(MAKE_SATP(0x8000_1000))
    '0x8000000000080001'
    """
    pagetable, asid = integer("pagetable", pagetable), integer("asid", asid, 0, 0xFFFF)
    return SATP_SV39 | (asid << 44) | (pagetable >> PGSHIFT)


def KSTACK(p: int) -> int:
    """Give the kernel virtual address of the stack of the process in slot `p`.

    Parameters
    ----------
    p : int
        Index in proc[].

    Returns
    -------
    int
        The address of its page; the page below is an unmapped guard.

    Examples
    --------
    >>> hex(KSTACK(0))
    '0x3fffffd000'
    """
    return TRAMPOLINE - (integer("p", p) + 1) * 2 * PGSIZE
