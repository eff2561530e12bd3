"""What a session makes of an ill EQC, where limits, several lanes or a second session come between."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from eqcbatch.drain.health import PROBES
from eqcbatch.ledger import archive_path
from eqcbatch.simulate import describe
from eqcbatch.simulate.faults import Fault
from tests.conftest import TOKEN
from tests.drains import LEDGER, Bearers, Job, OneEach, companies, outcomes, spans
from tests.ledgers import ask, states

NewJob = Callable[..., Job]


def exit_reason() -> str:
    return str(ask(LEDGER, "SELECT exit_reason FROM sessions ORDER BY id DESC LIMIT 1")[0])


def counted() -> dict[str, int]:
    return dict(Counter(states(LEDGER).values()))


def test_p6_a_dead_token_exits_5_though_the_budget_ends_with_it(job: NewJob) -> None:
    """The budget is spent while the rejected requests are in flight: the token is to blame all the same."""
    work = job(latency=(0.2, 0.2), faults=spans((Fault.UNAUTHORIZED, 1, None)))
    work.plan(companies(20))
    ran = work.drain("--in-flight", 5, "--budget", 3)
    assert (5, "token", {"auth": 3}) == (ran.code, exit_reason(), outcomes())


def test_a_session_whose_budget_is_spent_leaves_a_fresh_token_to_the_next(
    job: NewJob, tmp_path: Path
) -> None:
    """A token that can be renewed needs nobody: the session ends as asked, and the next one asks for it."""
    (tmp_path / "token").write_text(TOKEN)
    work = job(latency=(0.2, 0.2), faults=spans((Fault.UNAUTHORIZED, 1, 4)))
    work.plan(companies(6))
    options = ("--in-flight", 5, "--token-file", tmp_path / "token")
    first = work.drain("--budget", 3, *options)
    second = work.drain(*options)
    assert (0, 0, {}) == (first.code, second.code, {k: v for k, v in counted().items() if k == "pending"})


@pytest.mark.parametrize("budget", [6, 7, 8, 9])
def test_p6_an_outage_exits_4_though_the_budget_leaves_no_probe(job: NewJob, budget: int) -> None:
    """Five failures in a row are an outage, whatever the budget still allows to find out about it."""
    work = job(registry=OneEach(), faults=spans((Fault.SERVER_ERROR, 2, None)))
    work.plan(companies(20))
    ran = work.drain("--budget", budget)
    assert (4, "eqc_unavailable") == (ran.code, exit_reason())
    assert {"resolved": 1, "pending": 19} == counted()


def test_p6_what_failed_is_given_back_though_the_first_probe_finds_nothing(job: NewJob) -> None:
    """A probe that does not find what was known is usable to the letter, and must not end the streak."""
    faults = spans(
        (Fault.SERVER_ERROR, 4, 8), (Fault.EMPTY, 9, 10), (Fault.SERVER_ERROR, 11, 15), (Fault.EMPTY, 16, 30)
    )
    work = job(registry=OneEach(), faults=faults)
    work.plan(companies(20))
    ran = work.drain()
    assert 4 == ran.code
    assert "failed/server_error" not in counted()


def test_p6_a_dead_token_after_failures_is_no_outage(job: NewJob) -> None:
    """Failures, then 401 to the probe: a person has to bring a token, so the exit code says 5."""
    work = job(faults=spans((Fault.SERVER_ERROR, 1, 3), (Fault.UNAUTHORIZED, 4, None)))
    work.plan(companies(1))
    ran = work.drain()
    assert (5, {"pending": 1}) == (ran.code, counted())


def test_p6_empties_are_taken_back_from_every_name_of_their_query(job: NewJob) -> None:
    """Two names with one query: the second took the first one's answer without a request of its own."""
    pairs = [name for n in range(60) for name in (f"深圳第{n}公司", f"深圳第{n}公司-已转出-终止")]
    work = job(registry=OneEach(), faults=spans((Fault.EMPTY, 31, 51)))
    work.plan(pairs)
    assert [60] == ask(LEDGER, "SELECT count(DISTINCT query) FROM names")
    assert 4 == work.drain().code
    assert 0 == work.drain().code
    assert {"resolved": 120} == counted()


def test_p6_empties_are_asked_again_where_what_should_confirm_them_fails(job: NewJob) -> None:
    """A failure tells neither that they are genuine nor that EQC is ill."""
    faults = spans((Fault.EMPTY, 31, 50), (Fault.SERVER_ERROR, 51, 51))
    work = job(registry=OneEach(), faults=faults)
    work.plan(companies(60))
    assert 0 == work.drain().code
    assert {"resolved": 60} == counted()


def test_p6_a_check_that_fails_for_good_ends_the_session(job: NewJob) -> None:
    """The names in doubt are not asked in its stead, again and again; they are pending."""
    faults = spans((Fault.EMPTY, 31, 50), (Fault.SERVER_ERROR, 51, None))
    work = job(registry=OneEach(), faults=faults)
    work.plan(companies(60))
    ran = work.drain()
    assert (4, {"resolved": 30, "pending": 30}) == (ran.code, counted())
    assert f"1 request and {PROBES} probes in a row failed" in ran.err
    assert [50 + 1 + PROBES] == ask(LEDGER, "SELECT count(*) FROM requests")


def test_p2_what_eqc_does_not_find_any_more_stays_in_the_archive(job: NewJob) -> None:
    """The name by which an illness is found out was decided by a good answer, which is kept."""
    work = job(registry=OneEach(), faults=spans((Fault.EMPTY, 31, 51)))
    work.plan(companies(60))
    assert 4 == work.drain().code
    assert {"resolved": 30, "pending": 30} == counted()
    with closing(sqlite3.connect(archive_path(Path(LEDGER)))) as archive:
        assert (30,) == archive.execute("SELECT count(*) FROM responses").fetchone()


def test_p6_the_last_request_of_a_budget_goes_to_the_doubt_that_an_answer_might_raise(job: NewJob) -> None:
    """Nineteen empties and one request left: it asks for what EQC knew, which shows that EQC is ill."""
    work = job(registry=OneEach(), faults=spans((Fault.EMPTY, 31, 50)))
    work.plan(companies(60))
    assert 4 == work.drain("--budget", 50).code
    assert {"resolved": 30, "pending": 30} == counted()
    assert 0 == work.drain().code
    assert {"resolved": 60} == counted()


def test_p6_empties_of_a_session_that_died_in_doubt_are_asked_again(job: NewJob) -> None:
    """Killed before it could ask once more: the next session gives them back before it asks anything."""
    work = job(registry=OneEach(), faults=spans((Fault.EMPTY, 31, 49)))
    work.plan(companies(60))
    assert 0 == work.drain("--budget", 49).code  # one less than raises a doubt
    with closing(sqlite3.connect(LEDGER)) as ledger, ledger:
        (key,) = ledger.execute("SELECT lookup_key FROM names WHERE state = 'pending'").fetchone()
        ledger.execute(
            """INSERT INTO requests
                   (session_id, lookup_key, endpoint, attempt, started_at, finished_at, outcome)
               SELECT session_id, ?, endpoint, 1, started_at, finished_at, outcome
               FROM requests ORDER BY id DESC LIMIT 1""",
            [key],
        )
        ledger.execute("UPDATE sessions SET requests = requests + 1")
    ran = work.drain()
    assert (0, {"resolved": 60}) == (ran.code, counted())
    assert "ill: 19 names" in ran.err


def test_genuine_empties_in_doubt_cost_a_small_budget_one_request_a_night(job: NewJob) -> None:
    """With all of the budget in flight at once, nights go on: none asks what the last one asked."""
    names = sorted(companies(60))
    work = job(registry=Bearers(map(describe, names[:30])))
    work.plan(names)
    assert 0 == work.drain("--budget", 50).code
    for _ in range(12):
        assert 0 == work.drain("--budget", 5, "--in-flight", 5).code
    assert {"resolved": 30, "failed/not_found": 30} == counted()


@pytest.mark.parametrize(
    "options", [(1,), (7,), (21,), (4, "--in-flight", 4), (20, "--in-flight", 3)], ids=str
)
def test_genuine_empties_are_asked_once_whatever_the_budget(job: NewJob, options: tuple[object, ...]) -> None:
    """No budget ends a night with a doubt that was not seen to, so that the next night begins anew."""
    names = sorted(companies(55))
    work = job(registry=Bearers(map(describe, names[:30])))
    work.plan(names)
    assert 0 == work.drain("--budget", 30).code
    for _ in range(40):
        assert 0 == work.drain("--budget", *options).code
    assert {"resolved": 30, "failed/not_found": 25} == counted()
    assert 25 == outcomes()["not_found"]


def test_five_failures_and_an_answer_are_no_outage(job: NewJob) -> None:
    """The answer was in flight when the fifth failure landed: EQC is there, and nobody has to wait."""
    work = job(latency=(0.2, 0.2), registry=OneEach(), faults=spans((Fault.ERROR, 1, 5)))
    work.plan(companies(8))
    ran = work.drain("--in-flight", 6, "--budget", 6)
    assert (0, "budget", {"refused": 5, "answered": 1}) == (ran.code, exit_reason(), outcomes())
    assert "EQC fails" not in ran.err


def test_p6_genuine_empties_are_confirmed_in_a_second_session_and_stand(job: NewJob) -> None:
    """Asked again, they are empty again; now EQC can be asked what it knew, and they rest."""
    names = sorted(companies(50))
    work = job(registry=Bearers(map(describe, names[:30])))
    work.plan(names)
    assert 0 == work.drain("--budget", 50).code
    assert 0 == work.drain().code
    before = outcomes()
    assert 0 == work.drain().code
    assert before == outcomes()
    assert {"resolved": 30, "failed/not_found": 20} == counted()


def test_a_403_to_several_in_flight_is_cured_by_bare_headers(job: NewJob) -> None:
    """What was sent with full headers is sent once more, though another request's 403 came first."""
    work = job(latency=(0.2, 0.2), registry=OneEach(), faults=spans((Fault.FORBIDDEN, 1, 3)))
    work.plan(companies(8))
    ran = work.drain("--in-flight", 3)
    assert (0, {"answered": 8, "refused": 3}) == (ran.code, outcomes())


def test_429_to_several_in_flight_is_one_event(job: NewJob) -> None:
    """Three answers of one moment are no three in a row: one pause, one step slower, no block."""
    work = job(
        latency=(0.3, 0.3), registry=OneEach(), faults=spans((Fault.TOO_MANY, 4, 6)), retry_after="none"
    )
    work.plan(companies(12))
    ran = work.drain("--in-flight", 3, "--time-scale", 100)
    assert (0, {"answered": 12, "rate_limited": 3}) == (ran.code, outcomes())
    assert 1 == ran.err.count("alone")


def test_a_fresh_token_is_praised_only_once_eqc_took_it(job: NewJob, tmp_path: Path) -> None:
    """The request that tries it meets a 500: nobody knows yet whether it works."""
    (tmp_path / "token").write_text(TOKEN)
    work = job(faults=spans((Fault.UNAUTHORIZED, 2, 2), (Fault.SERVER_ERROR, 3, 3)))
    work.plan(companies(6))
    ran = work.drain("--token-file", tmp_path / "token")
    assert 0 == ran.code
    assert "fresh one" not in ran.err


def test_an_outage_says_what_was_wrong_last_and_that_it_is_probed(job: NewJob) -> None:
    """The cause stands in the warning and in the last line; so does for how long EQC is tried."""
    work = job(faults=spans((Fault.SERVER_ERROR, 1, None)))
    work.plan(companies(3))
    ran = work.drain()
    warning, last = (line for line in ran.err.splitlines() if "EQC " in line)
    assert "(server error (500)). Pending again: 1 failed name." in warning
    assert "It is tried once a minute, 10 times at most." in warning
    assert "and 10 probes in a row failed (server error (500))" in last


def test_a_session_with_nothing_to_ask_asks_nothing_whatever_failed_before(job: NewJob) -> None:
    """Failures in a row count from session to session, but only work that fails makes a session look."""
    work = job(faults=spans((Fault.SERVER_ERROR, 1, None)))
    work.plan(companies(1))
    assert 4 == work.drain("--budget", 3).code
    work.plan([""])
    before = outcomes()
    assert (0, before) == (work.drain().code, outcomes())
