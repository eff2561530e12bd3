"""Streaks: what the latest requests in a row say of EQC itself, and taking back what they decided.

They are read from the booked requests, so a streak outlives the session in which it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eqcbatch.domain.model import Endpoint, Finding, PendingDetail, Question
from eqcbatch.domain.registration import GONE
from eqcbatch.ledger.conditions import DETAILS, MAY_PASS, PENDING_AGAIN, UNDECIDED
from eqcbatch.ledger.sqlite import Database

_UNCOUNTED = f"{PENDING_AGAIN}, attempts = max(0, attempts - 1)"
_LAST_USABLE = """coalesce((SELECT id FROM requests WHERE outcome IN ('answered', 'not_found')
                            ORDER BY id DESC LIMIT 1), 0)"""
_FAILED = "outcome IN ('timeout', 'network', 'server_error', 'bad_response', 'refused')"
_FAILURES = f"FROM requests WHERE id > {_LAST_USABLE} AND {_FAILED}"
_FAILURES_AFTER = f"FROM requests WHERE id > :after AND {_FAILED}"


def _last_found(endpoints: str) -> str:
    return f"""coalesce((SELECT id FROM requests WHERE endpoint IN {endpoints} AND outcome = 'answered'
                         ORDER BY id DESC LIMIT 1), 0)"""


def _empties(endpoints: str) -> str:
    return f"""FROM requests WHERE id > coalesce(:after, {_last_found(endpoints)})
               AND endpoint IN {endpoints} AND outcome = 'not_found'"""


# Empty answers are a streak among the searches, and another one among the details.
_SEARCHES = f"('{Endpoint.SEARCH}')"
_DETAILS = f"({', '.join(repr(str(endpoint)) for endpoint in DETAILS)})"
# By their query: where two names have one, only the first was asked, the other took its answer.
_EMPTY_QUERIES = f"""
    SELECT DISTINCT query FROM names WHERE lookup_key IN (SELECT lookup_key {_empties(_SEARCHES)})"""
_EMPTY = f"state = 'failed' AND reason = 'not_found' AND query IN ({_EMPTY_QUERIES})"


# Of audits: by their query, too.
_EMPTY_SAMPLES = f"""answer = 'not_found' AND query IN (SELECT s.query FROM audit_samples s
    WHERE s.id IN (SELECT sample_id {_empties(_SEARCHES)} AND sample_id IS NOT NULL))"""

# Of second questions: their names stand as they did, and they may be asked again.
_EMPTY_SECONDS = f"""answered_at IS NOT NULL
    AND id IN (SELECT second_id {_empties(_SEARCHES)} AND second_id IS NOT NULL)"""

# Of companies that were asked of again: by the name as it was.
_OF_COMPANIES = f"{_empties(_SEARCHES)} AND company_id IS NOT NULL"

# Of what was found of a company: not before the session that asked of it last.
_FOUND_OF_LATE = "found_at >= (SELECT started_at FROM sessions s WHERE s.id = reverified.session_id)"
_IS_GONE = " OR ".join(f"registered_status LIKE '%{word}%'" for word in GONE)
_OF_BEFORE = "json_extract(before, '$.{}')"
# What the company's own id told of it is no matter of doubt, and nor is an heir of before.
_STAYS_GONE = f"""finding IN ('{Finding.MERGED}', '{Finding.DEREGISTERED}') AND ({_IS_GONE})
    AND {_OF_BEFORE.format("finding")} IS NOT '{Finding.MERGED}'"""
# What a search is about: a name, a row of an audit, a company or a second question; one about none decides
# nothing: a canary. Second questions are in vain more often, and say nothing by how often they are.
_ABOUT = "coalesce(lookup_key, 'sample ' || sample_id, 'company ' || company_id, 'second ' || second_id)"
_FIRST = "second_id IS NULL"
_PROVEN = f"endpoint IN {_SEARCHES} AND outcome = 'answered' AND {_ABOUT} IS NULL"
_MEMORY = 5_000  # searches, or details: how EQC was before goes by so many
_STREAK: dict[str, int | None] = {"after": None}  # since the last that was found


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was answered. empty: without a match. about: its name, or row; None for a canary."""

    request_id: int
    empty: bool
    about: str | None


def _since_proven(searches: Iterable[Search]) -> Iterator[Search]:
    """The searches, the last first, back to a canary that was found and after which none was missed."""
    missed = False
    for search in searches:
        if search.about is not None:
            missed = False
        elif search.empty:
            missed = True
        elif not missed:
            return
        yield search


class Streaks:
    """The latest requests in a row."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def failures_in_a_row(self) -> int:
        """Failed requests since the last usable answer."""
        return int(self._db.execute(f"SELECT count(*) {_FAILURES}").fetchone()[0])

    def last_usable(self) -> int:
        """The request with the last usable answer, behind which a streak of failures begins; 0 for none."""
        return int(self._db.execute(f"SELECT {_LAST_USABLE}").fetchone()[0])

    def requeue_failed_streak(self, after: int) -> int:
        """Let what failed after a request be pending, the round not counted; how many names and rows."""
        with self._db.atomic():
            cursor = self._db.execute(
                f"""UPDATE names SET {_UNCOUNTED}
                    WHERE state = 'failed' AND reason <> 'not_found' AND {MAY_PASS}
                      AND lookup_key IN (SELECT lookup_key {_FAILURES_AFTER})""",
                {"after": after},
            )
            for endpoint, column in DETAILS.items():
                self._db.execute(
                    f"""UPDATE companies SET {column}_attempts = {column}_attempts - 1,
                               {column}_failed_in = NULL
                        WHERE (company_id, {column}_failed_in) IN
                              (SELECT company_id, session_id {_FAILURES_AFTER} AND endpoint = :endpoint)""",
                    {"after": after, "endpoint": str(endpoint)},
                )
            rows = self._db.execute(
                f"""UPDATE audit_samples SET answer = NULL, answered_at = NULL, failed_in = NULL,
                           attempts = max(0, attempts - 1)
                    WHERE failed_in IS NOT NULL AND id IN (SELECT sample_id {_FAILURES_AFTER})""",
                {"after": after},
            )
            self._db.execute(
                f"""UPDATE second_questions SET failed_in = NULL, attempts = max(0, attempts - 1)
                    WHERE failed_in IS NOT NULL AND id IN (SELECT second_id {_FAILURES_AFTER})""",
                {"after": after},
            )
        return cursor.rowcount + rows.rowcount

    def empties_in_a_row(self, *, details: bool = False) -> int:
        """Searches without a match since the last one with a match; or the same of details."""
        empties = _empties(_DETAILS if details else _SEARCHES)
        return int(self._db.execute(f"SELECT count(*) {empties}", _STREAK).fetchone()[0])

    def latest_searches(self, limit: int) -> list[Search]:
        """The latest searches that were answered, the last first, since a canary last proved EQC well."""
        rows = self._db.execute(
            f"""SELECT id, outcome = 'not_found', {_ABOUT} FROM requests
                WHERE endpoint IN {_SEARCHES} AND outcome IN ('answered', 'not_found') AND {_FIRST}
                ORDER BY id DESC LIMIT ?""",
            [limit],
        )
        return list(_since_proven(Search(number, bool(empty), about) for number, empty, about in rows))

    def searches_before(self, request_id: int) -> tuple[int, int]:
        """How many searches for names were answered before a request, and how many without a match.

        The latest of them: what was a year ago says less, and reading all of it would take longer each night.
        """
        searches, empty = self._db.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE outcome = 'not_found') FROM
                (SELECT outcome FROM requests
                 WHERE endpoint IN {_SEARCHES} AND outcome IN ('answered', 'not_found') AND id < ?
                   AND {_ABOUT} IS NOT NULL AND {_FIRST} ORDER BY id DESC LIMIT {_MEMORY})""",
            [request_id],
        ).fetchone()
        return int(searches), int(empty)

    def found_in(self, session_id: int) -> tuple[bool, bool]:
        """Whether a session found anything, and whether a canary was among it."""
        found, proven = self._db.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE {_PROVEN}) FROM requests
                WHERE session_id = ? AND endpoint IN {_SEARCHES} AND outcome = 'answered'""",
            [session_id],
        ).fetchone()
        return bool(found), bool(proven)

    def ever_found(self) -> bool:
        """Whether any search was ever answered with a match."""
        return bool(self._db.execute(f"SELECT {_last_found(_SEARCHES)}").fetchone()[0])

    def mostly_found_before(self, *, details: bool = False) -> bool:
        """Whether fewer than half of the searches (or details) before the latest empties were empty."""
        endpoints = _DETAILS if details else _SEARCHES
        found, empty = self._db.execute(
            f"""SELECT count(*) FILTER (WHERE outcome = 'answered'),
                       count(*) FILTER (WHERE outcome = 'not_found')
                FROM (SELECT outcome FROM requests
                      WHERE endpoint IN {endpoints} AND id <= {_last_found(endpoints)}
                      ORDER BY id DESC LIMIT {_MEMORY})"""
        ).fetchone()
        return bool(found > empty)

    def latest_found(self) -> Question | None:
        """The search that EQC answered last with a match; None if it never did."""
        return self._latest_answered(_SEARCHES)

    def latest_found_detail(self) -> Question | None:
        """The detail that EQC had last; None if it never had one."""
        return self._latest_answered(_DETAILS)

    def latest_found_like_the_failing(self) -> Question | None:
        """What EQC answered last at the endpoint of the latest failure; None if it never did."""
        row = self._db.execute(f"SELECT endpoint {_FAILURES} ORDER BY id DESC LIMIT 1").fetchone()
        return self._latest_answered(f"('{Endpoint(row[0])}')") if row else None

    def _latest_answered(self, endpoints: str) -> Question | None:
        row = self._db.execute(
            f"""SELECT r.endpoint, coalesce(r.parameter, r.company_id, n.query), r.lookup_key, r.company_id
                FROM requests r LEFT JOIN names n ON n.lookup_key = r.lookup_key
                WHERE r.endpoint IN {endpoints} AND r.outcome = 'answered'
                  AND coalesce(r.parameter, r.company_id, n.query) IS NOT NULL ORDER BY r.id DESC LIMIT 1"""
        ).fetchone()
        return Question(Endpoint(row[0]), *row[1:]) if row else None

    def queries_of_empties(self, after: int | None = None) -> list[str]:
        """What was asked in vain after a request (None: since the last match), if it still has no answer."""
        rows = self._db.execute(
            f"""{_EMPTY_QUERIES} AND {UNDECIDED}
                UNION SELECT query FROM audit_samples WHERE {_EMPTY_SAMPLES}
                UNION SELECT query FROM second_questions WHERE {_EMPTY_SECONDS}
                UNION SELECT parameter {_OF_COMPANIES}""",
            {"after": after},
        )
        return [query for (query,) in rows]

    def companies_of_empties(self, after: int | None = None) -> list[str]:
        """The companies by whose names those were that asked of them again."""
        rows = self._db.execute(f"SELECT DISTINCT company_id {_OF_COMPANIES}", {"after": after})
        return [company_id for (company_id,) in rows]

    def requeue_empties(self, after: int | None = None) -> int:
        """Let the names and rows of those empties be asked again, the round not counted; how many.

        What was found of companies by such empties is forgotten.
        """
        with self._db.atomic():
            names = self._db.execute(f"UPDATE names SET {_UNCOUNTED} WHERE {_EMPTY}", {"after": after})
            rows = self._db.execute(
                f"UPDATE audit_samples SET answer = NULL, answered_at = NULL WHERE {_EMPTY_SAMPLES}",
                {"after": after},
            )
            self._db.execute(
                f"UPDATE second_questions SET answered_at = NULL WHERE {_EMPTY_SECONDS} AND settled = 0",
                {"after": after},
            )
            self._forget_findings(
                f"finding <> 'unchanged' AND company_id IN (SELECT company_id {_OF_COMPANIES})",
                {"after": after},
            )
        return names.rowcount + rows.rowcount

    def details_of_empty_streak(self) -> list[PendingDetail]:
        """The details that EQC did not have since the last one it had."""
        rows = self._db.execute(f"SELECT DISTINCT company_id, endpoint {_empties(_DETAILS)}", _STREAK)
        return [PendingDetail(company_id, Endpoint(endpoint)) for company_id, endpoint in rows]

    def requeue_empty_details(self) -> None:
        """Let the details of the latest empties be due again, and what was found of companies by them."""
        with self._db.atomic():
            self._forget_findings(
                f"""finding IN ('merged', 'vanished') AND company_id IN
                    (SELECT company_id {_empties(_DETAILS)} AND endpoint = '{Endpoint.FIND_DEPART}')""",
                _STREAK,
            )
            for endpoint, column in DETAILS.items():
                self._db.execute(
                    f"""UPDATE companies SET {column}_at = NULL WHERE company_id IN
                        (SELECT company_id {_empties(_DETAILS)} AND endpoint = :endpoint)""",
                    _STREAK | {"endpoint": str(endpoint)},
                )

    def _forget_findings(self, which: str, parameters: dict[str, int | None]) -> None:
        """Let companies be asked of first, as if nothing had been found of late.

        What is learned stays, and so does what was found before and merely found again. What was found of
        late gives way to what was found before.
        """
        self._db.execute(f"UPDATE reverified SET asked_at = '' WHERE {which}", parameters)
        of_late = f"{which} AND {_FOUND_OF_LATE}"
        self._db.execute(
            f"DELETE FROM reverified WHERE official_name IS NULL AND before IS NULL AND {of_late}", parameters
        )
        finding, found_at, name_before, heir_id, heir_name = map(
            _OF_BEFORE.format, ("finding", "found_at", "name_before", "heir_id", "heir_name")
        )
        self._db.execute(
            f"""UPDATE reverified SET before = NULL,
                       finding = iif({_STAYS_GONE}, '{Finding.DEREGISTERED}', coalesce({finding},
                           iif({_IS_GONE}, '{Finding.DEREGISTERED}', '{Finding.UNCHANGED}'))),
                       found_at = iif({_STAYS_GONE}, found_at, coalesce({found_at}, found_at)),
                       name_before = iif({_STAYS_GONE}, name_before, coalesce({name_before}, name_before)),
                       heir_id = iif({_STAYS_GONE}, NULL, {heir_id}),
                       heir_name = iif({_STAYS_GONE}, NULL, {heir_name})
                WHERE {of_late}""",
            parameters,
        )
