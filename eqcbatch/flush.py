"""Confident results go to Postgres, and only then count as flushed (promise P5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


def flush(flushing: Flushing, postgres: Postgres, *, refused: bool = False) -> FlushReport:
    """Send what is resolved, confident and unflushed; `refused` tries again what Postgres refused before.

    Killed anywhere, doing it again changes nothing: the upsert is idempotent, and the ledger is marked
    after Postgres committed. What we flushed and a review has overturned is corrected, or taken back,
    where it still stands as we wrote it. Then the queue is told what became of its requests.
    PostgresUnavailable leaves the rest unflushed.
    """
    report = _send(flushing, postgres, refused)
    mark_requests(flushing.queue, postgres)
    return report


def _send(flushing: Flushing, postgres: Postgres, refused: bool) -> FlushReport:
    stored = turned_down = 0
    if not flushing.due(1, refused=refused) and not flushing.revoked(1):
        return FlushReport(0, 0)
    with postgres.enrichment() as index:
        for batch in _batches(flushing, refused):
            report = index.upsert(batch)
            flushing.mark_flushed(report.stored)
            flushing.mark_refused(report.refused)
            stored += len(report.stored)
            turned_down += len(report.refused)
        _take_back(flushing, index)
    return FlushReport(stored, turned_down)


def _take_back(flushing: Flushing, index: Enrichment) -> None:
    while revoked := flushing.revoked(BATCH):
        index.take_back(revoked)
        flushing.mark_taken_back(revoked)


def _batches(flushing: Flushing, refused: bool) -> Iterator[list[Result]]:
    after = ""
    while batch := flushing.due(BATCH, after=after, refused=refused):
        yield batch
        after = batch[-1].lookup_key
