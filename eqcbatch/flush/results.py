"""Confident results go to the index, and what does not hold any more leaves it."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from eqcbatch.flush.batches import BATCH, send_batches, take_back_batches
from eqcbatch.flush.flush_report import Sent

if TYPE_CHECKING:
    from eqcbatch.ledger import ResultOutbox
    from eqcbatch.postgres import Postgres


def send(outbox: ResultOutbox, postgres: Postgres, *, refused: bool) -> Sent:
    """Send what is resolved, confident and unflushed; with `refused` also what Postgres refused before."""
    if not outbox.due(1, refused=refused) and not outbox.revoked(1):
        return Sent()
    with postgres.enrichment() as index:
        sent = send_batches(
            outbox,
            lambda batch: index.upsert(batch, outbox.note_before),
            attrgetter("lookup_key"),
            size=BATCH,
            refused=refused,
        )
        return replace(sent, taken_back=take_back_batches(outbox, index))
