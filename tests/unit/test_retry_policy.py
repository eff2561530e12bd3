"""What a reply asks the drain to do next: the decision table, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.model import Outcome, Reason, Reply
from eqcbatch.domain.rate_limit import LONGEST_PAUSE_MIN, UNTOLD_PAUSE_MIN, pause_min
from eqcbatch.drain.retry_policy import Situation, Step, failure, next_step
from eqcbatch.drain.shutdown import blocked, token_refused, unavailable
from eqcbatch.errors import EqcbatchError, EqcBlocks, EqcUnavailable, TokenUnusable

FRESH = Situation(retries_left=2)
WORN = Situation(retries_left=0, bare_headers=True, pauses=9)
TRANSIENT = (Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.NETWORK, Outcome.BAD_RESPONSE)
FORBIDDEN = Reply(Outcome.REFUSED, http_status=403)


def test_a_situation_that_is_not_described_is_the_plain_one() -> None:
    """Full headers, no 429 before, no pause asked for, the freshest token."""
    plain = Situation(2, bare_headers=False, pauses=0, pause_min=0.0, stale_token=False)
    assert plain == Situation(2)


@pytest.mark.parametrize("situation", [FRESH, WORN])
@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        (Outcome.ANSWERED, Step.DECIDE),
        (Outcome.NOT_FOUND, Step.DECIDE),
        (Outcome.AUTH, Step.RENEW_TOKEN),
        (Outcome.REFUSED, Step.FAIL),
        (Outcome.UNKNOWN, Step.AGAIN),
    ],
)
def test_some_replies_ask_for_one_step_in_any_situation(
    outcome: Outcome, step: Step, situation: Situation
) -> None:
    """Retries left or not: asking again changes nothing, or nobody knows what was answered."""
    assert step == next_step(Reply(outcome, http_status=200), situation)


@pytest.mark.parametrize("situation", [FRESH, WORN])
def test_a_fresher_token_is_tried_before_another_is_fetched(situation: Situation) -> None:
    """It came while the request with the old one was on its way."""
    assert Step.AGAIN == next_step(Reply(Outcome.AUTH, 401), replace(situation, stale_token=True))


@pytest.mark.parametrize("outcome", TRANSIENT)
@pytest.mark.parametrize(
    ("retries_left", "step"), [(2, Step.RETRY), (1, Step.RETRY), (0, Step.FAIL), (-1, Step.FAIL)]
)
def test_a_transient_failure_is_retried_while_retries_are_left(
    outcome: Outcome, retries_left: int, step: Step
) -> None:
    """Then the round is over."""
    assert step == next_step(Reply(outcome), Situation(retries_left))


@pytest.mark.parametrize(("bare_headers", "step"), [(False, Step.BARE_HEADERS), (True, Step.STOP_BLOCKED)])
@pytest.mark.parametrize("retries_left", [0, 2])
def test_403_is_tried_once_more_with_bare_headers(bare_headers: bool, step: Step, retries_left: int) -> None:
    """Still 403 means blocked; retries have nothing to do with it."""
    assert step == next_step(FORBIDDEN, Situation(retries_left, bare_headers))


@pytest.mark.parametrize(
    ("asked_min", "pauses", "step"),
    [
        (1.0, 1, Step.PAUSE),
        (1.0, 2, Step.PAUSE),
        (1.0, 3, Step.STOP_BLOCKED),
        (0.0, 1, Step.PAUSE),
        (15.0, 1, Step.PAUSE),
        (15.01, 1, Step.STOP_BLOCKED),
        (1e12, 1, Step.STOP_BLOCKED),
        (0.01, 3, Step.STOP_BLOCKED),
    ],
)
def test_429_pauses_unless_it_lasts_or_comes_again(asked_min: float, pauses: int, step: Step) -> None:
    """Over a quarter of an hour, or three in a row, is a block."""
    assert step == next_step(
        Reply(Outcome.RATE_LIMITED, 429), Situation(2, pauses=pauses, pause_min=asked_min)
    )


def test_a_pause_is_a_quarter_of_an_hour_at_most() -> None:
    """As the pages say."""
    assert (15.0, 1.0) == (LONGEST_PAUSE_MIN, UNTOLD_PAUSE_MIN)


@pytest.mark.parametrize(
    ("retry_after_s", "minute_s", "minutes"),
    [(None, 60.0, 1.0), (0.0, 60.0, 0.0), (90.0, 60.0, 1.5), (None, 1.0, 1.0), (16.0, 1.0, 16.0)],
)
def test_a_pause_lasts_as_long_as_eqc_says(
    retry_after_s: float | None, minute_s: float, minutes: float
) -> None:
    """A minute where it says nothing; where minutes are short, what EQC says is in seconds all the same."""
    assert minutes == pause_min(retry_after_s, minute_s)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.TIMEOUT, Reason.TIMEOUT),
        (Outcome.SERVER_ERROR, Reason.SERVER_ERROR),
        (Outcome.NETWORK, Reason.NETWORK),
        (Outcome.BAD_RESPONSE, Reason.BAD_RESPONSE),
    ],
)
@pytest.mark.parametrize(
    ("rounds_before", "retry_in_min"), [(0, 1.0), (1, 5.0), (2, None), (3, None), (99, None)]
)
def test_a_failed_name_has_three_rounds(
    outcome: Outcome, reason: Reason, rounds_before: int, retry_in_min: float | None
) -> None:
    """A minute after the first, five after the second, and then it is given up."""
    assert (reason, retry_in_min) == failure(Reply(outcome), rounds_before)


def test_a_refused_name_is_given_up_at_once() -> None:
    """EQC has answered this very request, and would again."""
    assert (Reason.REFUSED, None) == failure(Reply(Outcome.REFUSED, 200), 0)


def test_every_reply_that_fails_a_name_has_a_reason() -> None:
    """The two tables agree: whatever comes to FAIL can be booked."""
    failing = [
        outcome
        for outcome in set(Outcome) - {Outcome.IN_FLIGHT}
        if next_step(Reply(outcome), WORN) is Step.FAIL
    ]
    assert {*TRANSIENT, Outcome.REFUSED} == {
        outcome for outcome in failing if failure(Reply(outcome), 0)[0].value == outcome.value
    }
    assert 5 == len(failing)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (token_refused("the reason why"), TokenUnusable),
        (blocked("the reason why"), EqcBlocks),
        (unavailable("the reason why"), EqcUnavailable),
    ],
)
def test_the_error_of_a_stop_says_why_and_what_to_do(error: EqcbatchError, kind: type[Exception]) -> None:
    """The CLI turns it into the exit code."""
    assert kind is type(error)
    assert "the reason why" in str(error)
    assert "eqcbatch drain --resume" in str(error)
