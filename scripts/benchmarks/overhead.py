"""Overhead: what a drained name costs where EQC answers at once and sets no limit.

A drain into the ledger, without Postgres, beside a bare loop that stores nothing. Counted from the first
request to the last, so that no start-up is in it; the local EQC's own time is in both.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eqcbatch.simulate import Simulator
from scripts.benchmarks.findings import Effort, Goal, Row, Section
from scripts.benchmarks.homes import Home, made_up_names, write_names
from scripts.benchmarks.processes import child, run
from scripts.benchmarks.rounds import by_turns
from scripts.benchmarks.traffic import local_eqc

NAMES, QUICK_NAMES = 2_000, 200
RATE = "100/0.01s"  # nobody meets it, and the pace file stays as short as in production


def measure(effort: Effort) -> Section:
    """Drain and loop by turns."""
    room = effort.room("overhead")
    names = made_up_names(QUICK_NAMES if effort.quick else NAMES)

    def way(ask: Callable[[Path, Simulator, list[str]], None]) -> Callable[[], float]:
        def milliseconds_a_name() -> float:
            place = room / str(len(list(room.iterdir())))
            place.mkdir()
            with local_eqc(1, latency=(0.0, 0.0), rate=None) as eqc:
                ask(place, eqc, names)
                seen = eqc.requests
            return 1000 * (seen[-1].at - seen[0].at) / (len(names) - 1)

        return milliseconds_a_name

    ways = {"one": way(_drain("1")), "auto": way(_drain("auto")), "bare": way(_loop)}
    found = by_turns(effort.runs, ways)
    bare = "bare requests loop"
    return Section(
        "Overhead: a name without latency and limit",
        [
            Row("drain", "ms", found["one"], found["bare"], bare, [Goal("<=", 3, of_ratio=True)]),
            Row("drain --in-flight auto", "ms", found["auto"], found["bare"], bare),
            Row(
                "names a second",
                "1/s",
                [1000 / ms for ms in found["one"]],
                [1000 / ms for ms in found["bare"]],
            ),
        ],
        {"names": f"{len(names):,}"},
    )


def _drain(in_flight: str) -> Callable[[Path, Simulator, list[str]], None]:
    def drain(place: Path, eqc: Simulator, names: list[str]) -> None:
        home = Home(place)
        home.eqcbatch("plan", write_names(place / "names.csv", names))
        home.drain(eqc.url, "--in-flight", in_flight, "--rate", RATE)

    return drain


def _loop(place: Path, eqc: Simulator, names: list[str]) -> None:
    run(place, (*child("bare_loop"), eqc.url, write_names(place / "names.csv", names)))
