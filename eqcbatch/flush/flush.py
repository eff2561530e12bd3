"""Flush and revert: everything that is due goes to Postgres, or what one session sent leaves it again."""

from __future__ import annotations

import enum
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from eqcbatch.domain.control_sample import GateVerdict
from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.flush import companies, results
from eqcbatch.flush.batches import send_own_rows, take_back_revoked
from eqcbatch.flush.flush_report import FlushReport, RevertReport
from eqcbatch.request_queue import mark_requests
from eqcbatch.verification import look_at_decisions, verify

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


class Again(enum.Enum):
    """What of all that was flushed before is looked at again."""

    NOT = enum.auto()
    DECISIONS = enum.auto()  # what people decided, alone
    LATEST = enum.auto()  # all, where one of these was lost
    ALL = enum.auto()


Step = Callable[[FlushReport], FlushReport]


def flush(
    ledger: Ledger,
    postgres: Postgres,
    *,
    refused: bool = False,
    look_again: Again = Again.NOT,
    reach: bool = False,
    gate: float | None = None,
) -> FlushReport:
    """Send all that is due; `refused` tries again what Postgres refused before.

    look_again: whether what was flushed before is looked at first; what Postgres lost of it is sent again.
    reach: whether Postgres has to be there though nothing is due. What others keep in the index against
    people's decisions is noted in the end. gate: the precision that is asked for; while that gate is shut,
    nothing goes that EQC decided, nor what rests on it. What people decided goes, and what nothing holds any
    more leaves; what a newer verdict would replace stays until it opens.

    Killed anywhere, doing it again changes nothing. What we flushed and does not hold any more is
    corrected, or taken back, where it stands as we wrote it. Where Postgres fails, the rest stays.
    """
    said = None if gate is None else GateVerdict(gate, ledger.controls.sample())
    shut = said is not None and not said.open
    outbox = ledger.outbox.of_people() if shut else ledger.outbox
    return _in_turn(
        lambda sent: replace(sent, gate=said, lost=_lost(ledger, postgres, look_again)),
        lambda sent: replace(sent, results=results.send(outbox, postgres, refused=refused)),
        _tell_queue(ledger, postgres),
        lambda sent: replace(
            sent, backflow=send_own_rows(ledger.backflow, postgres.backflow, refused=refused)
        ),
        *(_shut_steps(ledger, postgres) if shut else _open_steps(ledger, postgres, refused=refused)),
        _reach(postgres) if reach else lambda sent: sent,
        _look_at_decisions(ledger, postgres) if look_again is not Again.NOT else lambda sent: sent,
    )


def _open_steps(ledger: Ledger, postgres: Postgres, *, refused: bool) -> tuple[Step, ...]:
    """What rests on EQC's answers, and goes along with its results."""
    return (
        lambda sent: replace(
            sent, former_names=send_own_rows(ledger.former_names, postgres.former_names, refused=refused)
        ),
        lambda sent: replace(sent, companies=companies.send(ledger.companies, postgres, refused=refused)),
    )


def _shut_steps(ledger: Ledger, postgres: Postgres) -> tuple[Step, ...]:
    return (
        lambda sent: replace(
            sent, former_names=take_back_revoked(ledger.former_names, postgres.former_names)
        ),
    )


def revert(ledger: Ledger, postgres: Postgres, session_id: int) -> RevertReport:
    """Take back what EQC decided and a session flushed; its names are held for review.

    What stood in the index before stands there again, where the row is as we wrote it; the queue is told,
    and former names that rest on such a result leave, too. Nothing is sent. Where Postgres fails, the next
    flush takes back the rest. Raises BadInput if the session flushed nothing.
    """
    names = ledger.outbox.revert(session_id)
    if not names and not ledger.outbox.revoked(1):
        raise nothing_to_revert(ledger, session_id)
    return RevertReport(names, take_back(ledger, postgres))


def revert_backflow(ledger: Ledger, postgres: Postgres) -> FlushReport:
    """Take back all that people vouched for: the rows that stand as we wrote them leave the index.

    Where Postgres fails, the next flush takes back the rest. Raises BadInput if there is nothing of it.
    """
    if not ledger.backflow.counts().any:
        raise nothing_vouched_for()
    ledger.backflow.revert()
    return _in_turn(
        lambda sent: replace(sent, backflow=take_back_revoked(ledger.backflow, postgres.backflow)),
    )


def nothing_vouched_for() -> BadInput:
    """Return what is to be said where nobody vouches for an id."""
    return BadInput("Nobody vouches for ids by --backflow, and the index has none of them.")


def take_back(ledger: Ledger, postgres: Postgres) -> FlushReport:
    """Take back what was flushed and does not hold any more, and send nothing."""
    return _in_turn(
        lambda sent: replace(sent, results=take_back_revoked(ledger.outbox, postgres.enrichment)),
        _tell_queue(ledger, postgres),
        lambda sent: replace(
            sent, former_names=take_back_revoked(ledger.former_names, postgres.former_names)
        ),
    )


def nothing_to_revert(ledger: Ledger, session_id: int) -> BadInput:
    """Return what is to be said of a session that has nothing in Postgres."""
    sessions = ", ".join(f"{number} ({count:,})" for number, count in ledger.outbox.sessions().items())
    return BadInput(
        f"Session {session_id} has nothing in Postgres. Sessions with results there: {sessions or 'none'}."
    )


def _lost(ledger: Ledger, postgres: Postgres, again: Again) -> int:
    """How many rows Postgres lost; an outage is told by what there is to send, if anything."""
    if again is Again.ALL:
        return verify(ledger, postgres, everything=True)
    with suppress(PostgresUnavailable):
        return verify(ledger, postgres) if again is Again.LATEST else 0
    return 0


def _reach(postgres: Postgres) -> Step:
    def step(sent: FlushReport) -> FlushReport:
        with postgres.connect():
            return sent

    return step


def _look_at_decisions(ledger: Ledger, postgres: Postgres) -> Step:
    def step(sent: FlushReport) -> FlushReport:
        with suppress(PostgresUnavailable):
            look_at_decisions(ledger, postgres)
        return replace(sent, overruled=ledger.overruled.rows())

    return step


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
