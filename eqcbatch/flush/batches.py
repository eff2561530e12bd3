"""What is due goes to Postgres batch by batch, and what does not hold any more leaves it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

from eqcbatch.flush.flush_report import Sent, adjustments_of, merged

if TYPE_CHECKING:
    from eqcbatch.ledger import Backflow, FormerNames, ResultOutbox
    from eqcbatch.postgres import Enrichment, OwnRows, UpsertReport

BATCH = 5_000

Due = TypeVar("Due", covariant=True)
Stored = TypeVar("Stored", contravariant=True)


class Outbox(Protocol[Due, Stored]):
    """What a room of the ledger has to send; marked after Postgres committed."""

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> Sequence[Due]:
        """Up to `limit` unflushed rows behind a key; `refused` ones only where asked for."""

    def mark_flushed(self, stored: Iterable[Stored], /) -> None:
        """Note that Postgres has these."""

    def mark_refused(self, errors: Iterable[tuple[Stored, str]], /) -> None:
        """Note why Postgres does not take these."""


def send_batches(
    outbox: Outbox[Due, Stored],
    store: Callable[[Sequence[Due]], UpsertReport[Stored]],
    key: Callable[[Due], str],
    *,
    size: int,
    refused: bool,
) -> Sent:
    """Send what is due, `size` rows at a time in the order of their keys.

    refused: whether what Postgres refused before is tried again.
    """
    sent, after = Sent(), ""
    while batch := outbox.due(size, after=after, refused=refused):
        report = store(batch)
        outbox.mark_flushed(report.stored)
        outbox.mark_refused(report.refused)
        sent = Sent(
            sent.stored + len(report.stored),
            sent.refused + len(report.refused),
            waiting=sent.waiting + len(report.waiting),
            waits_for=report.waiting[-1][1] if report.waiting else sent.waits_for,
            adjustments=merged((*sent.adjustments, *adjustments_of(report.misfits))),
        )
        after = key(batch[-1])
    return sent


def send_own_rows(
    room: FormerNames | Backflow, open_index: Callable[[], AbstractContextManager[OwnRows]], *, refused: bool
) -> Sent:
    """Send what is due, after taking back what does not hold any more, over one connection, if any."""
    if not room.due(1, refused=refused) and not room.revoked(1):
        return Sent()
    with open_index() as index:
        taken_back = take_back_batches(room, index)
        sent = send_batches(room, index.write, attrgetter("lookup_key"), size=BATCH, refused=refused)
        return replace(sent, taken_back=taken_back)


def take_back_revoked(
    room: ResultOutbox | FormerNames | Backflow,
    open_index: Callable[[], AbstractContextManager[Enrichment | OwnRows]],
) -> Sent:
    """Take back what was flushed and does not hold any more."""
    if not room.revoked(1):
        return Sent()
    with open_index() as index:
        return Sent(taken_back=take_back_batches(room, index))


def take_back_batches(outbox: ResultOutbox | FormerNames | Backflow, index: Enrichment | OwnRows) -> int:
    """Take back what does not hold any more; how many rows of Postgres that changed."""
    taken_back = 0
    while revoked := outbox.revoked(BATCH):
        taken_back += index.take_back(revoked)
        outbox.mark_taken_back(revoked)
    return taken_back
