"""What happened over time, and what is still open: sessions, coverage, the names without an id. Reads only.

A run's number narrows names, rows and weight to that run; sessions and their requests are of all runs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from eqcbatch.domain.model import ExitReason, Outcome, Reason, State
from eqcbatch.ledger.conditions import IDENTIFIED, counted_names
from eqcbatch.ledger.migrations import SETTLED
from eqcbatch.ledger.sqlite import Database

_MISSING = "state IN ('pending', 'failed')"
_HELD = "state = 'resolved' AND held IS NOT NULL"

# What became of names, in the order of DecidedNames.
_BECAME = """
       count(*) FILTER (WHERE state = 'resolved' AND held IS NULL),
       count(*) FILTER (WHERE state = 'resolved' AND held IS NOT NULL),
       count(*) FILTER (WHERE state = 'failed' AND reason = 'not_found'),
       count(*) FILTER (WHERE state = 'failed' AND reason NOT IN ('not_found', 'invalid', 'no_company')),
       count(*) FILTER (WHERE state = 'failed' AND reason = 'no_company')"""

# By who decided: the session of the last request that bears its state out; without such the moment counts,
# that it was running at. In the order of names_settled, which is nearly that of requests_by_name. The LIMIT
# keeps SQLite from working the session out for each column that wants it, and is older than MATERIALIZED.
_DECIDED = f"""
WITH decided AS (
    SELECT state, reason, held, decided_at,
           (SELECT max(r.session_id) FROM requests r
            WHERE r.lookup_key = names.lookup_key AND r.endpoint = 'search'
              AND (names.state = 'failed' OR r.outcome IN ('answered', 'not_found'))) AS session
    FROM names INDEXED BY names_settled WHERE {SETTLED} LIMIT -1)
SELECT session, CASE WHEN session IS NULL THEN decided_at END AS moment, {_BECAME}
FROM decided GROUP BY session, moment"""

_DECIDED_SINCE = f"""
SELECT {_BECAME} FROM names WHERE state IN ('resolved', 'failed') AND decided_at >= ?"""

# Grouped as names_by_state has them first, so that it is read in its order and nothing large is sorted.
_ALIKE = " UNION ALL ".join(
    f"""SELECT state, reason, held, {identified} AS identified, count(*) AS names,
               sum(counted_rows) AS rows, sum(counted_weight) AS weight
        FROM {{names}} WHERE {identified} = ({IDENTIFIED}) GROUP BY state, reason, held"""
    for identified in (0, 1)
)


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many names are alike in state, reason, and whether they are held and have an id; rows, weight."""

    state: State
    reason: Reason | None
    held: bool
    identified: bool
    names: int
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class DecidedNames:
    """Names by what their asking, or a review, came to; as they stand today.

    found: with an id. held: with one that waits for a review. not_found: EQC knows no such company.
    failed: for another reason, in all rounds or until the next one. no_company: by a person's word none is
    the right one.
    """

    found: int = 0
    held: int = 0
    not_found: int = 0
    failed: int = 0
    no_company: int = 0


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session, and what it came to.

    started_at, ended_at: UTC ISO-8601; ended_at and exit_reason are None while it runs, and where it died
    and nobody resumed. requests: by outcome. flushed: names whose results stand in Postgres since then.
    """

    id: int
    started_at: str
    ended_at: str | None
    exit_reason: ExitReason | None
    replays: int
    requests: Mapping[Outcome, int]
    decided: DecidedNames
    flushed: int


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


@dataclass(frozen=True, slots=True)
class Reached:
    """So many names, and rows behind them, were known at a moment (UTC ISO-8601); held ones are not."""

    at: str
    names: int
    rows: int


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name without an id. not_before: when a failed one is asked again by itself, if it is."""

    lookup_key: str
    query: str
    state: State
    reason: Reason | None
    rows: int
    weight: float
    attempts: int
    not_before: str | None


@dataclass(frozen=True, slots=True)
class HeldName:
    """The key of a name that is held, with the rows and the weight that count."""

    lookup_key: str
    rows: int
    weight: float


class History:
    """The side of the ledger that is looked back on."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def state_counts(self, run: int | None = None) -> list[StateCount]:
        """All names that count, by state, reason, whether they are held and have an id; most rows first."""
        rows = self._db.execute(
            f"""SELECT state, reason, held IS NOT NULL, identified, sum(names), sum(rows), sum(weight)
                FROM ({_ALIKE.format(names=counted_names(run))})
                GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC, 1, 2""",
            {"run": run},
        )
        return [
            StateCount(State(state), Reason(reason) if reason else None, bool(held), bool(identified), *sums)
            for state, reason, held, identified, *sums in rows
        ]

    def reached(self, moments: int, run: int | None = None) -> list[Reached]:
        """How the known names and rows grew: first, then at evenly spread moments; `moments` at most."""
        grown = self._db.execute(
            f"""WITH known AS (SELECT decided_at, julianday(decided_at) AS day,
                                      counted_rows AS rows FROM {counted_names(run)}
                               WHERE {IDENTIFIED} AND decided_at IS NOT NULL),
                     span AS (SELECT min(day) AS first, max(day) - min(day) AS days FROM known)
                SELECT max(decided_at), count(*), sum(rows) FROM known, span
                GROUP BY day > first, CAST(ifnull((day - first) / days, 0) * (:moments - 2) AS INTEGER)
                ORDER BY 1""",
            {"run": run, "moments": moments},
        )
        return list(_summed(grown))

    def sessions(self) -> list[SessionSummary]:
        """Every session, oldest first."""
        rows = self._db.execute(
            "SELECT id, started_at, ended_at, exit_reason, replays FROM sessions ORDER BY id"
        ).fetchall()
        requests, flushed = self._requests(), self._flushed()
        decided = self._decided([(started_at, number) for number, started_at, *_ in rows])
        return [
            SessionSummary(
                *(number, started_at, ended_at, ExitReason(reason) if reason else None, replays),
                requests=requests[number],
                decided=DecidedNames(*decided[number]),
                flushed=flushed.get(number, 0),
            )
            for number, started_at, ended_at, reason, replays in rows
        ]

    def since(self, moment: str) -> Since:
        """What happened since a moment, over all runs."""
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
            DecidedNames(*self._db.execute(_DECIDED_SINCE, [moment]).fetchone()),
            self._count("names WHERE state = 'resolved' AND flushed_at >= ?", moment),
        )

    def missing(self, limit: int, run: int | None = None) -> list[MissingName]:
        """The heaviest names that are pending or failed."""
        rows = self._db.execute(
            f"""SELECT lookup_key, query, state, reason, counted_rows, counted_weight, attempts, not_before
                FROM (SELECT lookup_key AS key, counted_rows, counted_weight
                      FROM {counted_names(run)} WHERE {_MISSING}
                      ORDER BY counted_weight DESC, lookup_key LIMIT :limit)
                JOIN names ON lookup_key = key ORDER BY counted_weight DESC, lookup_key""",
            {"run": run, "limit": limit},
        )
        return [
            MissingName(key, query, State(state), Reason(reason) if reason else None, *rest)
            for key, query, state, reason, *rest in rows
        ]

    def held(self, limit: int, run: int | None = None) -> list[HeldName]:
        """The names that are held, most rows first."""
        rows = self._db.execute(
            f"""SELECT lookup_key, counted_rows, counted_weight FROM {counted_names(run)}
                WHERE {_HELD} ORDER BY counted_rows DESC, counted_weight DESC, lookup_key LIMIT :limit""",
            {"run": run, "limit": limit},
        )
        return [HeldName(*row) for row in rows]

    def _count(self, what: str, moment: str) -> int:
        (count,) = self._db.execute(f"SELECT count(*) FROM {what}", [moment]).fetchone()
        return int(count)

    def _requests(self) -> dict[int, Counter[Outcome]]:
        """Requests by session and outcome."""
        found: dict[int, Counter[Outcome]] = defaultdict(Counter)
        for session, outcome, requests in self._db.execute(
            "SELECT session_id, outcome, count(*) FROM requests GROUP BY session_id, endpoint, outcome"
        ):
            found[session][Outcome(outcome)] += requests
        return found

    def _flushed(self) -> dict[int, int]:
        """Names in Postgres by the session that they went with."""
        return dict(
            self._db.execute(
                """SELECT flushed_session, count(*) FROM names
                   WHERE state = 'resolved' AND flushed_session IS NOT NULL AND flushed_at IS NOT NULL
                   GROUP BY flushed_session"""
            ).fetchall()
        )

    def _decided(self, started: list[tuple[str, int]]) -> dict[int, list[int]]:
        """Names by session and what became of them; without a request of theirs, by the time of deciding."""
        found: dict[int, list[int]] = defaultdict(lambda: [0] * len(fields(DecidedNames)))
        for asked_in, decided_at, *became in self._db.execute(_DECIDED):
            session = asked_in or _running(started, decided_at)
            if session is not None:
                found[session] = [sum(both) for both in zip(found[session], became, strict=True)]
        return found


def _summed(grown: Iterator[tuple[str, int, int]]) -> Iterator[Reached]:
    names = rows = 0
    for at, more_names, more_rows in grown:
        names, rows = names + more_names, rows + more_rows
        yield Reached(at, names, rows)


def _running(started: list[tuple[str, int]], moment: str | None) -> int | None:
    """The last session that had started by then, None without any."""
    at = bisect_right(started, moment or "", key=lambda session: session[0])
    return started[at - 1][1] if at else None
