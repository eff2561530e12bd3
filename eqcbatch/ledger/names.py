"""Names are asked and decided: requests booked before they are sent, guarded transitions.

Every method is one event and one transaction. Every transition names the state it comes from; if the
name is not in it, the ledger and the caller disagree and nothing is written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from eqcbatch.clock import utc_in, utc_now
from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    Outcome,
    PendingName,
    Reason,
    Reply,
    Verdict,
)
from eqcbatch.errors import LedgerUnusable
from eqcbatch.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class Harvested:
    """A pending name that the answer to another one decides."""

    name: PendingName
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BookedRequest:
    """A request that was booked and not settled. query: what it asks EQC, None of a check."""

    id: int
    lookup_key: str | None
    query: str | None
    endpoint: Endpoint
    started_at: str


class Work:
    """The drain's side of the ledger."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # requests

    def book(
        self,
        session_id: int,
        lookup_key: str | None,
        endpoint: Endpoint,
        attempt: int,
        waited_s: float,
        *,
        company_id: str | None = None,
    ) -> int:
        """Book one HTTP request before it is sent; its id. waited_s: the session's waiting so far."""
        with self._db.atomic():
            cursor = self._db.execute(
                """INSERT INTO requests (session_id, lookup_key, company_id, endpoint, attempt, started_at)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [session_id, lookup_key, company_id, str(endpoint), attempt, utc_now()],
            )
            self._db.execute(
                "UPDATE sessions SET requests = requests + 1, waiting_s = ? WHERE id = ?",
                [waited_s, session_id],
            )
        return int(cursor.lastrowid or 0)

    def settle(self, request_id: int, reply: Reply) -> None:
        """Book what a request came to, when that decides nothing about its name or company."""
        cursor = self._db.execute(
            """UPDATE requests SET finished_at = ?, elapsed_ms = ?, http_status = ?, outcome = ?
               WHERE id = ? AND outcome = 'in_flight'""",
            [
                utc_now(),
                round(reply.elapsed_s * 1000, 1),
                reply.http_status,
                str(reply.outcome),
                request_id,
            ],
        )
        _expect_one(cursor.rowcount, f"request {request_id} in flight")

    def requests_in_flight(self) -> list[BookedRequest]:
        """The requests that nobody settled."""
        rows = self._db.execute(
            """SELECT r.id, r.lookup_key, coalesce(r.company_id, n.query), r.endpoint, r.started_at
               FROM requests r LEFT JOIN names n ON n.lookup_key = r.lookup_key
               WHERE r.outcome = 'in_flight' ORDER BY r.id"""
        )
        return [BookedRequest(i, key, query, Endpoint(end), at) for i, key, query, end, at in rows]

    def settle_reclaimed(self, request_id: int, outcome: Outcome, finished_at: str) -> None:
        """Settle a dead session's request: from the archive, or as `unknown`."""
        self._db.execute(
            "UPDATE requests SET outcome = ?, finished_at = ? WHERE id = ? AND outcome = 'in_flight'",
            [str(outcome), finished_at, request_id],
        )

    # names

    def next_pending(self, busy: Collection[str] = (), limit: int = 1) -> list[PendingName]:
        """The heaviest names to be asked, save the `busy` ones."""
        rows = self._db.execute(
            """SELECT lookup_key, query, attempts, rows, weight FROM names INDEXED BY names_to_ask
               WHERE state = 'pending' AND rows > 0 ORDER BY weight DESC, lookup_key LIMIT ?""",
            [limit + len(busy)],
        ).fetchall()
        return [PendingName(*row) for row in rows if row[0] not in busy][:limit]

    def pending_asked_as(
        self, query_forms: Iterable[str], busy: Collection[str]
    ) -> list[tuple[str, PendingName]]:
        """The pending names whose query has one of these written forms, with it; save the `busy` ones."""
        rows = self._db.execute(
            """SELECT query_form, lookup_key, query, attempts, rows, weight
               FROM names INDEXED BY names_to_harvest
               WHERE state = 'pending' AND rows > 0 AND query_form IN (SELECT value FROM json_each(?))""",
            [json.dumps(list(query_forms))],
        ).fetchall()
        rows.sort(key=itemgetter(1))
        return [(form, PendingName(*name)) for form, *name in rows if name[0] not in busy]

    def variants(self, lookup_key: str) -> tuple[str, ...]:
        """How the current runs write a name, most rows first."""
        rows: Counter[str] = Counter()
        for raw, count in self._db.execute(
            "SELECT raw, rows FROM occurrences WHERE lookup_key = ?", [lookup_key]
        ):
            rows[raw] += count
        return tuple(sorted(rows, key=lambda raw: (-rows[raw], raw)))

    def record_answer(
        self,
        name: PendingName,
        reply: Reply,
        candidates: Sequence[Candidate],
        verdict: Verdict | None,
        *,
        request_id: int | None,
        session_id: int,
        harvest: Sequence[Harvested] = (),
    ) -> None:
        """Decide a pending name by an archived answer; `verdict` None means EQC knows no such company.

        request_id: the request that brought the answer, None where the archive alone did (a replay).
        harvest: other pending names that the same answer decides.
        """
        with self._db.atomic():
            if request_id is None:
                self._db.execute("UPDATE sessions SET replays = replays + 1 WHERE id = ?", [session_id])
            else:
                self.settle(request_id, reply)
            self._keep_candidates(name.lookup_key, candidates)
            if verdict is None:
                self._fail(name.lookup_key, Reason.NOT_FOUND, not_before=None)
            else:
                self._resolve(name.lookup_key, verdict, "eqc")
            for found in harvest:
                self._keep_candidates(found.name.lookup_key, [found.verdict.company])
                self._resolve(found.name.lookup_key, found.verdict, "harvest")

    def record_failure(
        self,
        name: PendingName,
        reason: Reason,
        retry_in_s: float | None,
        *,
        request_id: int,
        reply: Reply,
    ) -> None:
        """Fail a pending name after the last attempt of a round; due again in `retry_in_s`, if ever."""
        with self._db.atomic():
            self.settle(request_id, reply)
            not_before = None if retry_in_s is None else utc_in(retry_in_s)
            self._fail(name.lookup_key, reason, not_before)

    def _keep_candidates(self, lookup_key: str, candidates: Iterable[Candidate]) -> None:
        self._db.execute("DELETE FROM candidates WHERE lookup_key = ?", [lookup_key])
        self._db.conn.executemany(
            """INSERT INTO candidates (lookup_key, rank, company_id, official_name, type, score,
                                       unite_code, registered_status, former_names)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                (
                    lookup_key,
                    found.rank,
                    found.company_id,
                    found.official_name,
                    found.match_type,
                    found.score,
                    found.unite_code,
                    found.registered_status,
                    json.dumps(found.former_names, ensure_ascii=False),
                )
                for found in candidates
            ),
        )

    def _resolve(self, lookup_key: str, verdict: Verdict, source: str) -> None:
        company = verdict.company
        cursor = self._db.execute(
            """UPDATE names SET state = 'resolved', company_id = ?, official_name = ?, unite_code = ?,
                      match_type = ?, confidence = ?, verdict = ?, held = ?, source = ?,
                      attempts = attempts + 1, not_before = NULL, decided_at = ?
               WHERE lookup_key = ? AND state = 'pending'""",
            [
                company.company_id,
                company.official_name,
                company.unite_code,
                company.match_type,
                verdict.confidence,
                verdict.how,
                str(verdict.held) if verdict.held else None,
                source,
                utc_now(),
                lookup_key,
            ],
        )
        _expect_one(cursor.rowcount, f"{lookup_key!r} pending")

    def _fail(self, lookup_key: str, reason: Reason, not_before: str | None) -> None:
        cursor = self._db.execute(
            """UPDATE names SET state = 'failed', reason = ?, attempts = attempts + 1, not_before = ?,
                      decided_at = ?
               WHERE lookup_key = ? AND state = 'pending'""",
            [str(reason), not_before, utc_now(), lookup_key],
        )
        _expect_one(cursor.rowcount, f"{lookup_key!r} pending")


def _expect_one(rowcount: int, what: str) -> None:
    if rowcount != 1:
        raise LedgerUnusable(
            f"The ledger does not have {what} any more: something else wrote to it. "
            "Run `eqcbatch report --check`."
        )
