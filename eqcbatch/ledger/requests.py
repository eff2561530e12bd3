"""The requests to EQC: each is booked before it is sent, and settled when it is known what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Endpoint, Outcome, Reply
from eqcbatch.ledger.sqlite import Database, expect_one


@dataclass(frozen=True, slots=True)
class BookedRequest:
    """A request that was booked and not settled. parameter: what it asks EQC, None of a check."""

    id: int
    lookup_key: str | None
    parameter: str | None
    endpoint: Endpoint
    started_at: str


class Requests:
    """Every HTTP request, one row each."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def book(
        self,
        session_id: int,
        lookup_key: str | None,
        endpoint: Endpoint,
        attempt: int,
        waited_s: float,
        *,
        company_id: str | None = None,
        parameter: str | None = None,
        sample_id: int | None = None,
        second_id: int | None = None,
    ) -> int:
        """Book one HTTP request before it is sent; its id. waited_s: the session's waiting so far.

        parameter: what it asks, where neither its company nor the query of its name says so. sample_id: the
        row of an audit that it is about. second_id: the second question that it asks.
        """
        with self._db.atomic():
            cursor = self._db.execute(
                """INSERT INTO requests
                       (session_id, lookup_key, company_id, sample_id, second_id, parameter, endpoint,
                        attempt, started_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [
                    *(session_id, lookup_key, company_id, sample_id, second_id, parameter),
                    *(str(endpoint), attempt, self._clock.utc_now()),
                ],
            )
            self._db.execute(
                "UPDATE sessions SET requests = requests + 1, waiting_s = ? WHERE id = ?",
                [waited_s, session_id],
            )
        return int(cursor.lastrowid or 0)

    def settle(self, request_id: int, reply: Reply) -> None:
        """Settle what a request came to, when that decides nothing about its name or company."""
        cursor = self._db.execute(
            """UPDATE requests
               SET finished_at = ?, elapsed_ms = ?, http_status = ?, outcome = ?, answer_sha256 = ?
               WHERE id = ? AND outcome = 'in_flight'""",
            [
                *(self._clock.utc_now(), round(reply.elapsed_s * 1000, 1), reply.http_status),
                *(str(reply.outcome), reply.answer_sha256, request_id),
            ],
        )
        expect_one(cursor.rowcount, f"request {request_id} in flight")

    def settle_or_replay(self, request_id: int | None, reply: Reply, session_id: int) -> None:
        """Settle a request, or count the answer that the archive alone brought (None) as a replay."""
        if request_id is None:
            self._db.execute("UPDATE sessions SET replays = replays + 1 WHERE id = ?", [session_id])
        else:
            self.settle(request_id, reply)

    def requests_in_flight(self) -> list[BookedRequest]:
        """The requests that nobody settled."""
        rows = self._db.execute(
            """SELECT r.id, r.lookup_key, coalesce(r.parameter, r.company_id, n.query), r.endpoint,
                      r.started_at
               FROM requests r LEFT JOIN names n ON n.lookup_key = r.lookup_key
               WHERE r.outcome = 'in_flight' ORDER BY r.id"""
        )
        return [BookedRequest(i, key, asked, Endpoint(end), at) for i, key, asked, end, at in rows]

    def settle_reclaimed(
        self, request_id: int, outcome: Outcome, finished_at: str, answer_sha256: str | None = None
    ) -> None:
        """Settle a dead session's request: from the archive, or as `unknown`."""
        self._db.execute(
            """UPDATE requests SET outcome = ?, finished_at = ?, answer_sha256 = ?
               WHERE id = ? AND outcome = 'in_flight'""",
            [str(outcome), finished_at, answer_sha256, request_id],
        )

    def count_archived(self) -> int:
        """How many usable answers were archived; light requests are never."""
        (count,) = self._db.execute(
            """SELECT count(*) FROM requests
               WHERE outcome IN ('answered', 'not_found') AND endpoint <> 'searchAll'"""
        ).fetchone()
        return int(count)
