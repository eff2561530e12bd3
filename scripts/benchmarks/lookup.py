"""Lookup and flush: keys sought in the index in one batch, and results sent there.

Lookups beside one SELECT for every 1,000 keys, and beside one for every key (a sample of them, in
proportion); the flush beside psycopg's executemany of single upserts. 86 % of the keys are known.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.databases import IndexRow, new_database
from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import made_up_names
from benchmarks.rounds import by_turns, seconds_of
from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    ExitReason,
    LookupType,
    Occurrence,
    Outcome,
    Reply,
    Verdict,
    VerdictRule,
)
from eqcbatch.domain.names import lookup_key
from eqcbatch.flush import flush
from eqcbatch.ledger import Ledger, open_ledger
from eqcbatch.plan import plan
from eqcbatch.postgres import Postgres
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.source import Tally

KNOWN = 0.86
PRODUCTION, LARGE, QUICK_LARGE = 41_256, 1_000_000, 50_000
FEW = 8_000
CHUNK, SAMPLE = 1_000, 1_000
RESULTS, QUICK_RESULTS = 10_000, 1_000
_SELECT = """SELECT lookup_key, company_id, confidence FROM enterprise.enrichment_index
             WHERE lookup_type = 'customer_name' AND lookup_key = """
_UPSERT = """INSERT INTO enterprise.enrichment_index AS i
                 (lookup_key, lookup_type, company_id, confidence, source, source_domain)
             VALUES (%s, 'customer_name', %s, %s, 'eqc_api', 'eqcbatch')
             ON CONFLICT (lookup_key, lookup_type) DO UPDATE
             SET company_id = excluded.company_id, confidence = excluded.confidence, source = excluded.source,
                 source_domain = excluded.source_domain, updated_at = now()
             WHERE excluded.confidence > i.confidence"""


def measure(effort: Effort) -> Section:
    """Fill both tables, and ask and write by turns."""
    room = effort.room("lookup")
    large = QUICK_LARGE if effort.quick else LARGE
    goals = [Goal("<=", 3)] if large == LARGE else []
    keys = [lookup_key(name) for name in made_up_names(large + round(large * (1 - KNOWN)))]
    with embedded_postgres(room / "postgres") as url:
        small_url = new_database(url, "small", _index(keys[:PRODUCTION]))
        large_url = new_database(url, "large", _index(keys[:large]))
        rows = [
            *_lookups(effort.runs, small_url, PRODUCTION, _sought(keys, PRODUCTION, FEW)),
            *_lookups(effort.runs, large_url, large, _sought(keys, large, FEW)),
            *_lookups(effort.runs, small_url, PRODUCTION, _sought(keys, PRODUCTION, large)),
            *_lookups(effort.runs, large_url, large, _sought(keys, large, large), goals),
            _flushes(effort, room, url, keys),
        ]
    return Section(
        "Lookup and flush: Postgres", rows, {"keys known": f"{KNOWN:.0%}, where the table suffices"}
    )


def _index(keys: Sequence[str]) -> list[IndexRow]:
    return [(key, "customer_name", str(600_000_000 + n), 1.0, "manual") for n, key in enumerate(keys)]


def _sought(keys: Sequence[str], table: int, wanted: int) -> list[str]:
    """So many keys in an order of chance, of which a table of the first `table` keys knows its share."""
    known = keys[: min(table, round(wanted * KNOWN))]
    sought = [*known, *islice(keys, table, table + wanted - len(known))]
    random.Random(1).shuffle(sought)
    return sought


def _lookups(runs: int, url: str, table: int, sought: list[str], goals: Sequence[Goal] = ()) -> list[Row]:
    ways = {"ours": partial(_look_up, url, sought), "chunks": partial(_select_chunks, url, sought)}
    if few := len(sought) <= FEW:
        ways["singles"] = partial(_select_singles, url, sought)
    found = by_turns(runs, ways)
    what = f"look up {len(sought):,} keys in {table:,} rows"
    rows = [Row(what, "s", found["ours"], found["chunks"], "SELECT per 1,000 keys", goals)]
    if few:
        rows.append(Row(what, "s", found["ours"], found["singles"], "SELECT per key, from a sample"))
    return rows


def _look_up(url: str, sought: list[str]) -> float:
    keys = {LookupType.CUSTOMER_NAME: set(sought)}
    with Postgres(url).enrichment() as index:
        return seconds_of(lambda: index.look_up(keys))


def _select_chunks(url: str, sought: list[str]) -> float:
    with psycopg.connect(url) as connection:

        def select() -> None:
            found: dict[str, tuple[Any, ...]] = {}
            for at in range(0, len(sought), CHUNK):
                rows = connection.execute(f"{_SELECT} ANY(%s)".encode(), [sought[at : at + CHUNK]])
                found.update((row[0], row) for row in rows)

        return seconds_of(select)


def _select_singles(url: str, sought: list[str]) -> float:
    sample = sought[:SAMPLE]
    with psycopg.connect(url) as connection:

        def select() -> None:
            for key in sample:
                connection.execute(f"{_SELECT} %s".encode(), [key]).fetchone()

        return seconds_of(select) * len(sought) / len(sample)


def _flushes(effort: Effort, room: Path, server_url: str, keys: Sequence[str]) -> Row:
    """Results into an index of production's size; half of them find a row of less confidence there."""
    results = QUICK_RESULTS if effort.quick else RESULTS
    names = list(keys[PRODUCTION - results // 2 : PRODUCTION + results - results // 2])
    index = [(key, kind, id_, 0.5, source) for key, kind, id_, _, source in _index(keys[:PRODUCTION])]
    resolved = room / "resolved.sqlite"
    _resolve(resolved, names)
    numbers = count(1)

    def fresh() -> tuple[Path, str]:
        name = f"flush_{next(numbers)}"
        return Path(shutil.copy(resolved, room / f"{name}.sqlite")), new_database(server_url, name, index)

    def way(send: Callable[[Path, str], float]) -> Callable[[], float]:
        return lambda: send(*fresh())

    found = by_turns(effort.runs, {"ours": way(_flush), "singles": way(_upsert_singles)})
    goals = [Goal("<=", 0.3)] if results == RESULTS else []
    return Row(
        f"flush {results:,} results", "s", found["ours"], found["singles"], "executemany of upserts", goals
    )


def _resolve(path: Path, names: Sequence[str]) -> None:
    """A ledger in which these names are resolved and wait for their flush."""
    with open_ledger(path, create=True) as ledger:
        tally = Tally.of(map(Occurrence, names))
        plan(ledger.runs, tally, "benchmark", {}, None)
        session = ledger.sessions.open(None)
        for name in ledger.names.next_pending(limit=len(names)):
            request = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
            company = Candidate(0, str(700_000_000 + request), name.lookup_key, "全称精确匹配")
            ledger.names.record_answer(
                name,
                Reply(Outcome.ANSWERED, 200),
                [company],
                Verdict(company, 1.0, VerdictRule.EXACT_NAME),
                request_id=request,
                session_id=session.id,
            )
        ledger.sessions.end(session.id, ExitReason.QUEUE_EMPTY, 0.0, 0.0)


def _flush(path: Path, url: str) -> float:
    with open_ledger(path) as ledger:
        return seconds_of(lambda: flush(ledger, Postgres(url)))


def _upsert_singles(path: Path, url: str) -> float:
    with open_ledger(path) as ledger, psycopg.connect(url) as connection:
        results = [(r.lookup_key, r.company_id, r.confidence) for r in _all_due(ledger)]

        def upsert() -> None:
            connection.cursor().executemany(_UPSERT.encode(), results)
            connection.commit()

        return seconds_of(upsert)


def _all_due(ledger: Ledger) -> list[Any]:
    return list(ledger.outbox.due(RESULTS))
