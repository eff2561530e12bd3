"""Stretches: what the latest requests in a row say of EQC itself, and taking back what they decided.

They are read from the booked requests, so a stretch outlives the session in which it began.
"""

from __future__ import annotations

from eqcbatch.ledger.database import Database
from eqcbatch.records import PendingName

_PENDING_AGAIN = """state = 'pending', reason = NULL, not_before = NULL, decided_at = NULL,
                    attempts = max(0, attempts - 1)"""
_LAST_USABLE = """coalesce((SELECT id FROM requests WHERE outcome IN ('answered', 'not_found')
                            ORDER BY id DESC LIMIT 1), 0)"""
_LAST_FOUND = """coalesce((SELECT id FROM requests WHERE endpoint = 'search' AND outcome = 'answered'
                           ORDER BY id DESC LIMIT 1), 0)"""
_FAILURES = f"""FROM requests WHERE id > {_LAST_USABLE}
                AND outcome IN ('timeout', 'network', 'server_error', 'bad_response', 'refused')"""
_EMPTIES = f"FROM requests WHERE id > {_LAST_FOUND} AND endpoint = 'search' AND outcome = 'not_found'"


class Stretches:
    """The latest requests in a row."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def failures_in_a_row(self) -> int:
        """Failed requests since the last usable answer."""
        return int(self._db.execute(f"SELECT count(*) {_FAILURES}").fetchone()[0])

    def return_failed_stretch(self) -> int:
        """Let the names that failed since the last usable answer be pending, the round not counted."""
        cursor = self._db.execute(
            f"""UPDATE names SET {_PENDING_AGAIN}
                WHERE state = 'failed' AND reason NOT IN ('not_found', 'invalid')
                  AND lookup_key IN (SELECT lookup_key {_FAILURES})"""
        )
        return cursor.rowcount

    def empties_in_a_row(self) -> int:
        """Searches without a match since the last one with a match."""
        return int(self._db.execute(f"SELECT count(*) {_EMPTIES}").fetchone()[0])

    def mostly_found_before(self) -> bool:
        """Whether fewer than half of the searches before the latest empties were empty."""
        found, empty = self._db.execute(
            f"""SELECT count(*) FILTER (WHERE outcome = 'answered'),
                       count(*) FILTER (WHERE outcome = 'not_found')
                FROM requests WHERE endpoint = 'search' AND id <= {_LAST_FOUND}"""
        ).fetchone()
        return bool(found > empty)

    def latest_found(self) -> PendingName | None:
        """The name that EQC knew last, with what it was asked; None if it never knew one."""
        row = self._db.execute(
            """SELECT lookup_key, query, attempts, rows, weight FROM names
               WHERE state = 'resolved' AND source = 'eqc' ORDER BY decided_at DESC LIMIT 1"""
        ).fetchone()
        return PendingName(*row) if row else None

    def queries_of_empty_stretch(self) -> list[str]:
        """What was asked in vain since the last search with a match."""
        rows = self._db.execute(
            f"""SELECT query FROM names WHERE state = 'failed' AND reason = 'not_found'
                AND lookup_key IN (SELECT lookup_key {_EMPTIES})"""
        )
        return [query for (query,) in rows]

    def return_empty_stretch(self) -> int:
        """Let the names of the latest empties be pending, the round not counted."""
        cursor = self._db.execute(
            f"""UPDATE names SET {_PENDING_AGAIN} WHERE state = 'failed' AND reason = 'not_found'
                AND lookup_key IN (SELECT lookup_key {_EMPTIES})"""
        )
        return cursor.rowcount
