"""Recent: what happened since a moment, over all runs. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.ledger.sqlite import Database

_OF_STATES = """
SELECT count(*) FILTER (WHERE state = 'resolved' AND held IS NULL),
       count(*) FILTER (WHERE state = 'resolved' AND held IS NOT NULL),
       count(*) FILTER (WHERE state = 'failed' AND reason = 'not_found'),
       count(*) FILTER (WHERE state = 'failed' AND reason NOT IN ('not_found', 'invalid'))
FROM names WHERE state IN ('resolved', 'failed') AND decided_at >= ?"""


@dataclass(frozen=True, slots=True)
class DecidedNames:
    """Names by what their asking, or a review, came to."""

    found: int
    held: int
    not_found: int
    failed: int


@dataclass(frozen=True, slots=True)
class Since:
    """What happened since a moment (UTC ISO-8601).

    sessions: those that ran then, the one that still runs included. flushed: names whose results went to
    Postgres and stand there.
    """

    moment: str
    sessions: int
    requests: int
    by_outcome: dict[str, int]
    decided: DecidedNames
    flushed: int


class Recent:
    """The latest part of the ledger's history."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def since(self, moment: str) -> Since:
        """What happened since then."""
        by_outcome = dict(
            self._db.execute(
                """SELECT outcome, count(*) FROM requests WHERE started_at >= ?
                   GROUP BY outcome ORDER BY count(*) DESC, outcome""",
                [moment],
            ).fetchall()
        )
        return Since(
            moment,
            self._count("sessions WHERE ended_at IS NULL OR ended_at >= ?", moment),
            sum(by_outcome.values()),
            by_outcome,
            DecidedNames(*self._db.execute(_OF_STATES, [moment]).fetchone()),
            self._count("names WHERE state = 'resolved' AND flushed_at >= ?", moment),
        )

    def requests_a_minute(self, most_minutes: float = 5.0) -> float:
        """How fast the session that runs was of late; 0 without one."""
        (began,) = self._db.execute("SELECT max(started_at) FROM sessions WHERE ended_at IS NULL").fetchone()
        if began is None:
            return 0.0
        minutes = min(most_minutes, max(1 / 60, -self._clock.seconds_until(began) / 60))
        return (
            self._count("requests WHERE started_at >= ?", max(began, self._clock.utc_in(-minutes * 60)))
            / minutes
        )

    def _count(self, what: str, moment: str) -> int:
        (count,) = self._db.execute(f"SELECT count(*) FROM {what}", [moment]).fetchone()
        return int(count)
