"""What a benchmark yields: one figure, with its samples and, where there is one, its peer's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Figure:
    """Samples of one quantity; `peer` holds those of another implementation of the same work."""

    name: str
    unit: str
    samples: list[float]
    peer: list[float] = field(default_factory=list)
    peer_name: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Interquartile range over the median: what of the figure is noise."""
        if len(self.samples) < 2 or self.median == 0:
            return 0.0
        low, _, high = statistics.quantiles(self.samples, n=4)
        return (high - low) / self.median

    @property
    def ratio(self) -> float | None:
        """This over the peer, of medians."""
        return self.median / statistics.median(self.peer) if self.peer else None


def alternate(
    mine: Callable[[], float], peer: Callable[[], float], repeat: int
) -> tuple[list[float], list[float]]:
    """Samples of both, taken in turn, so that a slow minute of the machine hits both alike."""
    pairs = [(mine(), peer()) for _ in range(repeat)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start
