"""What a reply of EQC asks the drain to do next: pure decisions, one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from eqcbatch.errors import EqcbatchError, EqcBlocks, TokenUnusable
from eqcbatch.records import Outcome, Reason, Reply

LONGEST_PAUSE_S = 15 * 60.0  # EQC asking for more is a block, not a pause
UNTOLD_PAUSE_S = 60.0  # after a 429 without Retry-After
MOST_PAUSES = 3  # 429 answers in a row
ROUND_DELAYS_S = (
    60.0,
    300.0,
    900.0,
)  # before a failed name's next round; after the last it is given up

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
    RETRY = auto()  # the same request again, after a delay
    FAIL = auto()  # the round is over without an answer
    PAUSE = auto()  # leave EQC alone for a while, then the same request again
    BARE_HEADERS = auto()  # the same request again, with the token header alone
    STOP_TOKEN = auto()  # the session ends: the token is not accepted
    STOP_BLOCKED = auto()  # the session ends: EQC shuts us out


@dataclass(frozen=True, slots=True)
class Situation:
    """What the step depends on besides the reply.

    retries_left: of this round. bare_headers: whether they are in use already. pauses: 429 answers in
    a row, this one included.
    """

    retries_left: int
    bare_headers: bool
    pauses: int


def next_step(reply: Reply, situation: Situation) -> Step:
    """Choose the step.

    | reply                                    | step                                 |
    |------------------------------------------|--------------------------------------|
    | usable (found, or no match)              | DECIDE                               |
    | the token is not accepted                | STOP_TOKEN                           |
    | 403, with full headers                   | BARE_HEADERS                         |
    | 403, with bare headers                   | STOP_BLOCKED                         |
    | 429, the third in a row, or a long pause | STOP_BLOCKED                         |
    | 429 else                                 | PAUSE                                |
    | refused: {"error": ...}                  | FAIL: asking again changes nothing   |
    | cut off by us, nobody knows              | RETRY                                |
    | transient                                | RETRY while retries are left, or FAIL |
    """
    outcome = reply.outcome
    if outcome.usable:
        return Step.DECIDE
    if outcome is Outcome.AUTH:
        return Step.STOP_TOKEN
    if reply.blocked:
        return Step.STOP_BLOCKED if situation.bare_headers else Step.BARE_HEADERS
    if outcome is Outcome.RATE_LIMITED:
        worn_out = situation.pauses >= MOST_PAUSES or pause_s(reply) > LONGEST_PAUSE_S
        return Step.STOP_BLOCKED if worn_out else Step.PAUSE
    if outcome is Outcome.UNKNOWN:
        return Step.RETRY
    if outcome.transient and situation.retries_left > 0:
        return Step.RETRY
    return Step.FAIL


def pause_s(reply: Reply) -> float:
    """Seconds for which a 429 asks to be left alone."""
    return UNTOLD_PAUSE_S if reply.retry_after_s is None else reply.retry_after_s


def failure(reply: Reply, rounds_before: int) -> tuple[Reason, float | None]:
    """Why a name fails by this reply, and in how many seconds its next round is due (None: given up)."""
    reason = _REASONS[reply.outcome]
    if reason is Reason.REFUSED or rounds_before >= len(ROUND_DELAYS_S) - 1:
        return reason, None
    return reason, ROUND_DELAYS_S[rounds_before]


def trouble(step: Step, reply: Reply) -> EqcbatchError:
    """The error with which a step that stops the session ends it."""
    if step is Step.STOP_TOKEN:
        return TokenUnusable(
            f"EQC does not accept the token: {reply.detail}. "
            "Get a fresh one, then run `eqcbatch drain --resume`."
        )
    return EqcBlocks(
        f"EQC shuts us out: {reply.detail}. Leave it alone for a while, then run `eqcbatch drain --resume`."
    )
