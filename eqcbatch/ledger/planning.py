"""A source comes into the ledger: one run, its occurrences, its names; all in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from eqcbatch.ledger.clock import utc_now
from eqcbatch.records import Known, Occurrence, PlannedName, PlannedRun, Run


class Planning:
    """What a plan reads from the ledger, and the one transaction in which it writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def undecided_keys(self) -> set[str]:
        """The names that every plan looks up again: pending, and failed for a reason that may pass."""
        rows = self._db.execute(
            "SELECT lookup_key FROM names WHERE state IN ('pending', 'failed') AND reason IS NOT 'invalid'"
        )
        return {key for (key,) in rows}

    def decided_keys(self) -> set[str]:
        """The names that need no lookup any more."""
        rows = self._db.execute("SELECT lookup_key FROM names WHERE state IN ('cached', 'resolved')")
        return {key for (key,) in rows}

    def variants_elsewhere(self, source: str) -> dict[str, set[str]]:
        """How pending names are written in the current runs of other sources: key -> raw names."""
        variants: dict[str, set[str]] = {}
        for key, raw in self._db.execute(
            """SELECT o.lookup_key, o.raw FROM occurrences o
               JOIN runs r ON r.id = o.run_id AND r.current = 1 AND r.source <> ?
               JOIN names n ON n.lookup_key = o.lookup_key AND n.state = 'pending'""",
            [source],
        ):
            variants.setdefault(key, set()).add(raw)
        return variants

    def record(
        self,
        run: PlannedRun,
        names: Iterable[PlannedName],
        occurrences: Mapping[str, Iterable[Occurrence]],
        known: Mapping[str, Known],
    ) -> Run:
        """Write the run in place of the source's earlier one.

        names: the run's names. occurrences: how the run writes them, by lookup key. known: the ids
        found for undecided names, of this run or any other.
        """
        now = utc_now()
        with self._db.atomic():
            run_id = self._replace_run(run, now)
            self._insert_occurrences(run_id, occurrences)
            self._insert_names(names, now)
            self._cache_known(known, now)
            self._sum_occurrences()
            self._count_hits(run_id)
        return self.run(run_id)

    def run(self, run_id: int) -> Run:
        """A recorded run."""
        row = self._db.execute(
            """SELECT id, source, planned_at, rows, blank_rows, blank_covered, distinct_raw,
                      distinct_names, hits, hit_rows FROM runs WHERE id = ?""",
            [run_id],
        ).fetchone()
        return Run(*row)

    def _replace_run(self, run: PlannedRun, now: str) -> int:
        replaced = "SELECT id FROM runs WHERE source = ? AND current = 1"
        self._db.execute(f"DELETE FROM occurrences WHERE run_id IN ({replaced})", [run.source])
        self._db.execute("UPDATE runs SET current = 0 WHERE source = ? AND current = 1", [run.source])
        cursor = self._db.execute(
            """INSERT INTO runs (source, current, rows, blank_rows, blank_covered, distinct_raw,
                                 distinct_names, hits, hit_rows, planned_at, options)
               VALUES (?, 1, ?, ?, ?, ?, ?, 0, 0, ?, ?)""",
            [
                run.source,
                run.rows,
                run.blank_rows,
                run.blank_covered,
                run.distinct_raw,
                run.distinct_names,
                now,
                json.dumps(run.options, ensure_ascii=False, sort_keys=True),
            ],
        )
        return int(cursor.lastrowid or 0)

    def _insert_occurrences(self, run_id: int, occurrences: Mapping[str, Iterable[Occurrence]]) -> None:
        self._db.conn.executemany(
            """INSERT INTO occurrences (run_id, lookup_key, raw, plan_code, known_id, rows, weight)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                (run_id, key, seen.raw, seen.plan_code, seen.known_id, seen.rows, seen.weight)
                for key in sorted(occurrences)
                for seen in occurrences[key]
            ),
        )

    def _insert_names(self, names: Iterable[PlannedName], now: str) -> None:
        self._db.conn.executemany(
            """INSERT INTO names (lookup_key, query, state, reason, decided_at) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (lookup_key) DO UPDATE SET query = excluded.query
               WHERE state = 'pending' AND query <> excluded.query""",
            (
                (name.lookup_key, name.query, "pending", None, None)
                if name.askable
                else (name.lookup_key, name.query, "failed", "invalid", now)
                for name in sorted(names, key=lambda name: name.lookup_key)
            ),
        )

    def _cache_known(self, known: Mapping[str, Known], now: str) -> None:
        self._db.conn.executemany(
            """UPDATE names SET state = 'cached', reason = NULL, not_before = NULL, company_id = ?,
                      confidence = ?, source = ?, decided_at = ?
               WHERE lookup_key = ? AND state IN ('pending', 'failed')""",
            (
                (found.company_id, found.confidence, found.source, now, key)
                for key, found in sorted(known.items())
            ),
        )

    def _sum_occurrences(self) -> None:
        """Let every name's rows and weight be the sum over the current runs; 0 rows means retired."""
        self._db.execute(
            """UPDATE names SET rows = sums.rows, weight = sums.weight
               FROM (SELECT lookup_key, sum(rows) AS rows, sum(weight) AS weight
                     FROM occurrences GROUP BY lookup_key) AS sums
               WHERE names.lookup_key = sums.lookup_key
                 AND (names.rows <> sums.rows OR names.weight <> sums.weight)"""
        )
        self._db.execute(
            """UPDATE names SET rows = 0, weight = 0
               WHERE rows > 0 AND lookup_key NOT IN (SELECT lookup_key FROM occurrences)"""
        )

    def _count_hits(self, run_id: int) -> None:
        self._db.execute(
            """UPDATE runs SET (hits, hit_rows) =
                 (SELECT count(DISTINCT o.lookup_key), coalesce(sum(o.rows), 0)
                  FROM occurrences o JOIN names n ON n.lookup_key = o.lookup_key
                  WHERE o.run_id = runs.id AND n.state = 'cached')
               WHERE id = ?""",
            [run_id],
        )
