"""The month: 30,986 rows, an index as in production, and all its misses asked of a local EQC.

Planned and drained by the commands, one request at a time and with `--in-flight auto`, side by side, 60
times as fast as EQC: what our own work takes counts 60-fold, so the hours are rather too many. The floor
is what the misses take at EQC's limit, one request each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.databases import new_database
from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home
from benchmarks.rounds import each, side_by_side
from benchmarks.traffic import RATE, SEED, Traffic, local_eqc, traffic
from eqcbatch.demo.defaults import ROWS
from eqcbatch.demo.month import index_rows, make_month, write_month
from eqcbatch.postgres.embedded import embedded_postgres

SCALE, QUICK_SCALE = 60.0, 240.0
QUICK_ROWS = 2_000
KEYS, MISSES = 8_000, 1_120  # of which an index that knows 86 % leaves so many
TARGET_H = 2.0


@dataclass(frozen=True, slots=True)
class Drained:
    """A month, done. plan_s: by the wall, as it was."""

    plan_s: float
    hit_rate: float
    misses: int
    traffic: Traffic

    @property
    def hours(self) -> float:
        """From the first request to the last answer, at EQC's speed."""
        return self.traffic.span_s / 3600

    @property
    def requests(self) -> int:
        """Sent."""
        return self.traffic.requests

    def hours_of(self, misses: int) -> float:
        """What so many misses take: the steady rate, and the requests a miss takes."""
        requests = misses * self.requests / self.misses
        return (requests / self.traffic.steady_a_minute * 60 + self.traffic.latency_s) / 3600


def floor_h(requests: float) -> float:
    """The least that so many requests take."""
    return requests * RATE.period_s / RATE.limit / 3600


def measure(effort: Effort) -> Section:
    """Make the month and its index, and drain both ways."""
    room = effort.room("month")
    month = make_month(SEED, QUICK_ROWS if effort.quick else ROWS)
    source = room / "month.csv"
    write_month(month, source)
    index = index_rows(month)
    scale = QUICK_SCALE if effort.quick else SCALE
    with embedded_postgres(room / "postgres") as url:

        def drain(in_flight: str) -> Drained:
            name = f"{in_flight}_{len(list(room.iterdir()))}"
            place = room / name
            place.mkdir()
            return _drain(Home(place, new_database(url, name, index)), source, in_flight, scale)

        found = side_by_side(effort.runs, {way: partial(drain, way) for way in ("one", "auto")})
    return _section(found, scale)


def _drain(home: Home, source: Path, in_flight: str, scale: float) -> Drained:
    planned = home.eqcbatch("plan", source, "--json")
    told: dict[str, Any] = planned.json()
    at_a_time = "1" if in_flight == "one" else in_flight
    with local_eqc(scale) as eqc:
        home.drain(eqc.url, "--in-flight", at_a_time, "--time-scale", f"{scale:g}")
        seen = traffic(eqc, scale)
    return Drained(planned.seconds, told["hit_rate"]["names"], told["names"]["pending"], seen)


def _section(found: dict[str, list[Drained]], scale: float) -> Section:
    one, auto = found["one"], found["auto"]
    misses = auto[0].misses
    least = [floor_h(misses)] * len(auto)
    half = Goal("<=", 0.5, of_ratio=True)
    return Section(
        f"The month: its misses asked at EQC's rate, {scale:g} times as fast",
        [
            Row("names known from the index", "%", each(auto, lambda run: 100 * run.hit_rate)),
            Row("misses", "", [misses]),
            Row(
                "requests, auto", "", each(auto, lambda run: run.requests), [misses] * len(auto), "one a miss"
            ),
            Row("hours, sequential", "h", each(one, lambda run: run.hours), least, "floor"),
            Row("hours, auto", "h", each(auto, lambda run: run.hours), least, "floor"),
            Row(
                "hours, auto beside sequential",
                "h",
                each(auto, lambda run: run.hours),
                each(one, lambda run: run.hours),
                "sequential",
                [half],
            ),
            Row(
                f"hours of {MISSES:,} misses, sequential",
                "h",
                each(one, lambda run: run.hours_of(MISSES)),
                [floor_h(MISSES)] * len(one),
                "floor",
            ),
            Row(
                f"hours of {MISSES:,} misses, auto",
                "h",
                each(auto, lambda run: run.hours_of(MISSES)),
                [floor_h(MISSES)] * len(auto),
                "floor",
                [Goal("<", TARGET_H)],
            ),
            Row("plan, by the wall", "s", each([*one, *auto], lambda run: run.plan_s)),
        ],
        _notes(one[0], auto),
    )


def _notes(one: Drained, auto: list[Drained]) -> dict[str, Any]:
    return {
        f"{MISSES:,} misses": f"of {KEYS:,} keys of which the index knows 86 %",
        "mean latency": f"{auto[0].traffic.latency_s:.2f} s, sequential {one.traffic.latency_s:.2f} s",
        "steady requests a minute": f"auto {auto[0].traffic.steady_a_minute:.2f}, "
        f"sequential {one.traffic.steady_a_minute:.2f}",
        "violations seen (not judged at this scale)": max(run.traffic.violations for run in auto),
    }
