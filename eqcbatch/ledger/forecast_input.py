"""What a forecast goes by: what the requests so far came to, and what is left to ask. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from eqcbatch.clock import Clock
from eqcbatch.domain.forecast.samples import Left, Prospect, RequestHistory, RequestSample
from eqcbatch.domain.forecast.schedule import Schedule
from eqcbatch.domain.model import ExitReason, IdSource, Outcome
from eqcbatch.ledger.conditions import DETAILS, WANTED
from eqcbatch.ledger.detail_tables import MOST_ROUNDS
from eqcbatch.ledger.migrations import DUE_AGAIN, SETTLED
from eqcbatch.ledger.sqlite import Database

if TYPE_CHECKING:
    from eqcbatch.ledger.stats import Stats

_NOT_HEARD = "'auth', 'refused'"  # outcomes of requests that EQC did not look at
_HEARD_BY_EQC = f"""outcome NOT IN ({_NOT_HEARD}) AND session_id IN
    (SELECT id FROM sessions s WHERE EXISTS
       (SELECT 1 FROM requests r WHERE r.session_id = s.id AND r.outcome IN ('answered', 'not_found')))"""
# Those of audits ask for no name, and tell nothing of how many a name takes.
_SEARCHES = f"endpoint = 'search' AND outcome <> 'in_flight' AND {_HEARD_BY_EQC}"
_LATEST = 500  # requests: those of last month say less of this one
_PER_COMPANY = len(DETAILS)
_DUE = " + ".join(
    f"(c.{column}_at IS NULL AND coalesce(c.{column}_attempts, 0) < {MOST_ROUNDS})"
    for column in DETAILS.values()
)


class ForecastInput:
    """What the ledger knows of the speed of its requests."""

    def __init__(self, database: Database, stats: Stats, clock: Clock) -> None:
        self._db = database
        self._stats = stats
        self._clock = clock

    def prospect(self, schedule: Schedule) -> Prospect:
        """All of it; a night is taken to begin when the latest drain did, or now where there was none."""
        began = self._latest_began_at()
        begin = datetime.fromisoformat(began) if began else self._clock.now()
        return Prospect(
            self.left(details=schedule.details),
            self.history(),
            self._stats.latencies_s(),
            schedule.window_s(begin.astimezone().replace(tzinfo=None)),
        )

    def history(self) -> RequestHistory:
        """What the requests so far came to; light ones say nothing of the others.

        Nor do those that were refused with the token, or with us, and those of sessions that EQC never
        answered: a name has to be asked again, but not because of the name.
        """
        (searches,) = self._db.execute(
            f"""SELECT (SELECT count(*) FROM requests WHERE {_SEARCHES})
                    - (SELECT count(*) FROM requests INDEXED BY requests_of_samples
                       WHERE sample_id IS NOT NULL AND {_SEARCHES})
                    - (SELECT count(*) FROM requests INDEXED BY requests_of_second_questions
                       WHERE second_id IS NOT NULL AND {_SEARCHES})"""
        ).fetchone()
        (settled,) = self._db.execute(
            f"""SELECT count(*) FROM (SELECT DISTINCT query_form FROM names INDEXED BY names_settled
                                     WHERE {SETTLED} AND source IS NOT '{IdSource.MANUAL}')"""
        ).fetchone()
        (processing_s,) = self._db.execute(
            f"""SELECT coalesce(sum(processing_s) / nullif(sum(requests + replays), 0), 0) FROM sessions
               WHERE exit_reason <> '{ExitReason.DIED}'
                 AND EXISTS (SELECT 1 FROM requests r
                             WHERE r.session_id = sessions.id AND r.endpoint <> 'searchAll')"""
        ).fetchone()
        return RequestHistory(tuple(self._samples()), searches, settled, processing_s)

    def left(self, *, details: bool) -> Left:
        """What is left: the questions that names still ask, and if wanted the details of companies."""
        (due_again,) = self._db.execute(
            f"SELECT count(*) FROM names INDEXED BY names_due_again WHERE {DUE_AGAIN}"
        ).fetchone()
        questions = self._stats.queries_pending() + int(due_again)
        if not details:
            return Left(questions)
        return Left(questions, self._details_of_known() + round(questions * self._details_a_question()))

    def _latest_began_at(self) -> str | None:
        row = self._db.execute(
            """SELECT started_at FROM sessions
               WHERE id = (SELECT max(session_id) FROM requests WHERE endpoint <> 'searchAll')"""
        ).fetchone()
        return row[0] if row else None

    def _samples(self) -> Iterator[RequestSample]:
        """The latest requests, oldest first, each with what it kept the next one of its session waiting.

        Where EQC never answered in a session, its requests failed too soon to tell how long one takes.
        Of a session that began before the latest requests, their 429 answers count alone.
        """
        latest = self._db.execute(
            f"""SELECT session_id, started_at, finished_at, elapsed_ms, outcome FROM requests NOT INDEXED
                WHERE elapsed_ms IS NOT NULL AND endpoint <> 'searchAll' AND {_HEARD_BY_EQC}
                ORDER BY id DESC LIMIT ?""",
            [_LATEST],
        ).fetchall()[::-1]
        lowered: Counter[int] = Counter()  # of each session
        for one, following in zip_longest(latest, latest[1:]):
            session, _, finished_at, elapsed_ms, outcome = one
            same_session = following is not None and following[0] == session
            rests = same_session and not Outcome(outcome).usable
            rest_s = _seconds_between(finished_at, following[1]) if rests else 0.0
            yield RequestSample(elapsed_ms / 1000, rest_s, lowered[session])
            lowered[session] += outcome == Outcome.RATE_LIMITED

    def _details_of_known(self) -> int:
        (due,) = self._db.execute(
            f"""SELECT coalesce(sum({_DUE}), 0) FROM (SELECT DISTINCT company_id FROM names WHERE {WANTED}) n
                LEFT JOIN companies c ON c.company_id = n.company_id"""
        ).fetchone()
        return int(due)

    def _details_a_question(self) -> float:
        """Details that a question yet to be asked brings along, by what the settled ones brought."""
        companies, names = self._db.execute(
            f"""SELECT count(DISTINCT company_id) FILTER (WHERE {WANTED}), count(*) FROM names
                WHERE state IN ('resolved', 'failed')"""
        ).fetchone()
        return float(_PER_COMPANY * companies / names if names else _PER_COMPANY)


def _seconds_between(earlier: str, later: str) -> float:
    return max(0.0, (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())
