"""Rounds: when a failed name may be asked again, and making it pending for that."""

from __future__ import annotations

from eqcbatch.clock import seconds_until, utc_in, utc_now
from eqcbatch.domain.model import Reason
from eqcbatch.ledger.sqlite import Database

PENDING_AGAIN = "state = 'pending', reason = NULL, verdict = NULL, not_before = NULL, decided_at = NULL"


class Rounds:
    """The failed names of the current runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def requeue_due(self) -> int:
        """Let failed names whose time has come be pending again; how many."""
        cursor = self._db.execute(
            f"UPDATE names SET {PENDING_AGAIN} WHERE state = 'failed' AND rows > 0 AND not_before <= ?",
            [utc_now()],
        )
        return cursor.rowcount

    def seconds_to_next_due(self) -> float | None:
        """Seconds until the first failed name may be asked again, 0 if it may now; None without one."""
        (first,) = self._db.execute(
            "SELECT min(not_before) FROM names WHERE state = 'failed' AND not_before IS NOT NULL AND rows > 0"
        ).fetchone()
        return None if first is None else max(0.0, seconds_until(first))

    def requeue_failed(self, reason: Reason | None) -> int:
        """Let names that failed for `reason` begin anew; None: for any but `not_found` and `invalid`."""
        cursor = self._db.execute(
            f"""UPDATE names SET {PENDING_AGAIN}, attempts = 0
                WHERE state = 'failed' AND rows > 0 AND reason <> 'invalid'
                  AND reason = coalesce(?, nullif(reason, 'not_found'))""",
            [str(reason) if reason else None],
        )
        return cursor.rowcount

    def not_found_before(self, age_s: float) -> list[tuple[str, str]]:
        """Keys and queries of the names that EQC did not know, `age_s` seconds ago or longer."""
        return self._db.execute(
            """SELECT lookup_key, query FROM names
               WHERE state = 'failed' AND reason = 'not_found' AND rows > 0 AND decided_at <= ?""",
            [utc_in(-age_s)],
        ).fetchall()

    def requeue_not_found(self, lookup_key: str) -> None:
        """Let a name that EQC did not know begin anew."""
        self._db.execute(
            f"""UPDATE names SET {PENDING_AGAIN}, attempts = 0
                WHERE lookup_key = ? AND state = 'failed' AND reason = 'not_found'""",
            [lookup_key],
        )
