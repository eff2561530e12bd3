"""The requests that came from a queue in Postgres, and what is known of their rows there.

A write to the queue is noted here before Postgres commits it, and confirmed afterwards: whatever dies in
between, the row's stamp tells later whether the write came to be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Held, Mark, Occurrence, QueuedName, QueueRow, QueueStatus, Reason, State
from eqcbatch.domain.names import lookup_key, storable
from eqcbatch.ledger.sqlite import Database

_OPEN = "stamp IS NOT NULL AND lost_at IS NULL AND status = 'processing'"


@dataclass(frozen=True, slots=True)
class DueRequest:
    """A request to be seen to. stamp, standing: what its row holds of ours. name: None if it is blank."""

    id: int
    stamp: str
    standing: Mark
    name: QueuedName | None


class QueuedRequests:
    """The queue's side of the ledger. `queue`: which one, by the name of its Postgres."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def note(self, queue: str, rows: Iterable[QueueRow]) -> None:
        """Note rows that are written and not committed yet."""
        now = self._clock.utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                """INSERT INTO queued (queue, request_id, raw, lookup_key, next_stamp, noted_at, due)
                   VALUES (?, ?, ?, ?, ?, ?, 1)
                   ON CONFLICT (queue, request_id) DO UPDATE
                   SET raw = excluded.raw, lookup_key = excluded.lookup_key,
                       next_stamp = excluded.next_stamp, noted_at = excluded.noted_at, due = 1""",
                ((queue, row.id, raw := storable(row.raw), lookup_key(raw), row.stamp, now) for row in rows),
            )

    def noted(self, queue: str) -> dict[int, str]:
        """The noted writes whose commit nobody saw: their stamps, by request."""
        rows = self._db.execute(
            """SELECT request_id, next_stamp FROM queued INDEXED BY queued_due
               WHERE due = 1 AND queue = ? AND next_stamp IS NOT NULL""",
            [queue],
        )
        return dict(rows.fetchall())

    def confirm(self, queue: str, rows: Iterable[QueueRow]) -> None:
        """Note that Postgres holds these rows as they were noted; they stay due until they are seen to."""
        with self._db.atomic():
            self._db.conn.executemany(
                """UPDATE queued SET stamp = next_stamp, next_stamp = NULL, lost_at = NULL,
                          status = ?, company_id = ?, error = ?
                   WHERE queue = ? AND request_id = ? AND next_stamp = ?""",
                (
                    (str(row.mark.status), row.mark.company_id, row.mark.error, queue, row.id, row.stamp)
                    for row in rows
                ),
            )

    def discard_noted(self, queue: str, ids: Iterable[int]) -> None:
        """Discard noted writes that never came to be: what was to be taken so never was ours."""
        which = [(queue, request_id) for request_id in ids]
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM queued WHERE queue = ? AND request_id = ? AND stamp IS NULL", which
            )
            self._db.conn.executemany(
                "UPDATE queued SET next_stamp = NULL WHERE queue = ? AND request_id = ?", which
            )

    def mark_lost(self, queue: str, ids: Iterable[int]) -> None:
        """Note that somebody else has written these rows: they are not ours any more."""
        now = self._clock.utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE queued SET lost_at = ?, due = 0 WHERE queue = ? AND request_id = ?",
                ((now, queue, request_id) for request_id in ids),
            )

    def open(self, queue: str) -> dict[int, str]:
        """The requests that are with us: the stamps of their rows."""
        rows = self._db.execute(f"SELECT request_id, stamp FROM queued WHERE queue = ? AND {_OPEN}", [queue])
        return dict(rows.fetchall())

    def due(self, queue: str, limit: int) -> list[DueRequest]:
        """Up to `limit` requests whose name changed since they were seen to; not before it is planned."""
        rows = self._db.execute(
            """SELECT q.request_id, q.stamp, q.status, q.company_id, q.error,
                      n.state, n.company_id, n.confidence, n.held, n.flushed_at IS NOT NULL, n.flush_error,
                      n.reason, n.not_before
               FROM queued q INDEXED BY queued_due LEFT JOIN names n ON n.lookup_key = q.lookup_key
               WHERE q.due = 1 AND q.queue = ? AND q.next_stamp IS NULL
                 AND (q.lookup_key = '' OR n.lookup_key IS NOT NULL)
               ORDER BY q.request_id LIMIT ?""",
            [queue, limit],
        )
        return [_due_request(*row) for row in rows]

    def mark_seen(self, queue: str, ids: Iterable[int]) -> None:
        """Let these requests rest until their names change."""
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE queued SET due = 0 WHERE queue = ? AND request_id = ?",
                ((queue, request_id) for request_id in ids),
            )

    def occurrences(self, queue: str) -> tuple[Occurrence, ...]:
        """The names of all requests that ever were ours, save those that others took away unfinished."""
        rows = self._db.execute(
            f"""SELECT CASE WHEN lookup_key = '' THEN '' ELSE raw END AS written, count(*) FROM queued
                WHERE queue = ? AND stamp IS NOT NULL AND (status <> 'processing' OR {_OPEN})
                GROUP BY written ORDER BY written""",
            [queue],
        )
        return tuple(Occurrence(raw, rows=requests, weight=requests) for raw, requests in rows)


def _due_request(
    request_id: int, stamp: str, status: str, company_id: str, error: str, *name: Any
) -> DueRequest:
    return DueRequest(
        request_id, stamp, Mark(QueueStatus(status), company_id, error), _name(*name) if name[0] else None
    )


def _name(
    state: str,
    company_id: str | None,
    confidence: float | None,
    held: str | None,
    flushed: int,
    flush_error: str | None,
    reason: str | None,
    due_at: str | None,
) -> QueuedName:
    return QueuedName(
        *(State(state), company_id, confidence, Held(held) if held else None),
        *(bool(flushed), flush_error, Reason(reason) if reason else None, due_at),
    )
