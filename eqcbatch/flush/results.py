"""Confident results go to the index, and what does not hold any more leaves it."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

from eqcbatch.flush.batches import BATCH, send_batches, take_back_batches
from eqcbatch.flush.report import Sent
from eqcbatch.ledger import ResultOutbox
from eqcbatch.postgres import Postgres


def send(flushing: ResultOutbox, postgres: Postgres, *, refused: bool) -> Sent:
    """Send what is resolved, confident and unflushed; with `refused` also what Postgres refused before."""
    if not flushing.due(1, refused=refused) and not flushing.revoked(1):
        return Sent()
    with postgres.enrichment() as index:
        sent = send_batches(
            flushing,
            lambda batch: index.upsert(batch, flushing.note_before),
            attrgetter("lookup_key"),
            size=BATCH,
            refused=refused,
        )
        return replace(sent, taken_back=take_back_batches(flushing, index))


def take_back(flushing: ResultOutbox, postgres: Postgres) -> Sent:
    """Take back what was flushed and does not hold any more."""
    if not flushing.revoked(1):
        return Sent()
    with postgres.enrichment() as index:
        return Sent(taken_back=take_back_batches(flushing, index))
