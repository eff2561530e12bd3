"""What a report reads: counts, times and the balance. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from eqcbatch.domain.model import Run, State
from eqcbatch.ledger.conditions import IDENTIFIED, LAST_SIGN_OF_LIFE, NEVER_ASKED, counted, in_run
from eqcbatch.ledger.migrations import HARVESTED, REFUSED
from eqcbatch.ledger.sqlite import Reader, read_once


@dataclass(frozen=True, slots=True)
class NameCounts:
    """Names of the current runs by state; retired ones are in no current run and in no other count."""

    total: int
    pending: int
    cached: int
    resolved: int
    failed: int
    retired: int


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the current runs: total = blank + the rows behind names; blank_covered is part of blank."""

    total: int
    blank: int
    blank_covered: int
    pending: int
    cached: int
    resolved: int
    failed: int


@dataclass(frozen=True, slots=True)
class ResolvedCounts:
    """Resolved names: in Postgres, on their way there, or held for review."""

    flushed: int
    unflushed: int
    held: int


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Every request ever booked, and the answers taken from the archive instead (replays)."""

    total: int
    replays: int
    by_endpoint: dict[str, int]
    by_outcome: dict[str, int]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds over all sessions: on the network, waiting for the rate or a retry, processing, by the wall."""

    network_s: float
    waiting_s: float
    processing_s: float
    wall_s: float


# The first needs no more than the index names_by_state, read once; retired names are those without rows.
_BY_STATE = "SELECT state, count(nullif(rows, 0)), sum(rows), sum(rows = 0) FROM names GROUP BY state"
_BY_STATE_IN_RUN = f"""
SELECT n.state, count(*), sum(counted.rows), 0 FROM ({counted(1)}) AS counted
JOIN names n ON n.lookup_key = counted.lookup_key GROUP BY n.state"""

# By two indexes: names_by_state tells all that may have an id, names_never_asked those of them without.
_ROWS_IDENTIFIED = f"""
SELECT (SELECT coalesce(sum(rows), 0) FROM names INDEXED BY names_by_state
        WHERE state IN ('cached', 'resolved') AND held IS NULL)
     - (SELECT coalesce(sum(rows), 0) FROM names INDEXED BY names_never_asked WHERE {NEVER_ASKED})"""
_ROWS_IDENTIFIED_IN_RUN = f"""
SELECT coalesce(sum(c.rows), 0) FROM ({counted(1)}) AS c JOIN names USING (lookup_key) WHERE {IDENTIFIED}"""


class Stats(Reader):
    """The counting side of the ledger; `run` narrows what is counted to one run."""

    def newest_run(self) -> Run | None:
        """The latest plan, None in a ledger without one."""
        return self._run("ORDER BY id DESC LIMIT 1", {})

    def run(self, run_id: int) -> Run | None:
        """A current run by its number."""
        return self._run("WHERE id = :run AND current = 1", {"run": run_id})

    def current_runs(self) -> list[int]:
        """The numbers of the current runs."""
        return [number for (number,) in self._db.execute("SELECT id FROM runs WHERE current = 1 ORDER BY id")]

    @read_once
    def names_and_rows(self, run: int | None = None) -> tuple[NameCounts, RowCounts]:
        """Names and rows by state."""
        by_state = {
            state: (names, rows, retired)
            for state, names, rows, retired in self._db.execute(
                _BY_STATE if run is None else _BY_STATE_IN_RUN,
                {"run": run},
            )
        }
        names = {str(state): by_state.get(state, (0, 0, 0))[0] for state in State}
        rows = {str(state): by_state.get(state, (0, 0, 0))[1] for state in State}
        (total, blank, covered) = self._db.execute(
            f"""SELECT coalesce(sum(rows), 0), coalesce(sum(blank_rows), 0), coalesce(sum(blank_covered), 0)
                FROM runs WHERE {self._counted_runs(run)}""",
            {"run": run},
        ).fetchone()
        retired = sum(retired for _, _, retired in by_state.values()) if run is None else self._retired()
        return (
            NameCounts(total=sum(names.values()), retired=retired, **names),
            RowCounts(total=total, blank=blank, blank_covered=covered, **rows),
        )

    def rows_identified(self, run: int | None = None) -> int:
        """Rows behind names with an id that may be used: held ones have none, and those never asked."""
        sums = _ROWS_IDENTIFIED if run is None else _ROWS_IDENTIFIED_IN_RUN
        return int(self._db.execute(sums, {"run": run}).fetchone()[0])

    def hits(self, run: int | None = None) -> tuple[int, int, int, int]:
        """Names known at plan time, all names, and the same in rows; summed over the runs."""
        row = self._db.execute(
            f"""SELECT coalesce(sum(hits), 0), coalesce(sum(distinct_names), 0),
                       coalesce(sum(hit_rows), 0), coalesce(sum(rows - blank_rows), 0)
                FROM runs WHERE {self._counted_runs(run)}""",
            {"run": run},
        ).fetchone()
        return int(row[0]), int(row[1]), int(row[2]), int(row[3])

    def resolved(self, run: int | None = None) -> ResolvedCounts:
        """Where the resolved names are on their way to Postgres."""
        row = self._db.execute(
            f"""SELECT count(*) FILTER (WHERE flushed_at IS NOT NULL),
                       count(*) FILTER (WHERE flushed_at IS NULL AND held IS NULL),
                       count(*) FILTER (WHERE flushed_at IS NULL AND held IS NOT NULL)
                FROM names WHERE state = 'resolved' AND {in_run(run)}""",
            {"run": run},
        ).fetchone()
        return ResolvedCounts(*row)

    def failed_by_reason(self, run: int | None = None) -> dict[str, int]:
        """Failed names by reason, most frequent first."""
        return dict(
            self._db.execute(
                f"""SELECT reason, count(*) FROM names WHERE state = 'failed' AND {in_run(run)}
                    GROUP BY reason ORDER BY count(*) DESC, reason""",
                {"run": run},
            ).fetchall()
        )

    def harvested(self) -> int:
        """Names that the answer to another one decided: requests saved."""
        (count,) = self._db.execute(
            f"SELECT count(*) FROM names INDEXED BY names_harvested WHERE {HARVESTED}"
        ).fetchone()
        return int(count)

    def flush_errors(self) -> dict[str, int]:
        """Why Postgres did not take results, with how many each; all conflicts are one reason."""
        return dict(
            self._db.execute(
                f"""SELECT CASE WHEN flush_error LIKE 'conflict: %'
                               THEN 'conflict: the index has another id with no less confidence'
                               ELSE flush_error END AS why, count(*)
                   FROM names INDEXED BY names_refused WHERE {REFUSED} GROUP BY why
                   UNION ALL SELECT 'company: ' || flush_error, count(*) FROM companies
                   WHERE flush_error IS NOT NULL GROUP BY flush_error
                   UNION ALL SELECT 'backflow: ' || flush_error, count(*) FROM backflow
                   WHERE flush_error IS NOT NULL GROUP BY flush_error
                   UNION ALL SELECT 'former name: ' || flush_error, count(*) FROM former_names
                   WHERE flush_error IS NOT NULL GROUP BY flush_error"""
            ).fetchall()
        )

    @read_once
    def requests(self) -> RequestCounts:
        """The requests of all sessions."""
        by_outcome: Counter[str] = Counter()
        by_endpoint: Counter[str] = Counter()
        for endpoint, outcome, requests in self._db.execute(
            """SELECT endpoint, outcome, count(*) FROM requests INDEXED BY requests_by_session
               GROUP BY session_id, endpoint, outcome"""
        ):
            by_endpoint[endpoint] += requests
            by_outcome[outcome] += requests
        (total,) = self._db.execute("SELECT count(*) FROM requests").fetchone()
        (replays,) = self._db.execute("SELECT coalesce(sum(replays), 0) FROM sessions").fetchone()
        return RequestCounts(
            total, replays, dict(sorted(by_endpoint.items())), dict(sorted(by_outcome.items()))
        )

    @read_once
    def latencies_s(self) -> tuple[float, ...]:
        """Seconds that usable answers took, shortest first; light requests say nothing of the others."""
        found = self._db.execute(
            """SELECT elapsed_ms / 1000 FROM requests INDEXED BY requests_by_session
               WHERE outcome IN ('answered', 'not_found') AND endpoint <> 'searchAll'
                 AND elapsed_ms IS NOT NULL"""
        )
        return tuple(sorted(elapsed for (elapsed,) in found))

    def times(self) -> Times:
        """Where the time of all sessions went; of one without an end, until its last sign of life."""
        (network,) = self._db.execute(
            "SELECT coalesce(sum(elapsed_ms), 0) / 1000 FROM requests INDEXED BY requests_by_session"
        ).fetchone()
        row = self._db.execute(
            f"""SELECT coalesce(sum(waiting_s), 0), coalesce(sum(processing_s), 0), coalesce(sum(86400 *
                       (julianday(coalesce(ended_at, {LAST_SIGN_OF_LIFE})) - julianday(started_at))), 0)
                FROM sessions"""
        ).fetchone()
        return Times(*(round(seconds, 3) for seconds in (network, *row)))

    def queries_pending(self) -> int:
        """How many different questions the pending names still ask, widths and case aside."""
        (count,) = self._db.execute(
            """SELECT count(DISTINCT query_form) FROM names INDEXED BY names_to_harvest
               WHERE state = 'pending' AND rows > 0"""
        ).fetchone()
        return int(count)

    @read_once
    def imbalances(self) -> list[str]:
        """What does not add up (promise P7), one line each; empty when the accounts balance."""
        names, rows = self.names_and_rows(None)
        requests = self.requests()
        behind_names = rows.pending + rows.cached + rows.resolved + rows.failed
        (occurring,) = self._db.execute(
            """SELECT coalesce(sum(o.rows), 0) FROM occurrences o
               JOIN runs r ON r.id = o.run_id AND r.current = 1"""
        ).fetchone()
        (distinct,) = self._db.execute("SELECT count(DISTINCT lookup_key) FROM occurrences").fetchone()
        checks = (
            ("rows in = blank + rows behind names", rows.total, rows.blank + behind_names),
            ("rows behind names = rows of their occurrences", behind_names, occurring),
            ("names = distinct names of the current runs", names.total, distinct),
            ("requests = sum of outcomes", requests.total, sum(requests.by_outcome.values())),
            ("requests = sum over sessions", requests.total, self._requests_of_sessions()),
        )
        return [f"{what}: {left} is not {right}" for what, left, right in checks if left != right]

    def _run(self, which: str, parameters: dict[str, int]) -> Run | None:
        columns = ", ".join(Run.__dataclass_fields__)
        row = self._db.execute(f"SELECT {columns} FROM runs {which}", parameters).fetchone()
        return Run(*row) if row else None

    def _requests_of_sessions(self) -> int:
        (total,) = self._db.execute("SELECT coalesce(sum(requests), 0) FROM sessions").fetchone()
        return int(total)

    def _retired(self) -> int:
        (retired,) = self._db.execute("SELECT count(*) FROM names WHERE rows = 0").fetchone()
        return int(retired)

    @staticmethod
    def _counted_runs(run: int | None) -> str:
        return "current = 1" if run is None else "id = :run"
