"""What a session does about EQC's health: the decision table, row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.model import Outcome, Reply
from eqcbatch.drain.health import (
    FAILURES_OF_AN_OUTAGE,
    FAILURES_WITHOUT_ANSWER,
    PROBES,
    Action,
    Check,
    Health,
    Signs,
    next_action,
)

FOUND = Reply(Outcome.ANSWERED, 200)
EMPTY = Reply(Outcome.NOT_FOUND, 200)
REFUSED = Reply(Outcome.REFUSED, 200, detail="refused: busy")
FAILED = Reply(Outcome.SERVER_ERROR, 500, detail="server error (500)")
REJECTED = Reply(Outcome.AUTH, 401)
FORBIDDEN = Reply(Outcome.REFUSED, 403)
TOO_MANY = Reply(Outcome.RATE_LIMITED, 429)
CHECKS = tuple(check for check in Check if check is not Check.NONE)


def test_an_outage_is_five_failures_or_three_without_an_answer_and_is_probed_ten_times() -> None:
    """As the pages say."""
    assert (5, 3, 10) == (FAILURES_OF_AN_OUTAGE, FAILURES_WITHOUT_ANSWER, PROBES)


def test_health_and_signs_begin_well() -> None:
    """Of work, with nothing refused, failed, doubted or found, and one answer needed to believe."""
    assert Health(0, None, failing=False, empty=False, renewed=False, probed=False, trouble="") == Health()
    assert not Health().suspect
    reply, rejected, renewable, failures, known, doubtful = None, False, False, 0, False, False
    assert (
        Signs(Check.NONE, reply, rejected, renewable, failures, known, doubtful, 0, 1, False, False, 0)
        == Signs()
    )


@pytest.mark.parametrize(
    ("signs", "action"),
    [
        (Signs(), Action.GO_ON),
        (Signs(failures=4, doubtful=False, known=True), Action.GO_ON),
        (Signs(rejected=True), Action.STOP_TOKEN),
        (Signs(rejected=True, renewable=True), Action.RENEW_TOKEN),
        (Signs(rejected=True, renewable=True, renewed=True), Action.STOP_TOKEN),
        (Signs(rejected=True, renewable=True, failures=9, doubtful=True), Action.RENEW_TOKEN),
        (Signs(failures=5, known=True), Action.ASK_KNOWN),
        (Signs(failures=5, known=True, probed=True, doubtful=True), Action.ASK_KNOWN),
        (Signs(failures=5), Action.PROBE),
        (Signs(failures=99, probed=True), Action.STOP_UNAVAILABLE),
        (Signs(doubtful=True), Action.RECHECK_EMPTIES),
        (Signs(failures=4, doubtful=True), Action.RECHECK_EMPTIES),
    ],
)
def test_what_is_done_about_replies_to_work(signs: Signs, action: Action) -> None:
    """The token first, then an outage, then empty answers in doubt."""
    assert action == next_action(signs)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("probed", [False, True])
def test_a_refused_token_ends_the_session_whatever_was_asked(check: Check, probed: bool) -> None:
    """No check can do without one."""
    assert Action.STOP_TOKEN == next_action(Signs(check, REJECTED, probed=probed))


@pytest.mark.parametrize("check", CHECKS)
def test_a_403_to_a_check_ends_the_session(check: Check) -> None:
    """EQC shuts us out."""
    assert Action.STOP_BLOCKED == next_action(Signs(check, FORBIDDEN))


@pytest.mark.parametrize("check", CHECKS)
def test_a_429_to_a_check_ends_the_session_but_amid_empties(check: Check) -> None:
    """There a probe a minute later tells more."""
    amid_empties = {Check.EMPTIES: Action.PROBE, Check.LAST_EMPTIES: Action.REQUEUE_EMPTIES}
    assert amid_empties.get(check, Action.STOP_BLOCKED) == next_action(Signs(check, TOO_MANY))


@pytest.mark.parametrize(
    ("check", "reply", "action"),
    [
        (Check.TOKEN, FOUND, Action.GO_ON),
        (Check.TOKEN, EMPTY, Action.GO_ON),
        (Check.TOKEN, FAILED, Action.GO_ON),
        (Check.TOKEN, None, Action.GO_ON),
        (Check.KNOWN, FOUND, Action.GO_ON),
        (Check.KNOWN, EMPTY, Action.PROBE),
        (Check.KNOWN, FAILED, Action.PROBE),
        (Check.KNOWN, None, Action.PROBE),
        (Check.PROBE, FOUND, Action.GO_ON),
        (Check.PROBE, EMPTY, Action.GO_ON),
        (Check.PROBE, FAILED, Action.PROBE),
        (Check.PROBE, REFUSED, Action.PROBE),
        (Check.PROBE, None, Action.STOP_UNAVAILABLE),
        (Check.EMPTIES, EMPTY, Action.STOP_UNAVAILABLE),
        (Check.EMPTIES, FAILED, Action.PROBE),
        (Check.EMPTIES, REFUSED, Action.PROBE),
        (Check.EMPTIES, None, Action.REQUEUE_EMPTIES),
        (Check.LAST_EMPTIES, FOUND, Action.GO_ON),
        (Check.LAST_EMPTIES, EMPTY, Action.STOP_UNAVAILABLE),
        (Check.LAST_EMPTIES, FAILED, Action.REQUEUE_EMPTIES),
        (Check.LAST_EMPTIES, None, Action.GO_ON),
        (Check.LAST, FOUND, Action.GO_ON),
        (Check.LAST, EMPTY, Action.GO_ON),
        (Check.LAST, FAILED, Action.STOP_UNAVAILABLE),
        (Check.LAST, None, Action.STOP_UNAVAILABLE),
    ],
)
def test_what_is_done_about_replies_to_checks(check: Check, reply: Reply | None, action: Action) -> None:
    """None: a limit forbade to ask."""
    assert action == next_action(Signs(check, reply))


@pytest.mark.parametrize(
    ("found", "needed", "reply", "action"),
    [
        (1, 1, FOUND, Action.GO_ON),
        (1, 4, FOUND, Action.RECHECK_EMPTIES),
        (3, 4, FOUND, Action.RECHECK_EMPTIES),
        (4, 4, FOUND, Action.GO_ON),
        (3, 4, EMPTY, Action.STOP_UNAVAILABLE),
        (3, 4, FAILED, Action.PROBE),
        (3, 4, None, Action.GO_ON),
        (0, 4, None, Action.REQUEUE_EMPTIES),
    ],
)
def test_empties_are_believed_once_eqc_found_what_it_has_often_enough(
    found: int, needed: int, reply: Reply | None, action: Action
) -> None:
    """The healthy half of it may answer first. A limit that cuts the check short leaves what was found."""
    assert action == next_action(Signs(Check.EMPTIES, reply, found=found, needed=needed))


@pytest.mark.parametrize("reply", [EMPTY, FAILED, None])
def test_an_eqc_that_answers_probes_alone_is_not_probed_again(reply: Reply | None) -> None:
    """Else the same names would be asked for ever."""
    assert Action.STOP_UNAVAILABLE == next_action(Signs(Check.KNOWN, reply, probed=True))


@pytest.mark.parametrize(
    ("failed", "action"), [(1, Action.PROBE), (PROBES - 1, Action.PROBE), (PROBES, Action.STOP_UNAVAILABLE)]
)
def test_ten_probes_are_enough(failed: int, action: Action) -> None:
    """Ten minutes after the fifth failure the session ends."""
    assert action == next_action(Signs(Check.PROBE, FAILED, probes_failed=failed))


def test_an_answer_confirms_what_a_remedy_achieved() -> None:
    """Until one comes, a fresh token that is refused is the last one, and an outage is not over."""
    health = Health(renewed=True, probed=True, trouble="server error (500)")
    assert Health() == health.after_usable(empty=False)
    assert Health(empty=True) == health.after_usable(empty=True)


@pytest.mark.parametrize(("in_a_row", "failing"), [(1, False), (4, False), (5, True), (6, True)])
def test_the_fifth_failure_in_a_row_is_suspect(in_a_row: int, failing: bool) -> None:
    """Four are each for themselves."""
    health = Health(renewed=True).after_failure(FAILED, in_a_row)
    assert Health(failures=1, failing=failing, renewed=True, trouble="server error (500)") == health
    assert failing == health.suspect


def test_a_refused_token_is_kept_with_what_was_said() -> None:
    """A suspicion of its own, beside what else there is."""
    health = Health(failures=2).after_rejection(REJECTED)
    assert (Health(failures=2, rejection=REJECTED), True) == (health, health.suspect)


def test_a_suspicion_stays_until_it_is_seen_to() -> None:
    """An answer that was in flight takes back neither a refused token nor failures in a row."""
    health = Health().after_rejection(REJECTED).after_failure(FAILED, 5)
    assert replace(health, trouble="") == health.after_usable(empty=False)


def test_only_stops_stop() -> None:
    """The names say it."""
    assert [action.name.startswith("STOP_") for action in Action] == [action.stops for action in Action]
