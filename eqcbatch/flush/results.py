"""Confident results go to the index by batches, and what does not hold any more leaves it."""

from __future__ import annotations

from collections.abc import Iterator

from eqcbatch.flush.report import Sent
from eqcbatch.index import Enrichment, Postgres
from eqcbatch.ledger import Flushing
from eqcbatch.records import Result

BATCH = 5_000


def send(flushing: Flushing, postgres: Postgres, *, refused: bool) -> Sent:
    """Send what is resolved, confident and unflushed; with `refused` also what Postgres refused before.

    The upsert is idempotent, and the ledger is marked after Postgres committed.
    """
    if not flushing.due(1, refused=refused) and not flushing.revoked(1):
        return Sent()
    stored = turned_down = 0
    with postgres.enrichment() as index:
        for batch in _batches(flushing, refused):
            report = index.upsert(batch, flushing.note_before)
            flushing.mark_flushed(report.stored)
            flushing.mark_refused(report.refused)
            stored += len(report.stored)
            turned_down += len(report.refused)
        return Sent(stored, turned_down, _take_back(flushing, index))


def take_back(flushing: Flushing, postgres: Postgres) -> Sent:
    """Take back what was flushed and does not hold any more."""
    if not flushing.revoked(1):
        return Sent()
    with postgres.enrichment() as index:
        return Sent(taken_back=_take_back(flushing, index))


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
