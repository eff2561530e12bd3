"""Resuming: from the start of `drain --resume` to its first request, after a session that was killed.

The ledger is filled by a plan, and left as SIGKILL leaves it: a session without an end, a request in
flight. Seconds are those of the whole process, the interpreter's start included, until the local EQC
sees the request; beside them those of a bare script that sends one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import child, run
from benchmarks.rounds import by_turns
from benchmarks.traffic import local_eqc
from eqcbatch.domain.model import Endpoint, Occurrence
from eqcbatch.ledger import open_ledger
from eqcbatch.plan import plan
from eqcbatch.source import Tally

SIZES, QUICK_SIZES, FULL_SIZES = (1_000, 100_000), (1_000,), (1_000, 100_000, 1_000_000)
MILLION = 1_000_000
LEAST_RUNS = 5


def measure(effort: Effort) -> Section:
    """Kill and resume on ledgers of growing size, the bare script in between."""
    sizes = QUICK_SIZES if effort.quick else FULL_SIZES if effort.full else SIZES
    room = effort.room("resuming")
    names = made_up_names(max(sizes))
    ways: dict[str, Callable[[], float]] = {}
    for size in sizes:
        place = room / str(size)
        place.mkdir()
        _fill(home := Home(place), names[:size])
        ways[f"killed {size}"] = partial(_first_request, home, killed=True)
        ways[f"ended {size}"] = partial(_first_request, home, killed=False)
    one = write_names(room / "one.csv", names[:1])
    ways["bare"] = lambda: _until_asked(lambda url: run(room, (*child("bare_loop"), url, one)))
    found = by_turns(effort.runs if effort.quick else max(LEAST_RUNS, effort.runs), ways)
    rows = [
        Row(
            f"first request, {size:,} names, after a {how}",
            "s",
            found[f"{end} {size}"],
            found["bare"],
            "bare script's first request",
            [Goal("<", 1)] if size == MILLION else [],
        )
        for end, how in (("ended", "clean end"), ("killed", "kill"))
        for size in sizes
    ]
    return Section("Resuming: seconds until the first request", rows)


def _fill(home: Home, names: list[str]) -> None:
    tally = Tally.of(map(Occurrence, names))
    with open_ledger(home.ledger, create=True) as ledger:
        plan(ledger.runs, tally, "benchmark", {}, None)


def _first_request(home: Home, *, killed: bool) -> float:
    if killed:
        with open_ledger(home.ledger) as ledger:
            (name,) = ledger.names.next_pending()
            session = ledger.sessions.open(5)
            ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
    options = ("drain", "--resume", "--budget", "1", "--rate", "100/0.01s", "--eqc-url")
    return _until_asked(lambda url: home.eqcbatch(*options, url))


def _until_asked(ask: Callable[[str], object]) -> float:
    """Seconds from now until the first request of `ask` arrives."""
    with local_eqc(1, latency=(0.0, 0.0), rate=None) as eqc:
        started = time.monotonic()
        ask(eqc.url)
        return eqc.requests[0].at - started
