"""Signs of life: what the requests of the session that runs came to. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Outcome
from eqcbatch.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class LatestReply:
    """What a request came to. ago_s: seconds since then. elapsed_s: how long it took."""

    outcome: Outcome
    ago_s: float
    elapsed_s: float


class Vitals:
    """The life of the ledger's session."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def latest_reply(self) -> LatestReply | None:
        """The latest reply in the session that has not ended; None without one."""
        row = self._db.execute(
            """SELECT outcome, finished_at, elapsed_ms FROM requests
               WHERE session_id = (SELECT max(id) FROM sessions WHERE ended_at IS NULL)
                 AND elapsed_ms IS NOT NULL
               ORDER BY id DESC LIMIT 1"""
        ).fetchone()
        if row is None:
            return None
        outcome, finished_at, elapsed_ms = row
        return LatestReply(Outcome(outcome), -self._clock.seconds_until(finished_at), elapsed_ms / 1000)

    def answers(self) -> int:
        """Usable answers that were archived."""
        (count,) = self._db.execute(
            """SELECT count(*) FROM requests
               WHERE outcome IN ('answered', 'not_found') AND endpoint <> 'searchAll'"""
        ).fetchone()
        return int(count)
