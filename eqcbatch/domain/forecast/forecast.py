"""How long the rest takes, how sure that is, and what would make it faster.

Why: docs/decisions/0025.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eqcbatch.domain.forecast.concurrency import in_flight_needed
from eqcbatch.domain.forecast.samples import Left, Prospect
from eqcbatch.domain.forecast.schedule import Schedule
from eqcbatch.domain.forecast.throughput import Throughput, throughput

_Z90 = 1.2816  # the standard normal's 90th percentile
_WORTH_SAYING = 0.9  # of the time it takes anyway


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left. The hours are of running time: 80 % of such jobs end between p10 and p90.

    requests_left = questions_left + details_left + retries_expected - saved_expected: of those that fail so
    many are sent again, and so many questions are answered with another one. sessions_at_budget: how many
    drains at the given budget, None without a budget. nights: how many drains at budget or window, whichever
    ends them first; None where neither does.
    """

    requests_left: int
    hours_p10: float
    hours_p50: float
    hours_p90: float
    sessions_at_budget: int | None
    nights_p10: int | None
    nights_p50: int | None
    nights_p90: int | None
    questions_left: int
    details_left: int
    retries_expected: int
    saved_expected: int


@dataclass(frozen=True, slots=True)
class Faster:
    """Another way to run drains: the option that asks for it, and what is to be expected then."""

    option: str
    forecast: Forecast


def forecast(prospect: Prospect, schedule: Schedule) -> Forecast:
    """Forecast what is left, where drains are run like this.

    The spread is that of a sum of requests; of their mean, which so many measurements leave in doubt; and
    of how many requests the questions take.
    """
    left, history = prospect.left, prospect.history
    schedule = replace(schedule, rate=history.rate_kept(schedule.rate))
    details = left.details if schedule.details else 0
    requests = left.questions * history.requests_a_question + details
    per_request = throughput(
        history.sample(schedule.latency_s),
        history.processing_s,
        schedule.rate,
        schedule.in_flight or in_flight_needed(prospect.ordered_s, schedule.rate),
    )
    counted, spans_s = round(requests), _spans_s(prospect, requests, per_request, schedule)
    p10, p50, p90 = (round(seconds / 3600, 6) for seconds in spans_s)
    budget = schedule.requests_a_night
    n10, n50, n90 = (_nights(counted, budget, seconds, prospect.window_s) for seconds in spans_s)
    sessions = math.ceil(counted / schedule.budget) if schedule.budget else None
    more = counted - left.questions - details
    parts = (left.questions, details, max(0, more), max(0, -more))
    return Forecast(counted, p10, p50, p90, sessions, n10, n50, n90, *parts)


def faster(prospect: Prospect, schedule: Schedule) -> tuple[Faster, ...]:
    """What would make it faster, each by itself; only what gains a night, or a tenth of the time."""
    now = forecast(prospect, schedule)
    ways = [Faster(option, forecast(prospect, way)) for option, way in _other_ways(prospect.left, schedule)]
    return tuple(way for way in ways if _gains(now, way.forecast))


def _spans_s(prospect: Prospect, requests: float, per_request: Throughput, schedule: Schedule) -> list[float]:
    """Seconds at best, in the middle and at worst; never less than so many full windows take.

    The rate lets a whole window go at once: how early the last requests go depends on where they fall.
    """
    spread_s = _spread_s(prospect, requests, per_request, schedule.latency_s)
    latest_s = requests * per_request.mean_s + per_request.landing_s * min(1.0, requests)
    burst_s = per_request.burst_s * min(1.0, requests / per_request.burst)
    least_s = (math.ceil(requests / schedule.rate.limit) - 1) * schedule.rate.window_s
    return [
        max(0.0, least_s, latest_s - early * burst_s + away * spread_s)
        for early, away in ((1.0, -1), (0.5, 0), (0.0, 1))
    ]


def _spread_s(
    prospect: Prospect, requests: float, per_request: Throughput, assumed_s: tuple[float, float]
) -> float:
    """Seconds from the median to the 90th percentile."""
    history = prospect.history
    variance = history.tempered(per_request.variance, per_request.flight_s, assumed_s)
    in_sum = variance * history.likeness * (requests + requests**2 / history.worth)
    in_count = per_request.mean_s**2 * history.requests_variance(prospect.left.questions)
    return _quantile(max(2.0, history.worth / history.likeness)) * math.sqrt(in_sum + in_count)


def _other_ways(left: Left, schedule: Schedule) -> Iterator[tuple[str, Schedule]]:
    if schedule.in_flight is not None:
        yield "--in-flight auto", replace(schedule, in_flight=None)
    if schedule.budget is not None:
        yield "--budget all", replace(schedule, budget=None)
    if schedule.details and left.details:
        yield "--details none", replace(schedule, details=False)


def _gains(now: Forecast, then: Forecast) -> bool:
    if then.hours_p50 < _WORTH_SAYING * now.hours_p50:
        return True
    return (then.nights_p50 or 1) < (now.nights_p50 or 1)


def _nights(requests: int, budget: int | None, seconds: float, window_s: float | None) -> int | None:
    """A night that budget and window both bound takes the fewer requests of the two."""
    bounds = []
    if budget is not None:
        bounds.append(requests / budget)
    if window_s is not None:
        bounds.append(seconds / window_s)
    return math.ceil(max(bounds)) if bounds else None


def _quantile(measurements: float) -> float:
    """Student's 90th percentile, to first order: a deviation that few measurements tell is in doubt, too."""
    return _Z90 * (1 + (_Z90**2 + 1) / (4 * (measurements - 1)))
