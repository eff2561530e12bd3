"""Former names go to the index where one company alone bore them, and leave it where that no longer holds."""

from __future__ import annotations

from collections.abc import Iterator

from eqcbatch.flush.report import Sent
from eqcbatch.index import FormerNameRows, Postgres
from eqcbatch.ledger import FormerNames
from eqcbatch.records import Result

BATCH = 5_000


def send(former_names: FormerNames, postgres: Postgres, *, refused: bool) -> Sent:
    """Send the former names that are due, after taking back those that do not hold any more."""
    if not former_names.due(1, refused=refused) and not former_names.revoked(1):
        return Sent()
    stored = turned_down = 0
    with postgres.former_names() as index:
        taken_back = _take_back(former_names, index)
        for batch in _batches(former_names, refused):
            report = index.write(batch)
            former_names.mark_flushed(report.stored)
            former_names.mark_refused(report.refused)
            stored += len(report.stored)
            turned_down += len(report.refused)
    return Sent(stored, turned_down, taken_back)


def take_back(former_names: FormerNames, postgres: Postgres) -> Sent:
    """Take back what was flushed and does not hold any more."""
    if not former_names.revoked(1):
        return Sent()
    with postgres.former_names() as index:
        return Sent(taken_back=_take_back(former_names, index))


def _take_back(former_names: FormerNames, index: FormerNameRows) -> int:
    taken_back = 0
    while revoked := former_names.revoked(BATCH):
        index.take_back(revoked)
        former_names.mark_taken_back(revoked)
        taken_back += len(revoked)
    return taken_back


def _batches(former_names: FormerNames, refused: bool) -> Iterator[list[Result]]:
    after = ""
    while batch := former_names.due(BATCH, after=after, refused=refused):
        yield batch
        after = batch[-1].lookup_key
