"""What the requests so far say about those to come, and what is left to ask."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import mul
from statistics import fmean

from eqcbatch.settings import Rate

ENOUGH = 5  # requests, before what was measured is trusted over what is assumed
_PRIOR = 5  # questions of one request each, which count beside those that were asked
_DOUBT = 0.1  # requests by which those are in doubt
_ASSUMED = 40  # samples that stand for an assumed range
_MOST_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class RequestSample:
    """One request: the seconds that it took, and those that it, failing, kept the next one waiting.

    lowered: how often a 429 had made its session slower before.
    """

    elapsed_s: float
    rest_s: float = 0.0
    lowered: int = 0


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """What was measured.

    samples: the latest requests, oldest first. searches: all requests that asked for names; settled: the
    questions they settled, harvested ones included. processing_s: what we add to a request, on average.
    """

    samples: tuple[RequestSample, ...] = ()
    searches: int = 0
    settled: int = 0
    processing_s: float = 0.0

    def sample(self, assumed_s: tuple[float, float]) -> Sequence[RequestSample]:
        """The samples; evenly spread ones from least to most assumed while there are too few."""
        if len(self.samples) >= ENOUGH:
            return self.samples
        least, most = assumed_s
        return [RequestSample(least + (most - least) * (at + 0.5) / _ASSUMED) for at in range(_ASSUMED)]

    def rate_kept(self, rate: Rate) -> Rate:
        """The rate as sessions that begin with `rate` keep it on average, which 429 answers make slower."""
        if len(self.samples) < ENOUGH:
            return rate
        times = Counter(sample.lowered for sample in self.samples)
        interval_s = sum(count * _lowered(rate, by).interval_s for by, count in times.items()) / times.total()
        return replace(rate, period_s=rate.period_s * interval_s / rate.interval_s)

    @property
    def requests_a_question(self) -> float:
        """More than one where requests fail, less where one answer settles several questions."""
        return (self.searches + _PRIOR) / (self.settled + _PRIOR)

    def requests_variance(self, questions: float) -> float:
        """How far the requests for so many more questions may stray: by chance, and as few were asked."""
        strays = (abs(self.searches - self.settled) + _DOUBT) / (self.settled + _PRIOR)
        return strays * (questions + questions**2 / (self.settled + _PRIOR))

    @property
    def worth(self) -> int:
        """How many measurements the samples are worth; what is assumed is worth a few."""
        return max(len(self.samples), ENOUGH)

    def tempered(self, variance: float, mean_s: float, assumed_s: tuple[float, float]) -> float:
        """The variance of the seconds from one request to the next, where requests
        of `mean_s` may vary as the assumed ones do, after all.

        A few that are alike say little of the slow ones that did not come yet.
        """
        least, most = assumed_s
        share = (most - least) / (most + least) if most else 0.0
        usual = (mean_s * share) ** 2 / 3
        return (variance * self.worth + usual * _PRIOR) / (self.worth + _PRIOR)

    @property
    def likeness(self) -> float:
        """How many requests in a row say no more than one would: 1 where each is by itself.

        Slow hours make neighbours alike; a likeness that chance explains counts as none.
        """
        if len(self.samples) < ENOUGH:
            return 1.0
        seconds = [sample.elapsed_s + sample.rest_s for sample in self.samples]
        alike = _correlation_of_neighbours(seconds)
        if alike < 2 / math.sqrt(len(seconds)):
            return 1.0
        alike = min(alike, _MOST_ALIKE)
        return (1 + alike) / (1 - alike)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left. questions: to ask for names. details: requests for details of companies, if any."""

    questions: int
    details: int = 0


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is left, and what is known of it.

    ordered_s: seconds that usable answers took, shortest first. window_s: seconds of a night in which
    requests may go, None for all of them.
    """

    left: Left
    history: RequestHistory = field(default_factory=RequestHistory)
    ordered_s: tuple[float, ...] = ()
    window_s: float | None = None


def _lowered(rate: Rate, times: int) -> Rate:
    for _ in range(times):
        rate = rate.lowered()
    return rate


def _correlation_of_neighbours(values: Sequence[float]) -> float:
    mean = fmean(values)
    around = [value - mean for value in values]
    whole = sum(one * one for one in around)
    return sum(map(mul, around, around[1:])) / whole if whole else 0.0
