"""Former names go to the index where one company alone bore them, and leave it where that no longer holds."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from eqcbatch.flush.batches import BATCH, send_batches, take_back_batches
from eqcbatch.flush.report import Sent

if TYPE_CHECKING:
    from eqcbatch.ledger import FormerNames
    from eqcbatch.postgres import Postgres


def send(former_names: FormerNames, postgres: Postgres, *, refused: bool) -> Sent:
    """Send the former names that are due, after taking back those that do not hold any more."""
    if not former_names.due(1, refused=refused) and not former_names.revoked(1):
        return Sent()
    with postgres.former_names() as index:
        taken_back = take_back_batches(former_names, index)
        sent = send_batches(former_names, index.write, attrgetter("lookup_key"), size=BATCH, refused=refused)
        return replace(sent, taken_back=taken_back)


def take_back(former_names: FormerNames, postgres: Postgres) -> Sent:
    """Take back what was flushed and does not hold any more."""
    if not former_names.revoked(1):
        return Sent()
    with postgres.former_names() as index:
        return Sent(taken_back=take_back_batches(former_names, index))
