"""Results leave for Postgres: what is due, what stood there before, and what became of it.

Why: docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import ExitReason, Held, IdSource, PriorRow, Result, Written
from eqcbatch.ledger.conditions import REVERTIBLE, REVOKED
from eqcbatch.ledger.prior_rows import WRITTEN, prior_to_json, written_row
from eqcbatch.ledger.sqlite import Database

_DUE = "state = 'resolved' AND held IS NULL AND flushed_at IS NULL"
_NEWEST_DRAIN = f"SELECT max(id) FROM sessions WHERE exit_reason IS NOT '{ExitReason.CHECK}'"


class ResultOutbox:
    """The flush's side of the ledger."""

    def __init__(self, database: Database, clock: Clock, *, by_eqc: bool = True) -> None:
        self._db = database
        self._clock = clock
        self._by_eqc = by_eqc

    def of_people(self) -> ResultOutbox:
        """The same, in which nothing is due but what people decided."""
        return ResultOutbox(self._db, self._clock, by_eqc=False)

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> list[Result]:
        """Up to `limit` unflushed results behind the key `after`; `refused` ones only where asked for."""
        rows = self._db.execute(
            f"""SELECT company_id, confidence, source, {WRITTEN}
                FROM names INDEXED BY names_to_flush
                WHERE {_DUE} AND lookup_key > ? AND (? OR flush_error IS NULL)
                      AND (? OR source = '{IdSource.MANUAL}')
                ORDER BY lookup_key LIMIT ?""",
            [after, refused, self._by_eqc, limit],
        )
        return [_result(*row) for row in rows]

    def note_before(self, before: Iterable[tuple[Result, PriorRow | None]]) -> None:
        """Note what stands in the index where results will be written; to be called before they are.

        Killed before they are written, it is noted anew; after that, the results stand there already, as
        they do for a ledger restored from a backup, which never knew what stood before: nothing, then.
        """
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET index_before = CASE WHEN ? THEN coalesce(index_before, 'null') ELSE ? END
                    WHERE lookup_key = ? AND {_DUE}""",
                (
                    (result.stands_as(prior), prior_to_json(prior), result.lookup_key)
                    for result, prior in before
                ),
            )

    def mark_flushed(self, results: Iterable[Result]) -> None:
        """Note that Postgres holds these results, and that they went there with the newest drain."""
        with self._db.atomic():
            (session_id,) = self._db.execute(_NEWEST_DRAIN).fetchone()
            flushed = self._clock.utc_now(), session_id
            self._db.conn.executemany(
                f"""UPDATE names SET flushed_at = ?, flushed_session = ?, flush_error = NULL,
                           flushed_company_id = ?, flushed_confidence = ?
                    WHERE lookup_key = ? AND company_id = ? AND {_DUE}""",
                (
                    (*flushed, result.company_id, result.confidence, result.lookup_key, result.company_id)
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

    def sessions(self) -> dict[int, int]:
        """The sessions whose results stand in Postgres, with how many of them EQC decided."""
        return dict(
            self._db.execute(
                f"""SELECT flushed_session, count(*) FROM names
                    WHERE flushed_session IS NOT NULL AND {REVERTIBLE} GROUP BY flushed_session"""
            ).fetchall()
        )

    def to_revert(self, session_id: int) -> list[Written]:
        """What `revert` of this session would take back, with what stood there before."""
        rows = self._db.execute(
            f"""SELECT {WRITTEN} FROM names
                WHERE flushed_session = ? AND ({REVERTIBLE} OR held = 'reverted') ORDER BY lookup_key""",
            [session_id],
        )
        return [written_row(*row) for row in rows]

    def revert(self, session_id: int) -> int:
        """Hold what EQC decided and this session flushed, so that it is taken back; how many names.

        Those of an earlier revert that was killed before they were taken back count, too.
        """
        with self._db.atomic():
            self._db.execute(
                f"""UPDATE names SET held = 'reverted', flushed_at = NULL
                    WHERE flushed_session = ? AND {REVERTIBLE}""",
                [session_id],
            )
            (held,) = self._db.execute(
                "SELECT count(*) FROM names WHERE flushed_session = ? AND held = 'reverted'", [session_id]
            ).fetchone()
        return int(held)

    def revoked(self, limit: int) -> list[Written]:
        """Up to `limit` results that we flushed and that do not hold any more, with what is to stand instead.

        A revert brings back what stood there before its session, be it a result of our own; else the name has
        none any more, and it is what stood there before we wrote at all.
        """
        rows = self._db.execute(
            f"""SELECT {WRITTEN}, held
                FROM names INDEXED BY names_to_take_back
                WHERE {REVOKED} AND index_before IS NOT NULL ORDER BY lookup_key LIMIT ?""",
            [limit],
        )
        found = [(written_row(*row), held) for *row, held in rows]
        return [row if held == Held.REVERTED else replace(row, before=row.first) for row, held in found]

    def to_take_back(self) -> int:
        """How many results that we flushed do not hold any more and stand in the index still."""
        (count,) = self._db.execute(
            f"""SELECT count(*) FROM names INDEXED BY names_to_take_back
                WHERE {REVOKED} AND index_before IS NOT NULL"""
        ).fetchone()
        return int(count)

    def mark_taken_back(self, written: Iterable[Written]) -> None:
        """Note that Postgres has nothing of ours under these names."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET flushed_company_id = NULL, flushed_confidence = NULL,
                           flushed_session = NULL, index_before = NULL
                    WHERE lookup_key = ? AND {REVOKED}""",
                ((row.lookup_key,) for row in written),
            )


def _result(company_id: str, confidence: float, source: str, key: str, *before: Any) -> Result:
    written = None if before[0] is None else written_row(key, *before)
    return Result(key, company_id, confidence, IdSource(source), written)
