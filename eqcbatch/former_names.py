"""Former names go to the index where one company alone bore them, and leave it where that no longer holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eqcbatch.index import Postgres
from eqcbatch.ledger import FormerNames
from eqcbatch.records import Result

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class FormerNamesReport:
    """stored: former names that the index has now. refused: those it does not take; the ledger says why."""

    stored: int
    refused: int


def flush_former_names(
    former_names: FormerNames, postgres: Postgres, *, refused: bool = False
) -> FormerNamesReport:
    """Send the former names that are due; `refused` tries again what Postgres refused before.

    What we flushed and does not hold any more is taken back, where it stands as we wrote it. Killed
    anywhere, doing it again changes nothing. PostgresUnavailable leaves the rest for another time.
    """
    stored = turned_down = 0
    if not former_names.due(1, refused=refused) and not former_names.revoked(1):
        return FormerNamesReport(0, 0)
    with postgres.former_names() as index:
        while revoked := former_names.revoked(BATCH):
            index.take_back(revoked)
            former_names.mark_taken_back(revoked)
        for batch in _batches(former_names, refused):
            report = index.write(batch)
            former_names.mark_flushed(report.stored)
            former_names.mark_refused(report.refused)
            stored += len(report.stored)
            turned_down += len(report.refused)
    return FormerNamesReport(stored, turned_down)


def _batches(former_names: FormerNames, refused: bool) -> Iterator[list[Result]]:
    after = ""
    while batch := former_names.due(BATCH, after=after, refused=refused):
        yield batch
        after = batch[-1].lookup_key
