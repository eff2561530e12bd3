"""The forecast of plan and report: what it takes from the ledger, and from the settings of drain."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.clock import utc_text
from eqcbatch.domain.forecast import RequestSample
from eqcbatch.domain.model import Endpoint, Outcome, Reply
from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import Faults
from tests.conftest import Run
from tests.drains import LEDGER, Job, companies, write_names
from tests.ledgers import ANSWERED, ask, change, pending, plan_names

NIGHTS = """
drain:
  budget: 10
  in-flight: auto
"""


@pytest.fixture
def forecast_of(eqcbatch: Run) -> Callable[..., dict[str, Any]]:
    """Ask the report for its forecast."""

    def ask(*options: object, **environment: str) -> dict[str, Any]:
        ran = eqcbatch("report", "--json", "--ledger", LEDGER, *options, **environment)
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.out)["forecast"]
        return found

    return ask


# settings


def test_plan_and_report_go_by_the_settings_of_drain(
    eqcbatch: Run, forecast_of: Callable[..., dict[str, Any]]
) -> None:
    """From its section, its variables, and over both from their own."""
    Path("eqcbatch.yml").write_text(NIGHTS, encoding="utf-8")
    planned = eqcbatch("plan", write_names(companies(100)), "--ledger", LEDGER, "--json")
    one_at_a_time = forecast_of("--in-flight", 1)

    assert 10 == json.loads(planned.out)["forecast"]["nights_p50"]
    assert (10, 10) == (forecast_of()["sessions_at_budget"], forecast_of()["nights_p50"])
    assert forecast_of()["hours_p50"] < 0.6 * one_at_a_time["hours_p50"]
    assert 5 == forecast_of(EQCBATCH_DRAIN_BUDGET="20")["nights_p50"]
    assert 20 == forecast_of(EQCBATCH_DRAIN_DAILY_BUDGET="5")["nights_p50"]
    assert 4 == forecast_of(EQCBATCH_DRAIN_BUDGET="20", EQCBATCH_REPORT_BUDGET="25")["nights_p50"]
    assert 50 == forecast_of(EQCBATCH_DRAIN_RATE="1/1h", EQCBATCH_DRAIN_MAX_MINUTES="122.5")["nights_p50"]


def test_a_night_ends_at_the_window_and_begins_as_the_latest_drain_did(
    forecast_of: Callable[..., dict[str, Any]], job: Callable[..., Job]
) -> None:
    """22:00 to 23:00 leaves room for an hour of requests, whatever the time is now."""
    work = job()
    work.plan(companies(1000))
    work.drain("--budget", 10)
    ten_o_clock = utc_text(datetime(2026, 11, 20, 22, 0).astimezone())
    change(LEDGER, f"UPDATE sessions SET started_at = '{ten_o_clock}'")

    found = forecast_of("--until", "23:00", "--budget", "all")
    assert None is found["sessions_at_budget"]
    assert 2 == found["nights_p50"]  # 990 requests at 10 a minute


def test_seconds_that_nobody_measured_may_be_set(
    forecast_of: Callable[..., dict[str, Any]], eqcbatch: Run
) -> None:
    """--latency, for an EQC that is known to be slower; after five answers it says nothing any more."""
    eqcbatch("plan", write_names(companies(100)), "--ledger", LEDGER)
    usual, slower = forecast_of(), forecast_of("--latency", "50-200")
    assert slower["hours_p50"] == pytest.approx(10 * usual["hours_p50"], rel=0.05)


# what the ledger says


def test_what_a_request_costs_is_read_from_those_that_were_sent(tmp_path: Path) -> None:
    """Their seconds, and after a failure those until the session went on."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司", "乙公司")
    with open_ledger(path) as ledger:
        name = pending(ledger, "甲公司")
        session = ledger.sessions.open(None)
        for outcome in (Outcome.RATE_LIMITED, Outcome.ANSWERED):
            booked = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
            ledger.requests.settle(booked, Reply(outcome, elapsed_s=7.5))
        ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 3, 0.0)
    change(path, "UPDATE requests SET finished_at = '2026-11-23T22:00:07.000000+00:00' WHERE id = 1")
    change(path, "UPDATE requests SET started_at = '2026-11-23T22:01:09.500000+00:00' WHERE id = 2")

    with open_ledger(path) as ledger:
        history = ledger.forecast_input.history()
    assert (RequestSample(7.5, 62.5), RequestSample(7.5, lowered=1)) == history.samples
    assert (2, 0) == (history.searches, history.settled)


def test_nights_in_which_eqc_never_answered_cost_no_requests_to_come(
    job: Callable[..., Job], forecast_of: Callable[..., dict[str, Any]]
) -> None:
    """Drains with a token that is dead, and one amid an outage, say nothing of how often a name is asked."""
    refused = job(token="another")
    refused.plan(companies(30))
    for _ in range(3):
        assert 5 == refused.drain().code
    down = job(faults=Faults({"500": 1.0}))
    assert 4 == down.drain("--retries", 0).code
    assert 30 == forecast_of()["requests_left"]


def test_an_outage_tells_nothing_of_how_long_a_request_takes(
    job: Callable[..., Job], forecast_of: Callable[..., dict[str, Any]]
) -> None:
    """Connections that are refused at once make no EQC faster than it was."""
    work = job()
    work.plan(companies(30))
    before = forecast_of()["hours_p50"]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        work.drain("--retries", 0, "--budget", 5, "--eqc-url", url)
    assert [5] == ask(LEDGER, "SELECT count(*) FROM requests WHERE outcome = 'network'")
    assert before == pytest.approx(forecast_of()["hours_p50"], rel=0.01)


def test_a_failed_name_that_comes_due_is_left_to_ask(
    job: Callable[..., Job], forecast_of: Callable[..., dict[str, Any]]
) -> None:
    """One that was given up is not."""
    work = job()
    work.plan(companies(3))
    work.drain("--budget", 3)
    change(LEDGER, "UPDATE names SET state = 'failed', reason = 'timeout', company_id = NULL, held = NULL")
    assert 0 == forecast_of()["requests_left"]
    change(LEDGER, "UPDATE names SET not_before = '2999-01-01T00:00:00+00:00'")
    assert 3 == forecast_of()["requests_left"]


def test_details_are_counted_once_a_company(
    job: Callable[..., Job], forecast_of: Callable[..., dict[str, Any]]
) -> None:
    """Two requests for each that is found, and none for what was fetched."""
    work = job()
    work.plan(companies(10))
    assert 30 == forecast_of("--details", "deferred")["requests_left"]

    work.drain()
    with open_ledger(LEDGER) as ledger:
        left = ledger.forecast_input.left(details=True)
    assert 0 == left.questions
    assert 0 < left.details <= 20

    work.drain("--details", "deferred")
    assert 0 == forecast_of("--details", "deferred")["requests_left"]


# what it says


def test_the_text_tells_each_gain_and_nothing_without_one(eqcbatch: Run) -> None:
    """More in flight saves hours, a larger budget nights; with both there is nothing to say."""
    eqcbatch("plan", write_names(companies(300)), "--ledger", LEDGER)
    usual = eqcbatch("report", "--ledger", LEDGER, "--budget", "100").out
    best = eqcbatch("report", "--ledger", LEDGER, "--budget", "all", "--in-flight", "auto").out

    assert "Left to ask: 300 requests, about 1 h 3 min of running time" in usual
    assert "in 3 nights." in usual
    assert "  drain --in-flight auto  30 min of running time instead of 1 h 3 min" in usual
    assert "  drain --budget all      a single drain instead of 3 nights" in usual
    assert "Left to ask: 300 requests, about 30 min of running time" in best
    assert "faster" not in best


def test_an_answer_is_no_harvest_of_itself(tmp_path: Path) -> None:
    """One request settles one question: as many are expected for as many."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *companies(3))
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(None)
        for raw in companies(3)[:2]:
            name = pending(ledger, raw)
            booked = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
            ledger.names.record_answer(name, ANSWERED, [], None, request_id=booked, session_id=session.id)
        history = ledger.forecast_input.history()
    assert (2, 2, 1.0) == (history.searches, history.settled, history.requests_a_question)
