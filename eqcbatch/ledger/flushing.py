"""Results leave for Postgres: what is due, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from eqcbatch.ledger.clock import utc_now
from eqcbatch.ledger.queue import Queue
from eqcbatch.records import Result, Written

_DUE = "state = 'resolved' AND held IS NULL AND flushed_at IS NULL"
_REVOKED = """flushed_at IS NULL AND flushed_company_id IS NOT NULL AND
              (state = 'resolved' AND reason IS NULL AND held IS NOT NULL
               OR state = 'failed' AND reason = 'not_found')"""


class Flushing:
    """The flush's side of the ledger. queue: the requests that are marked after it."""

    def __init__(self, database: Database) -> None:
        self.queue = Queue(database)
        self._db = database

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> list[Result]:
        """Up to `limit` unflushed results behind the key `after`; `refused` ones only where asked for."""
        rows = self._db.execute(
            f"""SELECT lookup_key, company_id, confidence, source, flushed_company_id, flushed_confidence
                FROM names INDEXED BY names_to_flush
                WHERE {_DUE} AND lookup_key > ? AND (? OR flush_error IS NULL)
                ORDER BY lookup_key LIMIT ?""",
            [after, refused, limit],
        )
        return [_result(*row) for row in rows]

    def revoked(self, limit: int) -> list[Written]:
        """Up to `limit` results that we flushed and that do not hold any more: nothing stands in for them."""
        rows = self._db.execute(
            f"""SELECT lookup_key, flushed_company_id, flushed_confidence FROM names
                WHERE {_REVOKED} ORDER BY lookup_key LIMIT ?""",
            [limit],
        )
        return [Written(*row) for row in rows]

    def mark_flushed(self, results: Iterable[Result]) -> None:
        """Note that Postgres holds these results."""
        now = utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET flushed_at = ?, flushed_company_id = ?, flushed_confidence = ?,
                           flush_error = NULL
                    WHERE lookup_key = ? AND company_id = ? AND {_DUE}""",
                (
                    (
                        now,
                        result.company_id,
                        result.confidence,
                        result.lookup_key,
                        result.company_id,
                    )
                    for result in results
                ),
            )

    def mark_refused(self, errors: Iterable[tuple[Result, str]]) -> None:
        """Note why Postgres did not take these results, so that they do not hold up the others."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE names SET flush_error = ? WHERE lookup_key = ? AND {_DUE}",
                ((error, result.lookup_key) for result, error in errors),
            )

    def mark_taken_back(self, written: Iterable[Written]) -> None:
        """Note that Postgres has nothing of ours under these names."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET flushed_company_id = NULL, flushed_confidence = NULL
                    WHERE lookup_key = ? AND {_REVOKED}""",
                ((row.lookup_key,) for row in written),
            )


def _result(
    key: str, company_id: str, confidence: float, source: str, before: str | None, before_at: float | None
) -> Result:
    written = None if before is None or before_at is None else Written(key, before, before_at)
    return Result(key, company_id, confidence, source, written)
