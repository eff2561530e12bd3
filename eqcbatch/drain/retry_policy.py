"""What a reply of EQC asks the drain to do next for its name: pure decisions, one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from eqcbatch.domain.model import Outcome, Reason, Reply
from eqcbatch.domain.rate_limit import LONGEST_PAUSE_MIN

MOST_PAUSES = 3  # 429 answers in a row
ROUND_DELAYS_MIN = (1.0, 5.0)  # after the first and the second failed round; the third is the last
DUE_SOON_MIN = 15.0  # failed names whose next round is so near are waited for

_REASONS = {
    Outcome.TIMEOUT: Reason.TIMEOUT,
    Outcome.SERVER_ERROR: Reason.SERVER_ERROR,
    Outcome.NETWORK: Reason.NETWORK,
    Outcome.BAD_RESPONSE: Reason.BAD_RESPONSE,
    Outcome.REFUSED: Reason.REFUSED,
}


class Step(Enum):
    """What comes next for the name whose request came back."""

    DECIDE = auto()  # the answer says something about the name
    RETRY = auto()  # the same request again, after a delay; counts as a try
    AGAIN = auto()  # the same request again, at once; counts as nothing
    FAIL = auto()  # the round is over without an answer
    PAUSE = auto()  # leave EQC alone for a while, then the same request again
    BARE_HEADERS = auto()  # the same request again, with the token header alone
    RENEW_TOKEN = auto()  # a fresh token, then the same request again
    STOP_BLOCKED = auto()  # the session ends: EQC shuts us out


@dataclass(frozen=True, slots=True)
class Situation:
    """What the step depends on besides the reply.

    retries_left: of this round. bare_headers: whether the request had them. pauses: 429 answers in a row,
    this one included. pause_min: for how many minutes this one asks to be left alone. stale_token: whether a
    fresher token has come since the request was sent.
    """

    retries_left: int
    bare_headers: bool = False
    pauses: int = 0
    pause_min: float = 0.0
    stale_token: bool = False


def next_step(reply: Reply, situation: Situation) -> Step:
    """Choose the step.

    | reply                                    | step                                  |
    |------------------------------------------|---------------------------------------|
    | usable (found, or no match)              | DECIDE                                |
    | token not accepted, a fresher one came   | AGAIN                                 |
    | token not accepted                       | RENEW_TOKEN                           |
    | 403, with full headers                   | BARE_HEADERS                          |
    | 403, with bare headers                   | STOP_BLOCKED                          |
    | 429, the third in a row, or a long pause | STOP_BLOCKED                          |
    | 429 else                                 | PAUSE                                 |
    | cut off by us, nobody knows              | AGAIN                                 |
    | refused: {"error": ...}                  | FAIL: asking again changes nothing    |
    | transient                                | RETRY while retries are left, or FAIL |
    """
    outcome = reply.outcome
    if outcome.usable:
        return Step.DECIDE
    if outcome is Outcome.AUTH:
        return Step.AGAIN if situation.stale_token else Step.RENEW_TOKEN
    if reply.blocked:
        return Step.STOP_BLOCKED if situation.bare_headers else Step.BARE_HEADERS
    if outcome is Outcome.RATE_LIMITED:
        too_long = situation.pause_min > LONGEST_PAUSE_MIN
        return Step.STOP_BLOCKED if too_long or situation.pauses >= MOST_PAUSES else Step.PAUSE
    if outcome is Outcome.UNKNOWN:
        return Step.AGAIN
    return Step.RETRY if outcome.transient and situation.retries_left > 0 else Step.FAIL


def failure(reply: Reply, rounds_before: int) -> tuple[Reason, float | None]:
    """Return why a name fails by this reply, and the minutes until its next round (None: given up)."""
    reason = _REASONS[reply.outcome]
    if reason is Reason.REFUSED or rounds_before >= len(ROUND_DELAYS_MIN):
        return reason, None
    return reason, ROUND_DELAYS_MIN[rounds_before]
