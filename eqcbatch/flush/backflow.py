"""Ids that a person vouches for go to the index, and leave it where nobody does any more."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from eqcbatch.flush.batches import BATCH, send_batches, take_back_batches
from eqcbatch.flush.flush_report import Sent

if TYPE_CHECKING:
    from eqcbatch.ledger import Backflow
    from eqcbatch.postgres import Postgres


def send(backflow: Backflow, postgres: Postgres, by: str | None) -> Sent:
    """Send what a person vouches for, after taking back what nobody does any more.

    by: who vouches for what stands now, refused before or not; None for nobody.
    """
    if by:
        backflow.vouch(by)
    taken_back, refused = take_back(backflow, postgres), by is not None
    if not backflow.due(1, refused=refused):
        return taken_back
    with postgres.backflow() as index:
        sent = send_batches(backflow, index.write, attrgetter("lookup_key"), size=BATCH, refused=refused)
        return replace(sent, taken_back=taken_back.taken_back)


def take_back(backflow: Backflow, postgres: Postgres) -> Sent:
    """Take back what nobody vouches for any more."""
    if not backflow.revoked(1):
        return Sent()
    with postgres.backflow() as index:
        return Sent(taken_back=take_back_batches(backflow, index))
