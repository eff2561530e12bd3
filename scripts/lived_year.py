"""A ledger and an archive as a year of nights leaves them: written by plain SQL, in a minute or two.

365 nights of 600 requests over 250,000 names in twelve monthly sources. The last night was killed: its
session has no end, and a request is in flight.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.databases import IndexRow
from benchmarks.homes import made_up_names

from eqcbatch.clock import UTC, utc_text
from eqcbatch.domain.model import Endpoint
from eqcbatch.domain.names import lookup_key, written_form
from eqcbatch.eqc.archive import answer_key, open_archive
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.settings import DEFAULT_LATENCY_S
from eqcbatch.simulate import GeneratedRegistry, wire

A_NIGHT, SOURCES, OFFERED = 600, 12, 3
ASKED_AGAIN = 25  # days, at the latest, for a name that EQC does not know
Row = tuple[Any, ...]


class Year:
    """The rows of a year: nights, names in the order in which they were asked, requests."""

    def __init__(self, nights: int, names: int, seed: int = 22) -> None:
        self.nights = nights
        self._began = datetime.now(UTC) - timedelta(days=nights)
        self.names = made_up_names(names)
        self._chance = random.Random(seed)
        self.asked = min(names * 9 // 10, int(nights * A_NIGHT / 1.1))
        self._ends = [self._end(number) for number in range(names)]

    def sessions(self) -> Iterator[Row]:
        """One a night; the last has no end."""
        for night in range(self.nights):
            last = night == self.nights - 1
            began, ended = self._at(night, 0), None if last else self._at(night, A_NIGHT)
            yield night + 1, began, ended, 1, "home", A_NIGHT, A_NIGHT, 0.0, 2.0, None if last else "budget"

    def requests(self) -> Iterator[Row]:
        """A tenth of them failed and were sent once more; the very last is in flight."""
        number = 0
        for night in range(self.nights):
            for place in range(A_NIGHT):
                of = min(number * 10 // 11, self.asked - 1)
                failed = number % 11 == 0
                outcome = "timeout" if failed else _OUTCOMES[self._ends[of]]
                took_s = 30.0 if failed else self._chance.uniform(*DEFAULT_LATENCY_S)
                number += 1
                last = number == self.nights * A_NIGHT
                yield (
                    *(number, night + 1, lookup_key(self.names[of]), "search", 1 + failed),
                    *(self._at(night, place), None if last else self._at(night, place, took_s)),
                    *(None if last else took_s * 1000, None if last or failed else 200),
                    "in_flight" if last else outcome,
                )

    def ledger_names(self) -> Iterator[Row]:
        """The names with what became of them; those never asked are pending, or known before."""
        for number, name in enumerate(self.names):
            night, end = number * self.nights // len(self.names), self._ends[number]
            if end == "failed":  # it was asked again of late
                night = self.nights - 1 - number % min(ASKED_AGAIN, self.nights)
            company, at = f"6{number:08d}", self._at(night, number % A_NIGHT)
            resolved, failed, cached = end in ("found", "held"), end == "failed", end == "cached"
            yield (
                *(lookup_key(name), name, end if end in ("pending", "cached", "failed") else "resolved"),
                *("not_found" if failed else None, None if end == "pending" or failed else company),
                *(name if resolved else None, 1.0 if resolved or cached else None),
                *("exact_name" if resolved else None, "ambiguous" if end == "held" else None),
                "eqc" if resolved else "index:customer_name" if cached else None,
                *(1, 1.0 + number % 97, 0 if end in ("pending", "cached") else 1),
                *(None if end == "pending" else at, at if end == "found" else None),
                *((company, 1.0) if end == "found" else (None, None)),
                *(night + 1 if end == "found" else None, written_form(name)),
            )

    def occurrences(self) -> Iterator[Row]:
        """Each name stands in one of the sources."""
        for number, name in enumerate(self.names):
            yield number * SOURCES // len(self.names) + 1, lookup_key(name), name, 1, 1.0 + number % 97

    def runs(self) -> Iterator[Row]:
        """One a month."""
        sizes = [0] * SOURCES
        for run, *_ in self.occurrences():
            sizes[run - 1] += 1
        for number, size in enumerate(sizes):
            planned_at = self._at(number * self.nights // SOURCES, 0)
            yield number + 1, f"month-{number + 1}.xlsx", 1, size, 0, size, size, 0, 0, planned_at, "{}"

    def candidates(self) -> Iterator[Row]:
        """What EQC offered for each name that it answered."""
        for number, name in enumerate(self.names):
            if self._ends[number] in ("found", "held"):
                for rank in range(OFFERED):
                    offered = name if not rank else f"{name[:2]}第{rank}{name[2:]}"
                    company = f"{6 + rank}{number:08d}"
                    yield lookup_key(name), rank, company, offered, "全称精确匹配", 99.0, "存续", "[]"

    def _end(self, number: int) -> str:
        if number >= self.asked:
            return "pending" if number % 2 else "cached"
        return self._chance.choices(("found", "held", "failed"), (70, 5, 25))[0]

    def _at(self, night: int, place: int, after_s: float = 0.0) -> str:
        return utc_text(self._began + timedelta(days=night, seconds=12.6 * place + after_s))


_OUTCOMES = {"found": "answered", "held": "answered", "failed": "not_found"}
_TABLES = {
    "runs": (
        "id source current rows blank_rows distinct_raw distinct_names hits hit_rows planned_at options",
        Year.runs,
    ),
    "names": (
        "lookup_key query state reason company_id official_name confidence verdict held source rows weight "
        "attempts decided_at flushed_at flushed_company_id flushed_confidence flushed_session query_form",
        Year.ledger_names,
    ),
    "occurrences": ("run_id lookup_key raw rows weight", Year.occurrences),
    "sessions": (
        "id started_at ended_at pid host budget requests waiting_s processing_s exit_reason",
        Year.sessions,
    ),
    "requests": (
        "id session_id lookup_key endpoint attempt started_at finished_at elapsed_ms http_status outcome",
        Year.requests,
    ),
    "candidates": (
        "lookup_key rank company_id official_name type score registered_status former_names",
        Year.candidates,
    ),
}


def live(path: Path, year: Year) -> None:
    """Write the year into a new ledger and its archive, each in one transaction."""
    with open_ledger(path, create=True) as ledger, closing(sqlite3.connect(path)) as connection:
        assert ledger.stats.newest_run() is None
        for table, (columns, rows_of) in _TABLES.items():
            names = columns.split()
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            rows = rows_of(year)
            if table in ("names", "candidates"):  # in the order of their keys, which is quickest
                rows = iter(sorted(rows, key=_first))
            _write(connection, statement, rows)
    _archive(archive_path(path), year)


def _archive(path: Path, year: Year) -> None:
    """Archive an answer of the usual size to all that was asked."""
    query = year.names[0]
    body = json.dumps(wire.search(GeneratedRegistry(0).search(query), query), ensure_ascii=False).encode()
    with open_archive(path) as archive:
        archive.keep(Endpoint.SEARCH, query, "https://eqc.example/search/", 200, body)
    with closing(sqlite3.connect(path)) as connection:
        (value,) = connection.execute("SELECT value FROM responses").fetchone()
        keys = sorted(answer_key(Endpoint.SEARCH, name) for name in year.names[: year.asked])
        _write(
            connection,
            "INSERT OR IGNORE INTO responses (key, value) VALUES (?, ?)",
            ((key, value) for key in keys),
        )


def _write(connection: sqlite3.Connection, statement: str, rows: Iterable[Row]) -> None:
    connection.execute("PRAGMA cache_size = -65536")
    connection.executemany(statement, rows)
    connection.commit()


def _first(row: Row) -> str:
    return str(row[0])


def index_rows(ledger: Path) -> list[IndexRow]:
    """What was flushed, as it stands in the index."""
    with closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute(
            """SELECT lookup_key, 'customer_name', flushed_company_id, flushed_confidence, 'eqc_api'
               FROM names WHERE flushed_at IS NOT NULL"""
        )
        return rows.fetchall()


def kill(ledger: Path) -> None:
    """Leave the ledger as SIGKILL leaves a drain: a session without an end, a request in flight."""
    with open_ledger(ledger) as opened:
        (name,) = opened.names.next_pending()
        session = opened.sessions.open(A_NIGHT)
        opened.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)


def age(ledger: Path) -> None:
    """Let all that EQC did not know be so old that it is asked again."""
    long_ago = utc_text(datetime.now(UTC) - timedelta(days=100))
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute(
            "UPDATE names SET decided_at = ? WHERE state = 'failed' AND reason = 'not_found'", [long_ago]
        )
        connection.commit()
