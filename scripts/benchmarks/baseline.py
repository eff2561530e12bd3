"""Baseline: unique names against a local EQC of 5-20 s a request (docs/domain.md section 1).

Today's practice, eqcbatch one request at a time, and eqcbatch with `--in-flight auto`, side by side: each
has an EQC of its own whose n-th request takes as long as that of the others. Today's practice sends three
requests a name, so it is given a third of the names. All ten times as fast as EQC; every figure is
brought back to scale, save `processing`, which no scale speeds up. A drain loses some seconds of the rate
once, while it finds its step: of 100 names that is 1 to 2 %, of 1,000 it is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.databases import new_database
from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import child, run
from benchmarks.rounds import each, side_by_side
from benchmarks.traffic import RATE, Traffic, local_eqc, traffic
from eqcbatch.postgres.embedded import embedded_postgres

SCALE = 10.0  # no faster where violations are counted
QUICK_NAMES = 18
TODAY, SEQUENTIAL, AUTO = "today", "sequential", "auto"
SCALED_RATE = ("--time-scale", f"{SCALE:g}")


@dataclass(frozen=True, slots=True)
class Drained:
    """One run. drain_s: by the wall, start and end of the process included. Seconds are unscaled, save
    processing_s. hit_rate: of the same names, planned once more with what this run left in Postgres.
    """

    names: int
    traffic: Traffic
    drain_s: float
    network_s: float
    waiting_s: float
    processing_s: float
    hit_rate: float

    @property
    def requests_a_name(self) -> float:
        """What a name costs."""
        return self.traffic.requests / self.names

    @property
    def names_a_minute(self) -> float:
        """What a long run comes to."""
        return self.traffic.steady_a_minute / self.requests_a_name

    @property
    def whole_share(self) -> float:
        """Of the limit, in percent, over the whole process."""
        return 100 * self.traffic.requests / self.drain_s * RATE.period_s / RATE.limit

    def a_request(self, seconds: float) -> float:
        """Seconds of the run, a request."""
        return seconds / self.traffic.requests


def measure(effort: Effort) -> Section:
    """Run the three ways."""
    room = effort.room("baseline")
    names = made_up_names(QUICK_NAMES if effort.quick else effort.names)
    numbers = count(1)
    with embedded_postgres(room / "postgres") as url:
        ways: dict[str, Callable[[], Drained]] = {
            TODAY: lambda: _practice(_new(room, TODAY, numbers), names[: len(names) // 3]),
            SEQUENTIAL: lambda: _drain(_new(room, SEQUENTIAL, numbers), names, url, "1"),
            AUTO: lambda: _drain(_new(room, AUTO, numbers), names, url, "auto"),
        }
        found = side_by_side(effort.runs, ways)
    return Section(
        "Baseline: unique names at 5-20 s a request, 10 requests in 60 s",
        [*_rows(found, SEQUENTIAL, faster=2.5), *_rows(found, AUTO, faster=5.5, share=97)],
        {
            "names": f"{len(names):,}; today's practice has {len(names) // 3:,}: all send as many requests",
            "time scale": f"{SCALE:g}",
            "mean latency drawn by the local EQC": f"{found[AUTO][0].traffic.latency_s:.2f} s",
            "most with the guard of the rate": f"{100 * RATE.period_s / RATE.window_s:.1f} % of the limit",
            "most in flight with auto": max(run.traffic.max_in_flight for run in found[AUTO]),
        },
    )


def _rows(
    found: dict[str, list[Drained]], way: str, *, faster: float, share: float | None = None
) -> list[Row]:
    """The figures of one way. faster: than today's practice, at least; share: of the limit, at least."""
    shares = [Goal(">=", share)] if share else []
    figures: list[tuple[str, str, Callable[[Drained], float], list[Goal]]] = [
        ("names a minute", "1/min", lambda run: run.names_a_minute, [Goal(">=", faster, of_ratio=True)]),
        ("requests a name", "", lambda run: run.requests_a_name, []),
        ("cache hit rate of the next plan", "%", lambda run: 100 * run.hit_rate, []),
        ("network a request", "s", lambda run: run.a_request(run.network_s), []),
        ("waiting a request", "s", lambda run: run.a_request(run.waiting_s), []),
        ("processing a request", "ms", lambda run: 1000 * run.a_request(run.processing_s), []),
        ("share of the limit, after the burst", "%", lambda run: run.traffic.steady_share, shares),
        ("share, first request to last", "%", lambda run: run.traffic.first_to_last_share, []),
        ("share, over the whole process", "%", lambda run: run.whole_share, []),
        ("most requests in a window", "", lambda run: run.traffic.max_in_window, []),
        ("violations of the limit", "", lambda run: run.traffic.violations, [Goal("<=", 0)]),
    ]
    return [
        Row(f"{way}: {what}", unit, each(found[way], figure), each(found[TODAY], figure), TODAY, goals)
        for what, unit, figure, goals in figures
    ]


def _new(room: Path, way: str, numbers: Any) -> Path:
    place = room / f"{way}-{next(numbers)}"
    place.mkdir()
    return place


def _practice(place: Path, names: list[str]) -> Drained:
    source = write_names(place / "names.csv", names)
    with local_eqc(SCALE) as eqc:
        rate = (RATE.limit, RATE.period_s / SCALE)
        ended = run(place, (*child("today"), eqc.url, source, *rate))
        seen = traffic(eqc, SCALE)
    told = ended.json()
    return Drained(
        names=told["names"],
        traffic=seen,
        drain_s=ended.seconds * SCALE,
        network_s=told["network_s"] * SCALE,
        waiting_s=told["waiting_s"] * SCALE,
        processing_s=told["wall_s"] - told["network_s"] - told["waiting_s"],
        hit_rate=0.0,
    )


def _drain(place: Path, names: list[str], server_url: str, in_flight: str) -> Drained:
    home = Home(place, new_database(server_url, place.name.replace("-", "_")))
    source = write_names(place / "names.csv", names)
    home.eqcbatch("plan", source)
    with local_eqc(SCALE) as eqc:
        ended = home.drain(eqc.url, "--in-flight", in_flight, *SCALED_RATE)
        seen = traffic(eqc, SCALE)
    report = home.eqcbatch("report", "--json").json()
    again = home.eqcbatch("plan", source, "--ledger", place / "again.sqlite", "--json").json()
    return Drained(
        names=report["names"]["resolved"] + report["names"]["failed"],
        traffic=seen,
        drain_s=ended.seconds * SCALE,
        network_s=report["time"]["network_s"] * SCALE,
        waiting_s=report["time"]["waiting_s"] * SCALE,
        processing_s=report["time"]["processing_s"],
        hit_rate=again["hit_rate"]["names"],
    )
