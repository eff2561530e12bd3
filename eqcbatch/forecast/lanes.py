"""How many requests in flight use all of the rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eqcbatch.settings import Rate

LANES_UNMEASURED, MOST_LANES = 5, 8
_ENOUGH = 5  # answers, before their latency is trusted


def lanes_needed(ordered_s: Sequence[float], rate: Rate) -> int:
    """How many requests in flight use all of the rate: by Little's law, rate x p95 of the latency.

    ordered_s: measured latencies, shortest first. One more than the law says, since a turn that waits for
    a lane is lost for good; at most 8, and 5 until there are enough measured.
    """
    if len(ordered_s) < _ENOUGH:
        return LANES_UNMEASURED
    p95 = ordered_s[min(len(ordered_s) - 1, int(0.95 * len(ordered_s)))]
    return min(MOST_LANES, math.ceil(p95 * rate.limit / rate.period_s) + 1)
