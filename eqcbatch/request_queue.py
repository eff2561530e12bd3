"""The queue shared by several machines: requests are taken from it, and marked when their names are decided.

Both are a write to Postgres and a note in the ledger, in the order Postgres writes, ledger notes, Postgres
commits, ledger confirms. Killed anywhere, `settle` finds out by the stamps what came to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Mark, QueueRow, QueueStatus, RowMark
from eqcbatch.domain.request_status import mark_of
from eqcbatch.source.cell_values import name_in

if TYPE_CHECKING:
    from eqcbatch.ledger import QueuedRequests
    from eqcbatch.ledger.request_queue import DueRequest
    from eqcbatch.postgres import Postgres, RequestQueue

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Taken:
    """How many requests came from the queue just now, and how many are there that are not due yet."""

    requests: int
    not_due: int


def take_requests(queued: QueuedRequests, postgres: Postgres, limit: int | None) -> Taken:
    """Take up to `limit` requests, all that are pending and due for None.

    Before that, what a kill left open is settled, and requests that others have taken away are let go.
    """
    with postgres.queue() as queue:
        settle(queued, queue)
        _let_go(queued, queue)
        with queue.taking(limit, ours=queued.open(queue.name)) as taken:
            queued.note(queue.name, map(_with_its_name, taken))
        queued.confirm(queue.name, taken)
        return Taken(len(taken), queue.not_due())


def mark_requests(queued: QueuedRequests, postgres: Postgres) -> None:
    """Tell the queue what became of the names it gave; doing it again changes nothing.

    A row that somebody else has written is left alone, and counts as lost. Where Postgres fails, the rest is
    left for the next time, and PostgresUnavailable is raised.
    """
    if not queued.due(postgres.name, 1) and not queued.noted(postgres.name):
        return
    with postgres.queue() as queue:
        settle(queued, queue)
        while due := queued.due(queue.name, BATCH):
            _mark(queued, queue, due)


def settle(queued: QueuedRequests, queue: RequestQueue) -> None:
    """Find out which of the writes whose commit nobody saw came to be, and forget the others."""
    noted = queued.noted(queue.name)
    if not noted:
        return
    rows = queue.settled(noted)
    committed = [row for row in rows.values() if row.stamp == noted[row.id]]
    queued.confirm(queue.name, committed)
    queued.discard_noted(queue.name, noted.keys() - {row.id for row in committed})


def _with_its_name(row: QueueRow) -> QueueRow:
    """The row with the name that a person reads in it, as a cell of a file is read."""
    return replace(row, raw=name_in(row.raw))


def _let_go(queued: QueuedRequests, queue: RequestQueue) -> None:
    ours = queued.open(queue.name)
    rows = queue.standing(ours) if ours else {}
    lost = [one for one, stamp in ours.items() if one not in rows or rows[one].stamp != stamp]
    queued.mark_lost(queue.name, lost)


def _mark(queued: QueuedRequests, queue: RequestQueue, due: Sequence[DueRequest]) -> None:
    marks = [
        RowMark(request.id, request.standing.status, request.stamp, mark)
        for request in due
        if (mark := mark_of(request.name)) and _is_news(mark, request.standing, queue)
    ]
    if marks:
        with queue.marking(marks) as marked:
            queued.note(queue.name, map(_with_its_name, marked))
        queued.confirm(queue.name, marked)
        queued.mark_lost(queue.name, {one.id for one in marks} - {row.id for row in marked})
    queued.mark_seen(queue.name, [request.id for request in due])


def _is_news(mark: Mark, standing: Mark, queue: RequestQueue) -> bool:
    """Whether a row is to be written; when a name is asked again, only a row that is open and keeps it."""
    if mark.retry_at:
        return queue.keeps_retries and standing.status is QueueStatus.PROCESSING
    return mark != standing
