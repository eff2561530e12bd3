"""Sessions of the drain and of checks: when each began and ended, and why."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import ExitReason
from eqcbatch.ledger.sqlite import Database

# Of a session without an end. When a request of unknown outcome was settled says when somebody looked.
LAST_SIGN_OF_LIFE = """coalesce(
    (SELECT max(CASE outcome WHEN 'unknown' THEN requests.started_at
                ELSE coalesce(finished_at, requests.started_at) END)
     FROM requests WHERE session_id = sessions.id),
    sessions.started_at)"""


@dataclass(frozen=True, slots=True)
class Session:
    """A drain's row in the ledger."""

    id: int
    started_at: str
    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class Drained:
    """A drain, for a report. ended_at, exit_reason: None of one that runs, or died and was not resumed."""

    session_id: int
    started_at: str
    ended_at: str | None
    exit_reason: str | None
    requests: int


class Sessions:
    """Who asked EQC, and for how long; what was asked is in `work`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def open(self, budget: int | None) -> Session:
        """Begin a session; `budget` None means no limit."""
        session = (self._clock.utc_now(), os.getpid(), socket.gethostname())
        cursor = self._db.execute(
            "INSERT INTO sessions (started_at, pid, host, budget) VALUES (?, ?, ?, ?)",
            [*session, budget],
        )
        return Session(int(cursor.lastrowid or 0), *session)

    def unended(self) -> list[Session]:
        """Sessions without an end; for the holder of the ledger's lock these are the dead ones."""
        rows = self._db.execute("SELECT id, started_at, pid, host FROM sessions WHERE ended_at IS NULL")
        return [Session(*row) for row in rows]

    def latest_drain(self) -> Drained | None:
        """The drain that began last; None before the first."""
        row = self._db.execute(
            """SELECT id, started_at, ended_at, exit_reason, requests FROM sessions
               WHERE exit_reason IS NOT ? ORDER BY id DESC LIMIT 1""",
            [str(ExitReason.CHECK)],
        ).fetchone()
        return None if row is None else Drained(*row)

    def end(self, session_id: int, exit_reason: str, waiting_s: float, processing_s: float) -> None:
        """End a session: why, and where its time went besides the network."""
        self._db.execute(
            """UPDATE sessions SET ended_at = ?, exit_reason = ?, waiting_s = ?, processing_s = ?
               WHERE id = ? AND ended_at IS NULL""",
            [self._clock.utc_now(), exit_reason, waiting_s, processing_s, session_id],
        )

    def end_dead(self, living: int | None = None) -> None:
        """End the sessions that died, at the time of their last sign of life; not the `living` one."""
        self._db.execute(
            f"""UPDATE sessions SET exit_reason = 'died', ended_at = {LAST_SIGN_OF_LIFE}
                WHERE ended_at IS NULL AND id IS NOT ?""",
            [living],
        )

    def requests_within_a_day(self) -> int:
        """Requests booked in the last 24 hours, over all sessions."""
        (count,) = self._db.execute(
            "SELECT count(*) FROM requests WHERE started_at >= ?", [self._clock.utc_in(-24 * 3600)]
        ).fetchone()
        return int(count)
