"""Confident results go to Postgres, and only then count as flushed (promise P5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eqcbatch.errors import BadInput
from eqcbatch.index import Enrichment, Postgres
from eqcbatch.ledger import Flushing
from eqcbatch.queue import mark_requests
from eqcbatch.records import Result

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class FlushReport:
    """flushed: results that Postgres holds now. refused: those it does not take; the ledger says why."""

    flushed: int
    refused: int


@dataclass(frozen=True, slots=True)
class RevertReport:
    """names: those whose results are held now. taken_back: rows of the index that are as they were before.

    Others wrote the rest meanwhile, or we never did: they are left alone.
    """

    names: int
    taken_back: int


def flush(flushing: Flushing, postgres: Postgres, *, refused: bool = False) -> FlushReport:
    """Send what is resolved, confident and unflushed; `refused` tries again what Postgres refused before.

    Killed anywhere, doing it again changes nothing: the upsert is idempotent, and the ledger is marked
    after Postgres committed. What we flushed and a review has overturned is corrected, or taken back,
    where it still stands as we wrote it. Then the queue is told what became of its requests.
    PostgresUnavailable leaves the rest unflushed.
    """
    report = send(flushing, postgres, refused=refused)
    mark_requests(flushing.queue, postgres)
    return report


def send(flushing: Flushing, postgres: Postgres, *, refused: bool = False) -> FlushReport:
    """Flush, and tell no queue."""
    stored = turned_down = 0
    if not flushing.due(1, refused=refused) and not flushing.revoked(1):
        return FlushReport(0, 0)
    with postgres.enrichment() as index:
        for batch in _batches(flushing, refused):
            report = index.upsert(batch, flushing.note_before)
            flushing.mark_flushed(report.stored)
            flushing.mark_refused(report.refused)
            stored += len(report.stored)
            turned_down += len(report.refused)
        _take_back(flushing, index)
    return FlushReport(stored, turned_down)


def revert(flushing: Flushing, postgres: Postgres, session_id: int) -> RevertReport:
    """Take back what EQC decided and a session flushed; its names are held for review.

    What stood in the index before stands there again, where the row is as we wrote it. BadInput where the
    session flushed nothing; PostgresUnavailable leaves the taking back to the next flush.
    """
    names = flushing.revert(session_id)
    if not names:
        sessions = ", ".join(f"{number} ({count:,})" for number, count in flushing.sessions().items())
        raise BadInput(
            f"Session {session_id} has nothing in Postgres. "
            f"Sessions with results there: {sessions or 'none'}."
        )
    with postgres.enrichment() as index:
        return RevertReport(names, _take_back(flushing, index))


def _take_back(flushing: Flushing, index: Enrichment) -> int:
    taken_back = 0
    while revoked := flushing.revoked(BATCH):
        taken_back += index.take_back(revoked)
        flushing.mark_taken_back(revoked)
    return taken_back


def _batches(flushing: Flushing, refused: bool) -> Iterator[list[Result]]:
    after = ""
    while batch := flushing.due(BATCH, after=after, refused=refused):
        yield batch
        after = batch[-1].lookup_key
