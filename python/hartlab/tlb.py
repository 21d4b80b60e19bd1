"""The translation lookaside buffer: its geometry, its contents and its counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from . import arguments
from .table import Table, as_table

_REPLACEMENTS = ("lru", "fifo", "random")
_KINDS = ("fetch", "load", "store")


@dataclass(frozen=True)
class TlbGeometry:
    """How a TLB is built.

    Parameters
    ----------
    sets : int
        A power of two, 1 to 65536; bits of the page number choose the set.
    ways : int
        Entries of each set, 1 to 256.
    replacement : str
        Which entry gives way: ``"lru"``, ``"fifo"`` or ``"random"``.
    seed : int
        Of ``"random"``.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(tlb=hl.TlbGeometry(sets=16, ways=2, replacement="fifo"))
    >>> kernel.hart.tlb.geometry.entries
    32
    """

    sets: int = 512
    ways: int = 4
    replacement: str = "lru"
    seed: int = 1

    def __post_init__(self) -> None:
        sets = arguments.integer("sets", self.sets, 1, 1 << 16)
        if sets & (sets - 1):
            raise ValueError(f"sets={sets} is not a power of two")
        arguments.integer("ways", self.ways, 1, 256)
        arguments.choice("replacement", self.replacement, _REPLACEMENTS)
        arguments.integer("seed", self.seed, 0, (1 << 64) - 1)

    @property
    def entries(self) -> int:
        """How many translations it holds."""
        return self.sets * self.ways

    @classmethod
    def of(cls, value: TlbGeometry | Mapping[str, Any] | None) -> TlbGeometry:
        """Make a geometry of what a caller passed for one.

        Parameters
        ----------
        value : TlbGeometry, mapping or None
            A mapping has the parameters by name; None is the default.

        Returns
        -------
        TlbGeometry
            Checked.
        """
        if value is None:
            return cls()
        if isinstance(value, TlbGeometry):
            return value
        if not isinstance(value, Mapping):
            raise TypeError(
                f"tlb={value!r} must be a TlbGeometry or a dict such as {{'sets': 16, 'ways': 2}}"
            )
        unknown = set(value) - {"sets", "ways", "replacement", "seed"}
        if unknown:
            raise ValueError(f"tlb has no {', '.join(sorted(unknown))}; it has sets, ways, replacement, seed")
        return cls(**value)


@dataclass(frozen=True)
class TlbCounts:
    """What a TLB has counted, each of hits and misses by kind of access.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.Machine(memory="1MiB").hart.tlb.counts.hits
    {'fetch': 0, 'load': 0, 'store': 0}
    """

    hits: dict[str, int]
    misses: dict[str, int]
    evictions: int
    flushes: int

    @property
    def hit_rate(self) -> float:
        """Hits in all look-ups; not a number when there were none."""
        hits, misses = sum(self.hits.values()), sum(self.misses.values())
        return hits / (hits + misses) if hits + misses else float("nan")

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{k}</td><td>{self.hits[k]:,}</td><td>{self.misses[k]:,}</td></tr>" for k in _KINDS
        )
        return (
            f"<table><thead><tr><th></th><th>hits</th><th>misses</th></tr></thead><tbody>{rows}</tbody></table>"
            f"<p>{self.evictions:,} evictions, {self.flushes:,} flushes</p>"
        )


class Tlb:
    """The TLB of a hart. Calling it gives its entries: ``hart.tlb()``.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> result = kernel.run()
    >>> len(kernel.hart.tlb()) <= kernel.hart.tlb.geometry.entries
    True
    """

    def __init__(self, engine: Any, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed

    def __call__(self, invalid: bool = False) -> Table:
        return self.entries(invalid)

    def entries(self, invalid: bool = False) -> Table:
        """List what the TLB holds, each entry held against its page table.

        Parameters
        ----------
        invalid : bool
            Whether to list empty ways too.

        Returns
        -------
        Table
            A copy: set, way, va, pa, pte, flags, asid, and `stale` where the page table says otherwise by
            now.
        """
        tables = getattr(self._engine, "kernel_tlb", self._engine.tlb_table)
        return as_table(tables(bool(invalid)))

    @property
    def geometry(self) -> TlbGeometry:
        """How it is built."""
        return TlbGeometry(*self._engine.tlb_geometry)

    @property
    def counts(self) -> TlbCounts:
        """Hits, misses, evictions and flushes since the start or the last `reset_counts`."""
        counts = self._engine.tlb_counts
        hits, misses = (dict(zip(_KINDS, counts[name], strict=True)) for name in ("hits", "misses"))
        return TlbCounts(hits, misses, counts["evictions"], counts["flushes"])

    def reset_counts(self) -> None:
        """Set all counts to 0."""
        self._changed()
        self._engine.reset_tlb_counts()

    def flush(self, va: int | None = None, asid: int | None = None) -> None:
        """Do what the instruction sfence.vma does.

        Parameters
        ----------
        va : int, optional
            Only translations of this address.
        asid : int, optional
            Only translations of this address space; global ones stay.
        """
        self._changed()
        self._engine.sfence_vma(
            None if va is None else arguments.address("va", va),
            None if asid is None else arguments.integer("asid", asid, 0, 0xFFFF),
        )

    def __len__(self) -> int:
        return len(self.entries())

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        g = self.geometry
        head = f"<Tlb: {g.sets} sets of {g.ways} ways, {g.replacement}>"
        return f"{head}\n{self.entries()!r}"

    def _repr_html_(self) -> str:
        g = self.geometry
        head = f"<b>TLB: {g.sets} sets of {g.ways} ways, {escape(g.replacement)}</b>"
        return head + self.entries()._repr_html_()


def engine_tuple(geometry: TlbGeometry) -> tuple[int, int, str, int]:
    """The geometry as the engine's constructors take it."""
    return geometry.sets, geometry.ways, geometry.replacement, geometry.seed
