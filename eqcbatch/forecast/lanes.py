"""How many requests in flight use all of the rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eqcbatch.forecast.experience import ENOUGH
from eqcbatch.settings import Rate

LANES_UNMEASURED, MOST_LANES = 5, 8


def lanes_needed(ordered_s: Sequence[float], rate: Rate) -> int:
    """How many requests in flight use all of the rate: by Little's law, rate x p95 of the latency.

    ordered_s: measured latencies, shortest first. One more than the law says, since a turn that waits for
    a lane is lost for good; at most 8, and 5 until there are enough measured.
    """
    if len(ordered_s) < ENOUGH:
        return LANES_UNMEASURED
    return min(MOST_LANES, math.ceil(percentile(ordered_s, 0.95) * rate.limit / rate.period_s) + 1)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of them lies; of one at least, smallest first."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
