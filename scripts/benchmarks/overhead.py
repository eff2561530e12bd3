"""Overhead: what a drained name costs where EQC answers at once and sets no limit.

A drain into the ledger, without Postgres, beside a bare loop that stores nothing; with its files on the
disk, where each of three commits a name waits until the disk has it, and in memory, where a file system
for that is there. Counted from the first request to the last, so that no start-up is in it; the local
EQC's own time is in both. The CPU seconds are those of the whole process, start-up included.

A drain makes a connection for each request and believes nothing that comes on another one
(docs/decisions/0016); the bare loop keeps its own. What that takes is the network's and the server's time: a
second bare loop, which makes a connection for each request as well, tells how much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import Ended, child, run
from benchmarks.rounds import by_turns, each
from benchmarks.traffic import local_eqc
from eqcbatch.simulate import Simulator

NAMES, QUICK_NAMES = 2_000, 60
RATE = "200/0.2s"  # nobody meets it; as in production, its guard covers the way from a turn to the wire
SHORT_RATE = "100/0.1s"  # its guard is shorter than that way: each send is confirmed by a second write
BARE = "bare requests loop"
FRESH = "bare loop, a connection a request"
EARLIER = "the earlier version"
MEMORY = Path("/dev/shm")
IN_MEMORY = ", files in memory"


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds a name: by the wall, from the first request to the last, and on the CPU."""

    ms: float
    cpu_ms: float | None


def measure(effort: Effort) -> Section:
    """Drain and loop by turns."""
    room = effort.room("overhead")
    names = made_up_names(QUICK_NAMES if effort.quick else NAMES)

    def way(ask: Callable[[Path, Simulator], Ended], parent: Path) -> Asked:
        with TemporaryDirectory(dir=parent) as directory:
            place = Path(directory)
            write_names(place / "names.csv", names)
            with local_eqc(1, latency=(0.0, 0.0), rate=None) as eqc:
                cpu_s = ask(place, eqc).cpu_s
                seen = eqc.requests
        ms = 1000 * (seen[-1].at - seen[0].at) / (len(names) - 1)
        return Asked(ms, None if cpu_s is None else 1000 * cpu_s / len(names))

    places = {"": room} if effort.quick or not MEMORY.is_dir() else {"": room, IN_MEMORY: MEMORY}
    drains = {"drain": _drain("1"), "drain --in-flight auto": _drain("auto")}
    drains[f"drain --rate {SHORT_RATE}"] = _drain("1", SHORT_RATE)
    ways = {
        what + where: partial(way, ask, place)
        for where, place in places.items()
        for what, ask in drains.items()
    }
    loops = {BARE: partial(way, _loop(), room), FRESH: partial(way, _loop("fresh"), room)}
    earlier = {}
    if effort.before:
        drain = _drain("1", python=effort.before)
        earlier = {EARLIER + where: partial(way, drain, place) for where, place in places.items()}
    found = by_turns(effort.runs, ways | loops | earlier)
    rows = [row for what in ways for row in _rows(what, found)]
    rows.append(_compared(found, FRESH, BARE))
    for where in places:
        drain_there = f"drain{where}"
        rows.append(_compared(found, drain_there, FRESH, goals=[Goal("<=", 3, of_ratio=True)]))
        if earlier:
            to = EARLIER + where
            rows += [_compared(found, drain_there, to), _compared(found, drain_there, to, _cpu)]
    return Section("Overhead: a name without latency and limit", rows, {"names": f"{len(names):,}"})


def _rows(what: str, found: dict[str, list[Asked]]) -> list[Row]:
    wall, cpu = ([each(found[way], figure) for way in (what, BARE)] for figure in (_wall, _cpu))
    second = [[1000 / ms for ms in way] for way in wall]
    return [
        Row(what, "ms", wall[0], wall[1], BARE),
        Row("· on the CPU", "ms", cpu[0], cpu[1], BARE),
        Row("· names a second", "1/s", second[0], second[1], BARE),
    ]


def _wall(asked: Asked) -> float:
    return asked.ms


def _cpu(asked: Asked) -> float | None:
    return asked.cpu_ms


def _compared(
    found: dict[str, list[Asked]],
    of: str,
    to: str,
    figure: Callable[[Asked], float | None] = _wall,
    goals: Sequence[Goal] = (),
) -> Row:
    ours, theirs = (each(found[way], figure) for way in (of, to))
    return Row(f"· {of}{' on the CPU' if figure is _cpu else ''}", "ms", ours, theirs, to, goals)


def _drain(
    in_flight: str, rate: str = RATE, python: Path | None = None
) -> Callable[[Path, Simulator], Ended]:
    def drain(place: Path, eqc: Simulator) -> Ended:
        home = Home(place, python=python)
        home.eqcbatch("plan", place / "names.csv")
        return home.drain(eqc.url, "--in-flight", in_flight, "--rate", rate)

    return drain


def _loop(connections: str = "kept") -> Callable[[Path, Simulator], Ended]:
    def loop(place: Path, eqc: Simulator) -> Ended:
        return run(place, (*child("bare_loop"), eqc.url, place / "names.csv", connections))

    return loop
