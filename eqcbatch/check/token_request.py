"""The one request of a check: booked and sent like any other, and never archived.

Why: docs/decisions/0024.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eqcbatch import __version__
from eqcbatch.booking import NotYet, book, send
from eqcbatch.clock import Clock
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import ExitReason, Outcome, Reply, Rulebook
from eqcbatch.eqc import LIGHT_QUESTION, Eqc, RateLimiter
from eqcbatch.errors import EqcbatchError, LedgerInUse, PaceHeld
from eqcbatch.humanize import duration
from eqcbatch.ledger import Ledger, open_ledger, writing
from eqcbatch.ledger.lock import CHECK
from eqcbatch.settings import ConfidenceRule

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
    rate_limiter: RateLimiter,
    ledger: Path | None,
    daily_budget: int | None,
    waiting: Callable[[float], None],
) -> Asked:
    """Send the light request; where it is blocked, a second one with bare headers (docs/domain.md section 2).

    ledger: where it is booked, None for nowhere. waiting: told the seconds until it is our turn.
    While another process writes the ledger nothing is sent, since nothing could be booked.
    """
    replies: list[Reply] = []
    hindrance = ""
    failure: type[EqcbatchError] | None = None
    try:
        while not replies or (replies[-1].blocked and not eqc.bare_headers):
            if replies:
                eqc.use_bare_headers()
            replies.append(_ask_in_turn(eqc, rate_limiter, ledger, daily_budget, waiting))
    except _NoTurn as error:
        hindrance = str(error)
    except PaceHeld as error:
        hindrance, failure = str(error), type(error)
    except LedgerInUse:
        hindrance = "another process writes the ledger, and it alone books requests"
    except EqcbatchError as error:
        hindrance, failure = str(error), type(error)
    reply = replies[-1] if replies else None
    return Asked(reply, len(replies), hindrance, failure, "" if failure else "Try again later.")


class _NoTurn(Exception):
    """Nothing can be sent for now."""


def _ask_in_turn(
    eqc: Eqc,
    rate_limiter: RateLimiter,
    path: Path | None,
    daily_budget: int | None,
    waiting: Callable[[float], None],
) -> Reply:
    """Wait for a turn without the ledger's lock, so that no drain that starts meanwhile is turned away."""
    waited_s = 0.0
    while True:
        with _ledger_to_book_in(path) as ledger:
            _expect_budget(ledger, daily_budget)
            sent = _send(eqc, rate_limiter, ledger)
        if isinstance(sent, Reply):
            return sent
        waited_s += sent.delay_s
        if waited_s > LONGEST_WAIT_S:
            raise _NoTurn(f"the shared pace leaves no turn for another {duration(sent.delay_s)}")
        waiting(sent.delay_s)
        rate_limiter.clock.sleep(sent.delay_s)  # nothing is held meanwhile; a signal ends it


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


def _send(eqc: Eqc, rate_limiter: RateLimiter, ledger: Ledger | None) -> Reply | NotYet:
    """Book and send the request, if it is our turn."""
    entry = _Entry(ledger, rate_limiter.clock, eqc.place)
    booked = book(rate_limiter, entry.enter)
    if isinstance(booked, NotYet):
        return booked
    reply = Reply(Outcome.UNKNOWN)
    try:
        reply = send(eqc, rate_limiter, LIGHT_QUESTION, booked, keep=False)
    finally:
        entry.settle(reply)
    return reply


class _Entry:
    """The request's entry in the ledger, in a session of its own; nothing where there is no ledger."""

    def __init__(self, ledger: Ledger | None, clock: Clock, eqc_url: str) -> None:
        self._ledger = ledger
        self._eqc_url = eqc_url
        self._clock = clock
        self._session_id = self._request_id = 0
        self._began = clock.monotonic()

    def enter(self) -> int:
        """Open the session and book the request; its id, 0 without a ledger."""
        if self._ledger:
            rulebook = Rulebook(__version__, RULE_SET, ConfidenceRule())  # it judges nothing
            self._session_id = self._ledger.sessions.open(1, rulebook, {"eqc_url": self._eqc_url}).id
            self._request_id = self._ledger.requests.book(
                self._session_id, None, LIGHT_QUESTION.endpoint, 1, 0.0
            )
        return self._request_id

    def settle(self, reply: Reply) -> None:
        """Settle the request and end the session."""
        if self._ledger:
            self._ledger.requests.settle(self._request_id, reply)
            spent_s = self._clock.monotonic() - self._began - reply.elapsed_s
            self._ledger.sessions.end(self._session_id, ExitReason.CHECK, 0.0, max(0.0, spent_s))
