"""Backflow: ids of overrides and of the sources' own columns that a person vouches for, on their way.

Nothing goes there by itself: whoever flushes with --backflow vouches for all that stands then. What was
vouched for stays, be it in a later source or not, until a person decides the name otherwise or all of it is
reverted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import BACKFLOW, IdSource, Result, VerdictRule, Written
from eqcbatch.ledger.conditions import NEVER_ASKED, VOUCHED_CONFIDENCE
from eqcbatch.ledger.run_rows import cache_covered
from eqcbatch.ledger.sqlite import Database

# An override of a name; else the one id that all its rows have by their own column, whatever else the index
# has under the name: that is told as a conflict.
_BY_COLUMN = f"""
FROM occurrences o JOIN names n ON n.lookup_key = o.lookup_key
WHERE n.state = 'cached' AND (n.source = '{IdSource.COLUMN}' OR n.source LIKE 'index:%')
GROUP BY o.lookup_key HAVING max(o.source = '{IdSource.COLUMN}')
  AND max(n.source = '{IdSource.COLUMN}' OR n.company_id <> o.company_id)
  AND count(DISTINCT coalesce(o.company_id, n.company_id))"""
_VOUCHED = f"""
SELECT lookup_key, 'override' AS origin, company_id FROM names
WHERE state = 'cached' AND source = '{IdSource.OVERRIDE}' AND company_id IS NOT NULL AND rows > 0
UNION ALL
SELECT o.lookup_key, 'column', min(o.company_id) {_BY_COLUMN} = 1"""
# Since it was vouched for, somebody decided otherwise.
_OVERRULED = f"""EXISTS (SELECT 1 FROM names n WHERE n.lookup_key = b.lookup_key
    AND (n.verdict = '{VerdictRule.MANUAL}' AND n.company_id IS NOT b.company_id
         OR {NEVER_ASKED.replace("company_id", "n.company_id")}))"""


# Known by a row of ours in the index, and as well by all their rows' own column.
_BY_US = f"""
SELECT n.lookup_key FROM backflow b JOIN names n ON n.lookup_key = b.lookup_key
WHERE n.state = 'cached' AND n.source = '{IdSource.INDEX_CUSTOMER_NAME}'
  AND n.index_source = '{BACKFLOW}' AND n.company_id = b.flushed_company_id AND n.rows > 0
  AND NOT EXISTS (SELECT 1 FROM occurrences o WHERE o.lookup_key = n.lookup_key
                  AND coalesce(o.company_id, o.known_id) IS NOT n.company_id)"""


@dataclass(frozen=True, slots=True)
class BackflowCounts:
    """Ids that a person vouches for.

    stored: those that the index has. refused: those that it does not take.
    """

    vouched: int
    stored: int
    refused: int

    @property
    def any(self) -> bool:
        """Whether there is anything of it, be it on its way in or out."""
        return self.vouched > 0 or self.stored > 0


@dataclass(frozen=True, slots=True)
class Vouched:
    """An id that a person vouches for.

    company_id: None where nobody does any more. origin: who wrote it. by, at: who vouches, since when (UTC
    ISO-8601). flushed_company_id: what the index has of it, None for nothing. error: why it does not take it.
    """

    company_id: str | None
    origin: IdSource
    by: str
    at: str
    flushed_company_id: str | None
    error: str | None


class Backflow:
    """The side of the ledger on which people vouch for ids that others wrote."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def vouch(self, by: str) -> None:
        """Let a person vouch for all ids of overrides and of the sources' own columns that count now.

        What the index did not take before is due again.
        """
        with self._db.atomic():
            self._db.execute("UPDATE backflow SET flush_error = NULL")
            self._db.execute(
                f"""INSERT INTO backflow (lookup_key, origin, company_id, vouched_by, vouched_at)
                    SELECT lookup_key, origin, company_id, ?, ? FROM ({_VOUCHED}) WHERE true
                    ON CONFLICT (lookup_key) DO UPDATE
                    SET origin = excluded.origin, company_id = excluded.company_id,
                        vouched_by = excluded.vouched_by, vouched_at = excluded.vouched_at
                    WHERE company_id IS NOT excluded.company_id OR origin <> excluded.origin""",
                [by, self._clock.utc_now()],
            )

    def several_ids(self) -> int:
        """How many names have none to vouch for, as their rows have several."""
        (names,) = self._db.execute(f"SELECT count(*) FROM (SELECT o.lookup_key {_BY_COLUMN} > 1)").fetchone()
        return int(names)

    def revert(self) -> None:
        """Let nobody vouch for anything any more: what the index has of it is to be taken back.

        Names that are known by that are known by their own column again, where it has all their rows.
        """
        with self._db.atomic():
            self._let_columns_tell()
            self._db.execute("UPDATE backflow SET company_id = NULL, flush_error = NULL")
            self._forget()

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> list[Result]:
        """Up to `limit` ids that the index does not have, behind a key; `refused` ones only if asked for."""
        rows = self._db.execute(
            f"""SELECT lookup_key, company_id, origin, flushed_company_id FROM backflow b
                WHERE company_id IS NOT NULL AND company_id IS NOT flushed_company_id AND lookup_key > ?
                  AND (? OR flush_error IS NULL) AND NOT {_OVERRULED} ORDER BY lookup_key LIMIT ?""",
            [after, refused, limit],
        )
        return [
            Result(
                key,
                one,
                VOUCHED_CONFIDENCE,
                IdSource(origin),
                Written(key, old, VOUCHED_CONFIDENCE) if old else None,
            )
            for key, one, origin, old in rows
        ]

    def revoked(self, limit: int) -> list[Written]:
        """Up to `limit` ids that the index has of us, and that nobody vouches for any more."""
        rows = self._db.execute(
            f"""SELECT lookup_key, flushed_company_id FROM backflow b
                WHERE flushed_company_id IS NOT NULL AND (company_id IS NULL OR {_OVERRULED})
                ORDER BY lookup_key LIMIT ?""",
            [limit],
        )
        return [Written(key, company_id, VOUCHED_CONFIDENCE) for key, company_id in rows]

    def latest(self, limit: int) -> list[Written]:
        """What the index has of it, as far as it was vouched for last."""
        rows = self._db.execute(
            """SELECT lookup_key, flushed_company_id FROM backflow
               WHERE flushed_company_id IS NOT NULL ORDER BY vouched_at DESC LIMIT ?""",
            [limit],
        )
        return [Written(key, company_id, VOUCHED_CONFIDENCE) for key, company_id in rows]

    def sent(self) -> list[Written]:
        """All that the index has of it."""
        rows = self._db.execute(
            """SELECT lookup_key, flushed_company_id FROM backflow
               WHERE flushed_company_id IS NOT NULL ORDER BY lookup_key"""
        )
        return [Written(key, company_id, VOUCHED_CONFIDENCE) for key, company_id in rows]

    def mark_flushed(self, results: Iterable[Result]) -> None:
        """Note that the index has these ids."""
        self._mark(
            "UPDATE backflow SET flushed_company_id = ?, flush_error = NULL WHERE lookup_key = ?",
            ((result.company_id, result.lookup_key) for result in results),
        )

    def mark_refused(self, errors: Iterable[tuple[Result, str]]) -> None:
        """Note why the index does not take these ids."""
        self._mark(
            "UPDATE backflow SET flush_error = ? WHERE lookup_key = ?",
            ((error, result.lookup_key) for result, error in errors),
        )

    def mark_taken_back(self, written: Iterable[Written]) -> None:
        """Note that the index has nothing of ours under these names."""
        with self._db.atomic():
            self._mark(
                "UPDATE backflow SET flushed_company_id = NULL WHERE lookup_key = ?",
                ((row.lookup_key,) for row in written),
            )
            self._forget()

    def of_name(self, lookup_key: str) -> Vouched | None:
        """What a person vouches for of a name; None for nothing."""
        row = self._db.execute(
            """SELECT company_id, origin, vouched_by, vouched_at, flushed_company_id, flush_error
               FROM backflow WHERE lookup_key = ?""",
            [lookup_key],
        ).fetchone()
        return Vouched(row[0], IdSource(row[1]), *row[2:]) if row else None

    def counts(self) -> BackflowCounts:
        """How many ids people vouch for, and what became of them."""
        row = self._db.execute(
            """SELECT count(company_id), count(flushed_company_id), count(flush_error) FROM backflow"""
        ).fetchone()
        return BackflowCounts(*row)

    def _let_columns_tell(self) -> None:
        keys = self._db.execute(_BY_US).fetchall()
        self._db.conn.executemany(
            f"""UPDATE occurrences SET source = '{IdSource.COLUMN}', company_id = known_id
                WHERE lookup_key = ? AND source IS NULL""",
            keys,
        )
        self._db.conn.executemany(
            """UPDATE names SET state = 'pending', company_id = NULL, confidence = NULL, source = NULL,
                      index_source = NULL WHERE lookup_key = ?""",
            keys,
        )
        if keys:
            cache_covered(self._db, self._clock.utc_now())

    def _forget(self) -> None:
        self._db.execute("DELETE FROM backflow WHERE company_id IS NULL AND flushed_company_id IS NULL")

    def _mark(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._db.atomic():
            self._db.conn.executemany(statement, rows)
