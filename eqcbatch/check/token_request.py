"""The one request of a check: paced and booked like any other, and never archived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.domain.model import Endpoint, ExitReason, Outcome, Reply
from eqcbatch.domain.rate_limit import LONGEST_PAUSE_MIN, pause_s
from eqcbatch.eqc import Eqc, PaceFile
from eqcbatch.errors import EqcbatchError, LedgerInUse
from eqcbatch.humanize import duration
from eqcbatch.ledger import Ledger, open_ledger, writing
from eqcbatch.ledger.lock import CHECK

LONGEST_WAIT_S = 90.0  # for a turn; a full window of EQC's own rate is over after 61


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking.

    reply: None where nothing could be sent. requests: how many were. hindrance: why nothing was sent;
    failure: the kind of error that stood in the way, None where something harmless did. remedy: against
    something harmless.
    """

    reply: Reply | None = None
    requests: int = 0
    hindrance: str = ""
    failure: type[EqcbatchError] | None = None
    remedy: str = ""


def ask_once(
    eqc: Eqc,
    pace: PaceFile,
    ledger: Path | None,
    daily_budget: int | None,
    waiting: Callable[[float], None],
) -> Asked:
    """Send the light request, a second one with bare headers where the first is blocked (DOMAIN section 2).

    ledger: where it is booked, None for nowhere. waiting: told the seconds until it is our turn.
    While another process writes the ledger nothing is sent, since nothing could be booked.
    """
    replies: list[Reply] = []
    hindrance, failure = "", None
    try:
        while not replies or (replies[-1].blocked and not eqc.bare_headers):
            if replies:
                eqc.use_bare_headers()
            replies.append(_ask_in_turn(eqc, pace, ledger, daily_budget, waiting))
    except _NoTurn as error:
        hindrance = str(error)
    except LedgerInUse:
        hindrance = "another process writes the ledger, and it alone books requests"
    except EqcbatchError as error:
        hindrance, failure = str(error), type(error)
    reply = replies[-1] if replies else None
    if reply and reply.outcome is Outcome.RATE_LIMITED:
        _leave_alone(pace, reply)
    return Asked(reply, len(replies), hindrance, failure, "" if failure else "Try again later.")


def _leave_alone(pace: PaceFile, reply: Reply) -> None:
    """Let every process of this user do what a 429 asks for."""
    pace.pause(min(pause_s(reply.retry_after_s), LONGEST_PAUSE_MIN * 60))


class _NoTurn(Exception):
    """Nothing can be sent for now."""


def _ask_in_turn(
    eqc: Eqc,
    pace: PaceFile,
    path: Path | None,
    daily_budget: int | None,
    waiting: Callable[[float], None],
) -> Reply:
    """Wait for a turn without the ledger's lock, so that no drain that starts meanwhile is turned away."""
    waited_s = 0.0
    while True:
        with _ledger_to_book_in(path) as ledger:
            _expect_budget(ledger, daily_budget)
            sent = _send(eqc, pace, ledger)
        if isinstance(sent, Reply):
            return sent
        waited_s += sent
        if waited_s > LONGEST_WAIT_S:
            raise _NoTurn(f"the shared pace leaves no turn for another {duration(sent)}")
        waiting(sent)
        time.sleep(sent)  # nothing is held meanwhile; a signal ends it


@contextmanager
def _ledger_to_book_in(path: Path | None) -> Iterator[Ledger | None]:
    if path is None:
        yield None
        return
    with writing(path, CHECK), open_ledger(path) as ledger:
        yield ledger


def _expect_budget(ledger: Ledger | None, daily_budget: int | None) -> None:
    if ledger and daily_budget is not None and ledger.sessions.requests_within_a_day() >= daily_budget:
        raise _NoTurn(f"the daily budget of {daily_budget:,} is spent")


def _send(eqc: Eqc, pace: PaceFile, ledger: Ledger | None) -> Reply | float:
    """Book and send the request; or the seconds until it is our turn."""
    with pace.turn() as turn:
        if turn.delay_s > 0:
            return turn.delay_s
        settle = _book(ledger) if ledger else _settle_nothing
        stamp = turn.take()
    reply = Reply(Outcome.UNKNOWN)
    try:
        reply = eqc.check_token(sending=lambda: pace.confirm(stamp))
    finally:
        settle(reply)
    return reply


def _book(ledger: Ledger) -> Callable[[Reply], None]:
    """Book the request in a session of its own; what settles both."""
    started = time.monotonic()
    session = ledger.sessions.open(budget=1)
    request_id = ledger.requests.book(session.id, None, Endpoint.SEARCH_ALL, 1, 0.0)

    def settle(reply: Reply) -> None:
        ledger.requests.settle(request_id, reply)
        spent_s = time.monotonic() - started - reply.elapsed_s
        ledger.sessions.end(session.id, ExitReason.CHECK, 0.0, max(0.0, spent_s))

    return settle


def _settle_nothing(_reply: Reply) -> None:
    """There is no ledger to settle anything in."""
