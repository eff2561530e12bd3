"""How long the rest takes: pure arithmetic over requests left, latency, rate and budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from eqcbatch.settings import DEFAULT_LATENCY_S, Rate

_Z90 = 1.2816  # the standard normal's 90th percentile
_ENOUGH = 5  # answers, before a measured latency is trusted over the assumed one
LANES_UNMEASURED, MOST_LANES = 5, 8


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds a request takes. sample: over how many answers; 0 = assumed, not measured."""

    mean: float
    deviation: float
    sample: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """The latency of these answers; of DOMAIN section 1 (5-20 s) while there are too few."""
        if len(seconds) >= _ENOUGH:
            return cls(fmean(seconds), pstdev(seconds), len(seconds))
        low, high = DEFAULT_LATENCY_S
        return cls((low + high) / 2, (high - low) / math.sqrt(12), 0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left. The hours are of running time: 80 % of such jobs end between p10 and p90.

    sessions_at_budget: how many drains at the given budget, None without a budget.
    """

    requests_left: int
    hours_p10: float
    hours_p50: float
    hours_p90: float
    sessions_at_budget: int | None


def lanes_needed(ordered_s: Sequence[float], rate: Rate) -> int:
    """How many requests in flight use all of the rate: by Little's law, rate x p95 of the latency.

    ordered_s: measured latencies, shortest first. One more than the law says, since a turn that waits for
    a lane is lost for good; at most 8, and 5 until there are enough measured.
    """
    if len(ordered_s) < _ENOUGH:
        return LANES_UNMEASURED
    p95 = ordered_s[min(len(ordered_s) - 1, int(0.95 * len(ordered_s)))]
    return min(MOST_LANES, math.ceil(p95 * rate.limit / rate.period_s) + 1)


def forecast(
    requests_left: int, latency: Latency, rate: Rate, budget: int | None, in_flight: int = 1
) -> Forecast:
    """Forecast a drain with `in_flight` requests at a time.

    A request takes its lane for the latency; the rate lets one start every interval: the slower of
    the two sets the pace. The spread is that of a sum of `requests_left` latencies, and of the
    uncertainty of the mean (that of a few answers, while it is assumed).
    """
    spread = latency.deviation * math.sqrt(requests_left + requests_left**2 / max(latency.sample, _ENOUGH))

    def hours(z: float) -> float:
        network_s = max(0.0, requests_left * latency.mean + z * spread) / in_flight
        return round(max(network_s, requests_left * rate.interval_s) / 3600, 3)

    return Forecast(
        requests_left,
        hours(-_Z90),
        hours(0),
        hours(_Z90),
        math.ceil(requests_left / budget) if budget else None,
    )
