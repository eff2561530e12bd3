"""How many requests in flight use all of the rate.

Why: docs/decisions/0004.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from eqcbatch.domain.forecast.samples import ENOUGH
from eqcbatch.settings import Rate

IN_FLIGHT_UNMEASURED, MOST_IN_FLIGHT = 5, 8


def in_flight_needed(ordered_s: Sequence[float], rate: Rate) -> int:
    """How many requests in flight use all of the rate: by Little's law, rate x p95 of the latency.

    ordered_s: measured latencies, shortest first. One more than the law says, since a turn of the rate that
    nobody can take is lost for good; at most 8, and 5 until there are enough measured.
    """
    if len(ordered_s) < ENOUGH:
        return IN_FLIGHT_UNMEASURED
    return min(MOST_IN_FLIGHT, math.ceil(percentile(ordered_s, 0.95) * rate.limit / rate.period_s) + 1)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of them lies; of one at least, smallest first."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
