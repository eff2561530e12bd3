"""Booking: the one way by which a request reaches EQC. That no window holds too many (P3) rests on it.

1. Look: `book` opens the rate limiter's file, which every process of the user shares, and asks for a turn.
2. Book: while that file is locked the request becomes a row of the ledger, committed before it is sent.
3. Take the turn: the request counts as sent from here on, whatever becomes of it.
4. Confirm: `send` sees to it as the first byte goes that the turn still holds, or takes another.
5. Settle: the row learns what the request came to. Killed before, it is found in flight, its turn taken.

A budget is kept by whoever books (P4): nothing is sent that was not booked, so the rows are the count.

Why: docs/decisions/0003.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Outcome, Question, Reply
from eqcbatch.domain.rate_limit import LONGEST_PAUSE_MIN, pause_min

if TYPE_CHECKING:
    from eqcbatch.eqc import Eqc, RateLimiter


@dataclass(frozen=True, slots=True)
class Booked:
    """A request that may be sent now. stamp: when it took its turn, by the rate limiter's clock."""

    request_id: int
    stamp: float


@dataclass(frozen=True, slots=True)
class NotYet:
    """No turn is free: nothing was booked. delay_s: seconds until one may be."""

    delay_s: float


def book(rate_limiter: RateLimiter, enter: Callable[[], int]) -> Booked | NotYet:
    """Book a request and take its turn, if there is one now.

    enter: writes the request into the ledger, commits, and returns its id; called only where there is a turn.
    """
    with rate_limiter.turn() as turn:
        if turn.delay_s > 0:
            return NotYet(turn.delay_s)
        return Booked(enter(), turn.take())


def send(
    eqc: Eqc,
    rate_limiter: RateLimiter,
    question: Question,
    booked: Booked,
    *,
    keep: bool,
    in_time: Callable[[], bool] = lambda: True,
) -> Reply:
    """Send a booked request and return what it came to; any thread may.

    keep: whether a usable answer is archived. in_time: whether it may still be sent, asked as it is.
    Where it was connected too late for its turn, and there is no other, nothing is sent: the outcome is
    `unknown`. A 429 pauses every process of this user at once, whatever becomes of the session that hears it.
    """
    reply = eqc.ask(
        question.endpoint,
        question.parameter,
        keep=keep,
        sending=lambda transmit: rate_limiter.transmit(booked.stamp, transmit, in_time),
    )
    if reply.outcome is Outcome.RATE_LIMITED:
        minute_s = rate_limiter.clock.minute_s
        rate_limiter.pause(min(pause_min(reply.retry_after_s, minute_s), LONGEST_PAUSE_MIN) * minute_s)
    return reply
