"""A year on one ledger: what each command takes then, and how large its files are.

365 nights of 600 requests over 250,000 names, the last night killed. Needs the `[test]` extra and no
internet. Medians of three runs, the interpreter's start included. A busy machine slows all of them: `--help`,
which reads no ledger, tells how much.

    python scripts/long_life.py            # exit 1 if a goal is missed
    python scripts/long_life.py --nights 30 --names 20000
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
from benchmarks.databases import new_database
from benchmarks.findings import Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import Ended
from benchmarks.traffic import local_eqc
from lived_year import A_NIGHT, SOURCES, Year, age, index_rows, kill, live

from eqcbatch.ledger import archive_path
from eqcbatch.postgres.embedded import embedded_postgres

RUNS = 3
REPORT_S, PAGE_S, RESUME_S, ELSE_S = 2.0, 4.0, 2.0, 5.0


def measure(home: Home, year: Year) -> list[Row]:
    """What is done every night, in the order in which a night may do it."""

    def row(what: str, goal_s: float, *words: object) -> Row:
        return _commands(what, goal_s, lambda: home.eqcbatch(*words))

    page, sheet = home.directory / "page.html", home.directory / "held.csv"
    assert home.eqcbatch("report", "--json").json()["balanced"]
    rows = [
        replace(row("--help", 0.0, "--help"), goals=()),
        row("report", REPORT_S, "report"),
        row("report --json", REPORT_S, "report", "--json"),
        row("report --html", PAGE_S, "report", "--html", page),
        row("report --name", ELSE_S, "report", "--name", year.names[0]),
        _first_requests("drain --resume after a kill: first request", RESUME_S, RUNS, home, kill),
        row("drain --dry-run", ELSE_S, "drain", "--resume", "--dry-run"),
        row("flush", ELSE_S, "flush"),
        row("flush --verify", ELSE_S, "flush", "--verify"),
        _commands("plan of another month", ELSE_S, _Months(home, year).plan_next),
        row("review export", ELSE_S, "review", "export", sheet),
        row("check --no-request", ELSE_S, "check", "--no-request"),
    ]
    rows.append(_first_requests("first request, with all unknown names asked again", ELSE_S, 1, home, age))
    assert home.eqcbatch("report", "--json").json()["balanced"]
    return rows


def _commands(what: str, goal_s: float, command: Callable[[], Ended]) -> Row:
    return Row(what, "s", [command().seconds for _ in range(RUNS)], goals=[Goal("<=", goal_s)])


def _first_requests(
    what: str, goal_s: float, runs: int, home: Home, prepare: Callable[[Path], object]
) -> Row:
    """Seconds until EQC sees the first request of a drain, on a ledger that is prepared each time."""
    found = []
    for _ in range(runs):
        prepare(home.ledger)
        with local_eqc(1, latency=(0.0, 0.0), rate=None) as eqc:
            began = time.monotonic()
            home.eqcbatch("drain", "--resume", "--budget", 1, "--rate", "100/0.01s", "--eqc-url", eqc.url)
            found.append(eqc.requests[0].at - began)
    return Row(what, "s", found, goals=[Goal("<=", goal_s)])


class _Months:
    """More months, half of each known."""

    def __init__(self, home: Home, year: Year) -> None:
        self._home = home
        self._size = len(year.names) // SOURCES
        self._names = made_up_names(len(year.names) + self._size * (RUNS + 1))
        self._begin = len(year.names) - self._size // 2

    def plan_next(self) -> Ended:
        """Plan the next one."""
        names = self._names[self._begin : self._begin + self._size]
        self._begin += self._size
        source = write_names(self._home.directory / f"month-{self._begin}.csv", names)
        return self._home.eqcbatch("plan", source)


def _sizes(home: Home, year: Year) -> dict[str, str]:
    asked = year.nights * A_NIGHT
    found = {}
    for what, path in (("ledger", home.ledger), ("archive", archive_path(home.ledger))):
        size = path.stat().st_size
        found[what] = f"{size / 1e6:,.0f} MB, {size / asked / 1e3:.1f} kB a request"
    return found


def main() -> None:
    """Live a year, and measure what it makes slow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--names", type=int, default=250_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, embedded_postgres(Path(place) / "postgres") as url:
        year, ledger = Year(asked.nights, asked.names), Home(Path(place)).ledger
        live(ledger, year)
        database_url = new_database(url, "year", index_rows(ledger))
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE enterprise.enrichment_index SET source_domain = 'eqcbatch'")
        home = Home(Path(place), database_url)
        facts = _sizes(home, year) | {"load": f"{os.getloadavg()[0]:.1f}"}
        title = f"A year: {asked.nights:,} nights, {asked.names:,} names"
        section = Section(title, measure(home, year), facts)
    print(section.as_text())
    sys.exit(section.missed)


if __name__ == "__main__":
    main()
