"""What a benchmark yields: a figure with its samples and, where there are any, its peer's and its target."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Figure:
    """Samples of one quantity; `peer` holds those of another implementation of the same work.

    `target` says in words what is aimed at, and `met` whether it was reached; `how` is how the figure was
    obtained.
    """

    name: str
    unit: str
    samples: list[float]
    peer: list[float] = field(default_factory=list)
    peer_name: str = ""
    target: str = ""
    met: bool | None = None
    how: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Interquartile range over the median: what of the figure is noise."""
        if len(self.samples) < 2 or self.median == 0:
            return 0.0
        low, _, high = statistics.quantiles(self.samples, n=4)
        return (high - low) / abs(self.median)

    @property
    def ratio(self) -> float | None:
        """This over the peer, of medians."""
        return self.median / statistics.median(self.peer) if self.peer else None

    def at_most(self, limit: float, words: str = "") -> Figure:
        """Sets a target for the figure itself."""
        self.target, self.met = words or f"at most {limit:g} {self.unit}", self.median <= limit
        return self

    def beside_peer(self, words: str, *, least: float | None = None, most: float | None = None) -> Figure:
        """Sets a target for the ratio; without a peer there is nothing to meet."""
        self.target = words
        if self.ratio is not None:
            self.met = (least is None or self.ratio >= least) and (most is None or self.ratio <= most)
        return self


def alternate(work: Sequence[Callable[[], float]], repeat: int) -> list[list[float]]:
    """Samples of each, taken in turn, so that a slow minute of the machine hits all alike."""
    rounds = [[one() for one in work] for _ in range(repeat)]
    return [list(samples) for samples in zip(*rounds, strict=True)]


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start
