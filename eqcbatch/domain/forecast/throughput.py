"""The seconds from one request to the next in the long run: measured requests, played through the rate."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from itertools import islice
from operator import sub
from statistics import fmean, pvariance

from eqcbatch.domain.forecast.samples import RequestSample
from eqcbatch.settings import Rate

_BATCHES, _BATCH = 60, 60  # batches of requests whose durations are compared
_LONGEST_BURST = 120


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds from one request to the next: their mean, and the variance that each adds to a long sum.

    burst: how many requests a window takes at once. burst_s: how much sooner they are out than by the mean.
    flight_s: how much of the mean the requests themselves take, so many in flight. landing_s: how much longer
    the last one takes than one that is followed by another.
    """

    mean_s: float
    variance: float
    burst: int
    burst_s: float
    flight_s: float
    landing_s: float


def throughput(
    samples: Sequence[RequestSample], processing_s: float, rate: Rate, in_flight: int
) -> Throughput:
    """Play a long drain whose requests are drawn from `samples`, so many in flight; always the same draws.

    The rate is a window, as it is for a drain: after a slow answer the next ones may follow faster than its
    mean interval, so neither the latency nor the interval alone tells what is kept up.
    """
    burst = min(rate.limit, _LONGEST_BURST)
    batch = max(_BATCH, burst)
    drawn = random.Random(0).choices(samples, k=burst + _BATCHES * batch + 1)
    sent = _departures(drawn, processing_s, burst, rate.interval_s * burst, in_flight)
    ends = list(islice(sent, burst, None, batch))
    mean_s = max(rate.interval_s, (ends[-1] - ends[0]) / (_BATCHES * batch))
    flight_s = fmean(sample.elapsed_s for sample in samples) + processing_s
    return Throughput(
        mean_s,
        pvariance(list(map(sub, ends[1:], ends))) / batch,
        burst,
        max(0.0, burst * (mean_s - flight_s / in_flight)),
        flight_s / in_flight,
        max(0.0, flight_s - mean_s),
    )


def _departures(
    samples: Sequence[RequestSample], processing_s: float, limit: int, window_s: float, in_flight: int
) -> Iterator[float]:
    """When each goes: one more may be in flight, the window has room, and nothing has to be waited for."""
    free = [0.0] * in_flight
    heapify(free)
    window = deque([-window_s] * limit, maxlen=limit)
    not_before = 0.0
    for sample in samples:
        start = max(free[0], window[0] + window_s, not_before)
        end = start + sample.elapsed_s + processing_s
        heapreplace(free, end)
        window.append(start)
        not_before = max(not_before, end + sample.rest_s) if sample.rest_s else start + processing_s
        yield start
