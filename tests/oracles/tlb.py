"""A set-associative TLB as a list of sets, each a list of ways: what the hart's TLB must hold and count.

Superpages are held as their 4 KiB pieces. The walker is `oracles.sv39.translate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from oracles import sv39

MASK = 2**64 - 1


@dataclass
class Entry:
    vpn: int
    ppn: int
    pte: int
    asid: int
    level: int
    is_global: bool
    used: int = 0  # LRU: last use, FIFO: fill


@dataclass
class Counts:
    hits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("fetch", "load", "store"), 0))
    misses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("fetch", "load", "store"), 0))
    evictions: int = 0
    flushes: int = 0


class Tlb:
    """`read` and `write` reach the PTEs in memory."""

    def __init__(
        self,
        sets: int,
        ways: int,
        replacement: str,
        seed: int,
        read: Callable[[int], int | None],
        write: Callable[[int, int], None],
    ) -> None:
        self.replacement = replacement
        self.ways: list[list[Entry | None]] = [[None] * ways for _ in range(sets)]
        self.counts = Counts()
        self._read, self._write = read, write
        self._random = seed
        self._clock = 0

    def access(self, satp: int, va: int, kind: str, rights: sv39.Rights) -> sv39.Translation:
        """One look-up, and a walk if it does not hit."""
        root, asid, vpn = (satp & 2**44 - 1) << 12, satp >> 44 & 0xFFFF, va >> 12
        ways = self.ways[vpn % len(self.ways)]
        matches = [w for w, e in enumerate(ways) if e and e.vpn == vpn and (e.is_global or e.asid == asid)]
        canonical = va >> 38 in (0, 2**26 - 1)
        found = matches[0] if matches and canonical else None
        if found is not None and self._lets_through(ways[found], kind, rights):
            self.counts.hits[kind] += 1
            if self.replacement == "lru":
                ways[found].used = self._tick()
            entry = ways[found]
            return sv39.Translation(pa=entry.ppn << 12 | va & 4095, level=entry.level, pte=entry.pte)
        self.counts.misses[kind] += 1
        walk = sv39.translate(root, va, kind, rights, self._read)
        if walk.cause is not None:
            return walk
        if walk.update:
            self._write(*walk.update)
        where = found if found is not None else self._make_room(ways)
        ways[where] = Entry(
            vpn, walk.pa >> 12, walk.pte, asid, walk.level, bool(walk.pte & sv39.G), self._tick()
        )
        return walk

    def _lets_through(self, entry: Entry, kind: str, rights: sv39.Rights) -> bool:
        dirty_enough = kind != "store" or entry.pte & sv39.D
        return bool(dirty_enough) and sv39.permitted(entry.pte, kind, rights)

    def _make_room(self, ways: list[Entry | None]) -> int:
        if None in ways:
            return ways.index(None)
        self.counts.evictions += 1
        if self.replacement == "random":
            return self._splitmix64() % len(ways)
        return min(range(len(ways)), key=lambda w: ways[w].used)

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    def _splitmix64(self) -> int:
        """Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014."""
        self._random = self._random + 0x9E37_79B9_7F4A_7C15 & MASK
        z = self._random
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB & MASK
        return z ^ z >> 31

    def fence(self, va: int | None = None, asid: int | None = None) -> None:
        """sfence.vma [priv 4.2.1]: global entries survive the forms that name an ASID."""
        self.counts.flushes += 1
        for ways in self.ways:
            for w, entry in enumerate(ways):
                if entry and self._is_fenced(entry, va, asid):
                    ways[w] = None

    @staticmethod
    def _is_fenced(entry: Entry, va: int | None, asid: int | None) -> bool:
        in_range = va is None or entry.vpn >> 9 * entry.level == va >> 12 + 9 * entry.level
        return in_range and (asid is None or (entry.asid == asid and not entry.is_global))

    def contents(self) -> list[tuple[int, int, int, int, int, int, int, bool]]:
        """(set, way, vpn, ppn, pte, asid, level, global) of each entry."""
        return [
            (s, w, e.vpn, e.ppn, e.pte, e.asid, e.level, e.is_global)
            for s, ways in enumerate(self.ways)
            for w, e in enumerate(ways)
            if e
        ]
