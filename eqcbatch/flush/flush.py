"""Flush and revert: everything that is due goes to Postgres, or what one session sent leaves it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.flush import companies, former_names, results
from eqcbatch.flush.report import FlushReport, RevertReport
from eqcbatch.request_queue import mark_requests

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres

Step = Callable[[FlushReport], FlushReport]


def flush(ledger: Ledger, postgres: Postgres, *, refused: bool = False) -> FlushReport:
    """Send all that is due; `refused` tries again what Postgres refused before.

    Killed anywhere, doing it again changes nothing. What we flushed and does not hold any more is
    corrected, or taken back, where it stands as we wrote it. Where Postgres fails, the rest stays.
    """
    return _in_turn(
        lambda sent: replace(sent, results=results.send(ledger.outbox, postgres, refused=refused)),
        _tell_queue(ledger, postgres),
        lambda sent: replace(
            sent, former_names=former_names.send(ledger.former_names, postgres, refused=refused)
        ),
        lambda sent: replace(sent, companies=companies.send(ledger.companies, postgres, refused=refused)),
    )


def revert(ledger: Ledger, postgres: Postgres, session_id: int) -> RevertReport:
    """Take back what EQC decided and a session flushed; its names are held for review.

    What stood in the index before stands there again, where the row is as we wrote it; the queue is told,
    and former names that rest on such a result leave, too. Nothing is sent. Where Postgres fails, the next
    flush takes back the rest. Raises BadInput if the session flushed nothing.
    """
    names = ledger.outbox.revert(session_id)
    if not names and not ledger.outbox.revoked(1):
        sessions = ", ".join(f"{number} ({count:,})" for number, count in ledger.outbox.sessions().items())
        raise BadInput(
            f"Session {session_id} has nothing in Postgres. "
            f"Sessions with results there: {sessions or 'none'}."
        )
    sent = _in_turn(
        lambda sent: replace(sent, results=results.take_back(ledger.outbox, postgres)),
        _tell_queue(ledger, postgres),
        lambda sent: replace(sent, former_names=former_names.take_back(ledger.former_names, postgres)),
    )
    return RevertReport(names, sent)


def _tell_queue(ledger: Ledger, postgres: Postgres) -> Step:
    def step(sent: FlushReport) -> FlushReport:
        mark_requests(ledger.request_queue, postgres)
        return sent

    return step


def _in_turn(*steps: Step) -> FlushReport:
    """Take the steps until one fails."""
    sent = FlushReport()
    try:
        for step in steps:
            sent = step(sent)
    except PostgresUnavailable as trouble:
        return replace(sent, trouble=trouble)
    return sent
