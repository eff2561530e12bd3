"""What a demo came to: its measurements, brought back to EQC's real speed, beside the targets."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.report import Report
from eqcbatch.settings import Rate
from eqcbatch.simulate import Totals


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets (docs/domain.md section 1): hits above, requests and hours below.

    requests_in_time: the sharper one, what the rate lets through within `hours`.
    """

    hit_rate: float = 0.80
    requests: int = 5_000
    requests_in_time: int = 1_200
    hours: float = 2.0


@dataclass(frozen=True, slots=True)
class Today:
    """How the job is done today, strictly sequential, as measured (docs/domain.md section 1)."""

    requests_a_name: int = 3
    names_a_minute: float = 1.65


TODAY = Today()


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo measured; nothing in it is an estimate but the hours.

    directory: where the month, the ledger and PostgreSQL's data stay. seconds: the demo by the wall.
    time_scale: how many times faster than EQC the simulated EQC was. coverage: share of the names that
    the generator let the index know. names, misses, hit_rate: at plan time. requests: booked by the
    drain; simulator: what the other side counted. latency_s: mean answer time, brought back to scale.
    hours_at_full_rate: the least that so many requests take at EQC's rate; hours_one_at_a_time: what
    they take when each waits for the one before. rate_used: the share of the rate that the latter uses.
    hours_today: the same names at today's speed.
    """

    directory: str
    seconds: float
    time_scale: float
    coverage: float
    names: int
    misses: int
    hit_rate: float
    requests: int
    latency_s: float
    hours_at_full_rate: float
    hours_one_at_a_time: float
    rate_used: float
    hours_today: float
    targets: Targets
    simulator: Totals
    report: Report


def measure(
    report: Report, totals: Totals, *, directory: str, seconds: float, time_scale: float, coverage: float
) -> DemoResult:
    """Do the sums on the report of a finished drain."""
    requests, misses = report.requests.total, report.names.total - report.names.cached
    interval_s = Rate().period_s / Rate().limit
    latency_s = (report.requests.latency_s.mean or 0.0) * time_scale
    at_full_rate = requests * interval_s / 3600
    one_at_a_time = requests * max(latency_s, interval_s) / 3600
    return DemoResult(
        directory=directory,
        seconds=round(seconds, 1),
        time_scale=time_scale,
        coverage=coverage,
        names=report.names.total,
        misses=misses,
        hit_rate=report.hit_rate.names or 0.0,
        requests=requests,
        latency_s=round(latency_s, 2),
        hours_at_full_rate=round(at_full_rate, 2),
        hours_one_at_a_time=round(one_at_a_time, 2),
        rate_used=round(at_full_rate / one_at_a_time, 3) if one_at_a_time else 0.0,
        hours_today=round(misses / TODAY.names_a_minute / 60, 2),
        targets=Targets(),
        simulator=totals,
        report=report,
    )
