"""What a reply asks the drain to do next: the decision table, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.model import Outcome, Reason, Reply
from eqcbatch.domain.rate_limit import pause_s
from eqcbatch.drain.retry_policy import Situation, Step, failure, next_step, trouble
from eqcbatch.errors import EqcBlocks, TokenUnusable

FRESH = Situation(retries_left=2)
WORN = Situation(retries_left=0, bare_headers=True, pauses=9)
TRANSIENT = (Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.NETWORK, Outcome.BAD_RESPONSE)
FORBIDDEN = Reply(Outcome.REFUSED, http_status=403)


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
    ("retry_after_s", "pauses", "step"),
    [
        (None, 1, Step.PAUSE),
        (None, 2, Step.PAUSE),
        (None, 3, Step.STOP_BLOCKED),
        (0.0, 1, Step.PAUSE),
        (900.0, 1, Step.PAUSE),
        (901.0, 1, Step.STOP_BLOCKED),
        (1e12, 1, Step.STOP_BLOCKED),
        (1.0, 3, Step.STOP_BLOCKED),
    ],
)
def test_429_pauses_unless_it_lasts_or_comes_again(
    retry_after_s: float | None, pauses: int, step: Step
) -> None:
    """Over a quarter of an hour, or three in a row, is a block."""
    reply = Reply(Outcome.RATE_LIMITED, 429, retry_after_s=retry_after_s)
    assert step == next_step(reply, Situation(2, pauses=pauses))


@pytest.mark.parametrize(("retry_after_s", "seconds"), [(None, 60.0), (0.0, 0.0), (7.0, 7.0)])
def test_a_pause_lasts_as_long_as_eqc_says(retry_after_s: float | None, seconds: float) -> None:
    """A minute where it says nothing."""
    assert seconds == pause_s(retry_after_s)


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
    ("rounds_before", "retry_in_s"), [(0, 60.0), (1, 300.0), (2, None), (3, None), (99, None)]
)
def test_a_failed_name_has_three_rounds(
    outcome: Outcome, reason: Reason, rounds_before: int, retry_in_s: float | None
) -> None:
    """A minute after the first, five after the second, and then it is given up."""
    assert (reason, retry_in_s) == failure(Reply(outcome), rounds_before)


def test_a_scaled_minute_scales_what_we_wait_for_of_our_own() -> None:
    """Rounds, the untold pause and the longest one; what EQC asks for is in seconds as it is."""
    told, untold = (Reply(Outcome.RATE_LIMITED, 429, retry_after_s=after_s) for after_s in (16.0, None))
    assert (Reason.TIMEOUT, 5.0) == failure(Reply(Outcome.TIMEOUT), 1, minute_s=1.0)
    assert (16.0, 1.0) == (pause_s(told.retry_after_s, 1.0), pause_s(untold.retry_after_s, 1.0))
    assert Step.STOP_BLOCKED == next_step(told, Situation(2, minute_s=1.0))
    assert Step.PAUSE == next_step(untold, Situation(2, minute_s=1.0))


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
    ("step", "error"), [(Step.RENEW_TOKEN, TokenUnusable), (Step.STOP_BLOCKED, EqcBlocks)]
)
def test_the_error_of_a_stop_says_why_and_what_to_do(step: Step, error: type[Exception]) -> None:
    """The CLI turns it into the exit code."""
    raised = trouble(step, Reply(Outcome.AUTH, 401, detail="the reason why"))
    assert error is type(raised)
    assert "the reason why" in str(raised)
    assert "eqcbatch drain --resume" in str(raised)
