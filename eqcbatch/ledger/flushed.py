"""What the ledger calls flushed: to be looked at in Postgres again, and due once more where it was lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from eqcbatch.clock import Clock
from eqcbatch.domain.model import PriorRow, Written
from eqcbatch.ledger.migrations import FLUSHED
from eqcbatch.ledger.prior_rows import WRITTEN, prior_to_json, written_row
from eqcbatch.ledger.sqlite import Database

# Behind a key: the sign keeps SQLite from sorting all that is resolved for every batch.
_FLUSHED_BY_KEY = "flushed_at IS NOT NULL AND +state = 'resolved' AND held IS NULL"
_WRITTEN = f"SELECT {WRITTEN} FROM names"


class Flushed:
    """The verification's side of the ledger."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def latest(self, limit: int) -> list[Written]:
        """The results that were flushed last."""
        return self._written(
            f"{_WRITTEN} INDEXED BY names_flushed WHERE {FLUSHED} ORDER BY flushed_at DESC LIMIT ?", limit
        )

    def results(self, limit: int, after: str) -> list[Written]:
        """Up to `limit` flushed results behind a key."""
        return self._written(
            f"{_WRITTEN} WHERE {_FLUSHED_BY_KEY} AND lookup_key > ? ORDER BY lookup_key LIMIT ?", after, limit
        )

    def former_names(self, limit: int, after: str) -> list[str]:
        """Up to `limit` flushed former names behind a key."""
        return self._keys(
            """SELECT lookup_key FROM former_names
               WHERE flushed_company_id IS NOT NULL AND lookup_key > ? ORDER BY lookup_key LIMIT ?""",
            after,
            limit,
        )

    def backflow(self, limit: int, after: str) -> list[str]:
        """Up to `limit` names behind a key whose ids were flushed because a person vouches for them."""
        return self._keys(
            """SELECT lookup_key FROM backflow
               WHERE flushed_company_id IS NOT NULL AND lookup_key > ? ORDER BY lookup_key LIMIT ?""",
            after,
            limit,
        )

    def companies(self, limit: int, after: str) -> list[str]:
        """Up to `limit` companies behind an id whose details were flushed."""
        return self._keys(
            """SELECT company_id FROM companies WHERE flushed_at IS NOT NULL AND company_id > ?
               ORDER BY company_id LIMIT ?""",
            after,
            limit,
        )

    def mark_lost(self, lost: Iterable[tuple[Written, PriorRow | None]]) -> None:
        """Make results due again that Postgres lost; with each, what we wrote ourselves and stands there."""
        rows = list(lost)
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET flushed_at = NULL, flushed_company_id = ?, flushed_confidence = ?,
                           flushed_session = NULL, index_before = ?
                    WHERE lookup_key = ? AND {FLUSHED}""",
                (
                    (
                        *(ours and ours.company_id, ours and ours.confidence),
                        *(ours and prior_to_json(written.first), written.lookup_key),
                    )
                    for written, ours in rows
                ),
            )
            self._note("results", len(rows))

    def mark_lost_former_names(self, keys: Collection[str]) -> None:
        """Make former names due again that Postgres lost."""
        with self._db.atomic():
            self._db.conn.executemany(
                """UPDATE former_names SET flushed_company_id = NULL, flushed_confidence = NULL
                   WHERE lookup_key = ?""",
                ((key,) for key in keys),
            )
            self._note("former names", len(keys))

    def mark_lost_backflow(self, keys: Collection[str]) -> None:
        """Make ids due again that a person vouches for, and that Postgres lost."""
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE backflow SET flushed_company_id = NULL WHERE lookup_key = ?", ((key,) for key in keys)
            )
            self._note("backflow", len(keys))

    def mark_lost_companies(self, ids: Collection[str]) -> None:
        """Make companies due again whose details Postgres lost."""
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE companies SET flushed_at = NULL WHERE company_id = ?", ((one,) for one in ids)
            )
            self._note("companies", len(ids))

    def losses(self) -> tuple[int, str | None]:
        """How many rows Postgres lost so far, and when that was last found; None for never."""
        lost, found_at = self._db.execute(
            "SELECT coalesce(sum(lost), 0), max(found_at) FROM losses"
        ).fetchone()
        return int(lost), found_at

    def _note(self, what: str, lost: int) -> None:
        if lost:
            self._db.execute(
                "INSERT INTO losses (found_at, what, lost) VALUES (?, ?, ?)",
                [self._clock.utc_now(), what, lost],
            )

    def _keys(self, question: str, *values: object) -> list[str]:
        return [key for (key,) in self._db.execute(question, values)]

    def _written(self, question: str, *values: object) -> list[Written]:
        return [written_row(*row) for row in self._db.execute(question, values)]
