"""copy.cpp in Python."""

from __future__ import annotations

from typing import Any


def pieces(k: Any, va: int, length: int) -> Any:
    """(offset, bytes) of the parts of a range that lie in one page each."""
    done = 0
    while done < length:
        size = min(length - done, k.PGSIZE - (va + done) % k.PGSIZE)
        yield done, size
        done += size


def writable(k: Any, pagetable: int, va: int) -> int:
    """The frame of a user page that may be written to; 0 when there is none."""
    pa: int = k.walkaddr(pagetable, va) or k.vmfault(pagetable, va, False)
    if not pa:
        return 0
    address = k.walk(pagetable, va, False)
    if not address or k.load64(address) & k.PTE_W:
        return pa if address else 0
    if k.policies["fork"] == "cow" and k.cowfault(pagetable, va) == 0:
        return int(k.walkaddr(pagetable, va))
    return 0


def copyout(k: Any, pagetable: int, dstva: int, source: int, length: int) -> int:
    for done, size in pieces(k, dstva, length):
        va = dstva + done
        if va >= k.MAXVA:
            return -1
        page = writable(k, pagetable, k.PGROUNDDOWN(va))
        if not page:
            return -1
        k.memmove(page + va % k.PGSIZE, source + done, size)
    return 0


def copyin(k: Any, pagetable: int, destination: int, srcva: int, length: int) -> int:
    for done, size in pieces(k, srcva, length):
        va = srcva + done
        if va >= k.MAXVA:
            return -1
        page = k.walkaddr(pagetable, k.PGROUNDDOWN(va)) or k.vmfault(pagetable, k.PGROUNDDOWN(va), True)
        if not page:
            return -1
        k.memmove(destination + done, page + va % k.PGSIZE, size)
    return 0


def copyinstr(k: Any, pagetable: int, destination: int, srcva: int, length: int) -> int:
    for done, size in pieces(k, srcva, length):
        va = srcva + done
        page = k.walkaddr(pagetable, k.PGROUNDDOWN(va)) if va < k.MAXVA else 0
        if not page:
            return -1
        text = k.read(page + va % k.PGSIZE, size)
        end = text.find(b"\0")
        k.memmove(destination + done, page + va % k.PGSIZE, size if end < 0 else end + 1)
        if end >= 0:
            return 0
    return -1


FUNCTIONS = {"copyout": copyout, "copyin": copyin, "copyinstr": copyinstr}
