"""A source comes into the ledger: one run, its occurrences, its names; all in one transaction.

Where a row may lack a value, "" is bound and `nullif` makes NULL of it: for every None, Python's sqlite3
looks for an adapter, a third of the time that an occurrence takes.

Why: docs/decisions/0020.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.coverage import News
from eqcbatch.domain.model import (
    CurrentSource,
    PlannedName,
    PlannedRun,
    Reason,
    RowEvidence,
    Run,
    Sighting,
    State,
)
from eqcbatch.domain.names import written_form
from eqcbatch.ledger.current_sources import current_sources
from eqcbatch.ledger.known_names import KnownNames
from eqcbatch.ledger.migrations import SETTLED
from eqcbatch.ledger.row_evidence import insert_evidence
from eqcbatch.ledger.run_rows import (
    cache_covered,
    cache_known,
    confirm_known,
    delete_rows,
    overrule_by_rows,
    rescale,
    sum_up,
    uncache_uncovered,
)
from eqcbatch.ledger.sqlite import Database

_PENDING, _CACHED, _FAILED = str(State.PENDING), str(State.CACHED), str(State.FAILED)
_INVALID = str(Reason.INVALID)
_SETTLED_NAMES = f"names INDEXED BY names_settled WHERE {SETTLED}"
_PENDING_NAMES = "names INDEXED BY names_to_ask WHERE state = 'pending' AND rows > 0"
_REPLACED = "source = ? OR reading = ?"
_FILLING_CACHE = -65_536  # KiB of pages that are held in memory while a ledger is filled


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a plan. uncovered: names that were known by their rows alone, and now not by all."""

    run: Run
    uncovered: tuple[str, ...]


class Runs:
    """What a plan reads from the ledger, and the one transaction in which it writes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self.known_names = KnownNames(database)

    def variants_elsewhere(self, run: PlannedRun) -> dict[str, set[str]]:
        """How pending names are written in the current runs that this one does not replace: key -> raw."""
        variants: dict[str, set[str]] = {}
        for key, raw in self._db.execute(
            """SELECT o.lookup_key, o.raw FROM occurrences o
               JOIN runs r ON r.id = o.run_id AND r.current = 1
                                AND r.source <> ? AND r.reading <> ?
               JOIN names n ON n.lookup_key = o.lookup_key AND n.state = 'pending'""",
            [run.source, run.reading],
        ):
            variants.setdefault(key, set()).add(raw)
        return variants

    def record(
        self,
        run: PlannedRun,
        names: Iterable[PlannedName],
        sightings: Iterable[Sighting],
        unnamed: Iterable[Sighting],
        news: News,
        evidence: Iterable[tuple[str, RowEvidence]] = (),
    ) -> Recorded:
        """Write the run in place of the source's earlier one, and of another one of the same reading.

        names: the run's names. sightings: how the run writes them. Both are quickest in the order of
        their keys. unnamed: the rows without a name that are known by another key. news: what names, of
        this run or any other, are known by now, unless a person decided them. evidence: what stands in the
        rows beside names.
        """
        uncovered: list[str] = []
        now = self._clock.utc_now()
        with self._db.atomic():
            is_first = self._db.execute("SELECT 1 FROM names LIMIT 1").fetchone() is None
            replaced, run_id = self._replace_runs(run, now)
            with filled_at_once(self._db, "names", "occurrences") if is_first else nullcontext():
                self._insert_occurrences(run_id, sightings)
                self._insert_names(names, now)
            self._insert_unnamed(run_id, unnamed)
            insert_evidence(self._db, run_id, evidence)
            if not is_first:
                sum_up(self._db, {*replaced, run_id, *rescale(self._db)})
                cache_known(self._db, news.known, now)
                confirm_known(self._db, news.confirmed)
            delete_rows(self._db, replaced)
            if not is_first:
                uncovered = uncache_uncovered(self._db)
                overrule_by_rows(self._db, now)
            cache_covered(self._db, now)
            self._count_hits(run_id)
        return Recorded(self.run(run_id), tuple(uncovered))

    def run(self, run_id: int) -> Run:
        """A recorded run."""
        row = self._db.execute(
            """SELECT id, source, planned_at, rows, blank_rows, blank_covered, distinct_raw,
                      distinct_names, hits, hit_rows FROM runs WHERE id = ?""",
            [run_id],
        ).fetchone()
        return Run(*row)

    def name_of(self, reading: str) -> str | None:
        """The name under which a reading is current, None if it is not, or has none."""
        found = self._db.execute("SELECT name FROM runs WHERE reading = ? AND current = 1", [reading])
        return (found.fetchone() or (None,))[0]

    def rows_of(self, reading: str) -> int | None:
        """How many rows a reading has that is current, None if it is not."""
        found = self._db.execute("SELECT rows FROM runs WHERE reading = ? AND current = 1", [reading])
        return (found.fetchone() or (None,))[0]

    def replaced_by(self, run: PlannedRun) -> list[CurrentSource]:
        """The sources whose place this run takes: that of its name, and that of its reading."""
        return current_sources(self._db, _REPLACED, [run.source, run.reading])

    def settled_and_pending(self, run_id: int, both: int) -> tuple[int, int]:
        """Of the `both` names of a run that are neither cached nor invalid: those decided, those to be asked.

        The kind of which the ledger has fewer is counted, the other one is the rest.
        """
        (fewer_settled,) = self._db.execute(
            f"SELECT (SELECT count(*) FROM {_SETTLED_NAMES}) < (SELECT count(*) FROM {_PENDING_NAMES})"
        ).fetchone()
        (counted,) = self._db.execute(
            f"""SELECT count(*) FROM {_SETTLED_NAMES if fewer_settled else _PENDING_NAMES}
                AND EXISTS (SELECT 1 FROM occurrences o INDEXED BY occurrences_by_name
                            WHERE o.lookup_key = names.lookup_key AND o.run_id = ?)""",
            [run_id],
        ).fetchone()
        return (counted, both - counted) if fewer_settled else (both - counted, counted)

    def options(self) -> dict[str, dict[str, Any]]:
        """How the sources of the current runs were read, by reading."""
        rows = self._db.execute("SELECT reading, options FROM runs WHERE current = 1 ORDER BY id")
        return {reading: json.loads(options) for reading, options in rows}

    def _replace_runs(self, run: PlannedRun, now: str) -> tuple[list[int], int]:
        """The runs that this one takes the place of, and the new one."""
        replaced = [source.number for source in self.replaced_by(run)]
        for number in replaced:
            self._db.execute("UPDATE runs SET current = 0 WHERE id = ?", [number])
        cursor = self._db.execute(
            """INSERT INTO runs (source, name, reading, current, hits, hit_rows, rows, blank_rows,
                                 blank_covered, distinct_raw, distinct_names, weighed_by, weight,
                                 planned_at, options)
               VALUES (?, ?, ?, 1, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                *(run.source, run.name, run.reading),
                *(run.rows, run.blank_rows, run.blank_covered, run.distinct_raw, run.distinct_names),
                *(run.options.get("weight_column"), run.weight, now),
                json.dumps(run.options, ensure_ascii=False, sort_keys=True),
            ],
        )
        return replaced, int(cursor.lastrowid or 0)

    def _insert_occurrences(self, run_id: int, sightings: Iterable[Sighting]) -> None:
        self._db.conn.executemany(
            """INSERT INTO occurrences
                   (run_id, lookup_key, raw, plan_code, known_id, rows, weight, company_id, source,
                    index_source)
               VALUES (?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, nullif(?, ''), nullif(?, ''),
                       nullif(?, ''))""",
            ((run_id, row.lookup_key, row.seen.raw, *_facts(row)) for row in sightings),
        )

    def _insert_unnamed(self, run_id: int, unnamed: Iterable[Sighting]) -> None:
        self._db.conn.executemany(
            """INSERT INTO unnamed
                   (run_id, plan_code, known_id, rows, weight, company_id, source, index_source)
               VALUES (?, nullif(?, ''), nullif(?, ''), ?, ?, nullif(?, ''), ?, nullif(?, ''))""",
            ((run_id, *_facts(row)) for row in unnamed),
        )

    def _insert_names(self, names: Iterable[PlannedName], now: str) -> None:
        self._db.conn.executemany(
            """INSERT INTO names (lookup_key, query, query_form, rows, weight, state, reason, company_id,
                                  confidence, source, index_source, decided_at)
               VALUES (?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''),
                       nullif(?, ''), nullif(?, ''))
               ON CONFLICT (lookup_key) DO UPDATE
               SET query = excluded.query, query_form = excluded.query_form
               WHERE state = 'pending' AND query <> excluded.query""",
            (
                (
                    *(name.lookup_key, name.query, written_form(name.query), name.rows, name.weight),
                    *_initial_state(name, now),
                )
                for name in names
            ),
        )

    def _count_hits(self, run_id: int) -> None:
        # CROSS JOIN begins with the cached names, which may be few; for each of them SQLite might else
        # read the whole run.
        self._db.execute(
            """UPDATE runs SET
                 (hits, hit_rows) =
                   (SELECT count(DISTINCT o.lookup_key), coalesce(sum(o.rows), 0)
                    FROM names n CROSS JOIN occurrences o INDEXED BY occurrences_by_name
                      ON o.lookup_key = n.lookup_key
                    WHERE n.state = 'cached' AND o.run_id = runs.id)
               WHERE id = ?""",
            [run_id],
        )
        self._db.execute(
            """UPDATE runs SET hit_rows = hit_rows +
                 (SELECT coalesce(sum(o.rows), 0)
                  FROM occurrences o JOIN names n ON n.lookup_key = o.lookup_key
                  WHERE o.source IS NOT NULL AND o.run_id = runs.id AND n.state <> 'cached')
               WHERE id = ?""",
            [run_id],
        )


@contextmanager
def filled_at_once(db: Database, *tables: str) -> Iterator[None]:
    """Take the indexes of tables away while they are filled, and build each in one go afterwards.

    Nor does SQLite check every row for what `_initial_state` never makes: that is half of the time.
    """
    indexes = db.execute(
        f"""SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
            AND tbl_name IN ({", ".join("?" * len(tables))})""",
        tables,
    ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    (cache,) = db.execute("PRAGMA cache_size").fetchone()
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute(f"PRAGMA cache_size = {_FILLING_CACHE}")
    try:
        yield
    finally:
        db.execute("PRAGMA ignore_check_constraints = OFF")
    for _, sql in indexes:
        db.execute(sql)
    db.execute(f"PRAGMA cache_size = {cache}")


def _initial_state(name: PlannedName, now: str) -> tuple[object, ...]:
    """State, reason, company_id, confidence, source, index_source and decided_at of a new name."""
    if not name.askable:
        return _FAILED, _INVALID, "", "", "", "", now
    if name.known:
        company_id, source, confidence, _, index_source = name.known
        return _CACHED, "", company_id or "", confidence, str(source), index_source or "", now
    return _PENDING, "", "", "", "", "", ""


def _facts(row: Sighting) -> tuple[object, ...]:
    known = row.known
    cover = (known.company_id or "", str(known.source), known.index_source or "") if known else ("", "", "")
    return (row.seen.plan_code or "", row.seen.known_id or "", row.seen.rows, row.seen.weight, *cover)
