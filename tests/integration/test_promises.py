"""The promises of docs/concepts.md that need no SIGKILL, each with the faults it is made against."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from urllib3.connection import HTTPConnection

from eqcbatch.file_locks import file_lock
from eqcbatch.ledger import writing
from eqcbatch.simulate import Faults, GeneratedRegistry, ListedRegistry, Simulator, describe
from eqcbatch.simulate.faults import Fault
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, Job, companies, outcomes, spans, write_names
from tests.ledgers import ask, states
from tests.processes import until

MIXED = {
    "500": 0.05,
    "reset": 0.03,
    "truncated": 0.04,
    "code500": 0.03,
    "404": 0.02,
    "error": 0.02,
    "503": 0.03,
}
NewJob = Callable[..., Job]
Simulate = Callable[..., Simulator]


# P1


def test_a_drain_that_cannot_take_its_turn_any_more_ends_cleanly(
    job: NewJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process was stopped with the pace file in its hand: what was answered until then is kept."""
    monkeypatch.setattr("eqcbatch.eqc.rate_limiter._PATIENCE_S", 0.2)
    work, over = job(), threading.Event()
    work.plan(companies(400))

    def hold() -> None:
        until(lambda: len(work.eqc.requests) >= 3)
        with file_lock(tmp_path / "pace.json.lock"):
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    ran = work.drain()
    over.set()
    holder.join()
    assert (8, True) == (ran.code, "held by a process of ours" in ran.err), ran.err
    assert ["error"] == ask(LEDGER, "SELECT exit_reason FROM sessions")
    assert "in_flight" not in outcomes()


def test_p1_every_planned_name_is_in_exactly_one_state(job: NewJob) -> None:
    """Whatever faults a drain meets, each planned name is in the ledger once, in one state."""
    work = job(faults=Faults(shares=MIXED, seed=5))
    names = companies(60)
    work.plan(names)
    work.drain()
    assert set(names) == set(states(LEDGER))
    with sqlite3.connect(LEDGER) as ledger, pytest.raises(sqlite3.IntegrityError):
        ledger.execute("UPDATE names SET state = 'somewhere'")
    ledger.close()


# P3


def test_p3_two_ledgers_share_one_rate(
    simulator: Simulate, start_eqcbatch: Callable[..., subprocess.Popen[str]], eqcbatch: Run
) -> None:
    """Two drains of one user at once keep EQC's limit together: not one violation."""
    eqc = simulator(rate=(20, 1.8))  # it sees what arrives, and a loaded machine holds that up
    for ledger in ("a", "b"):
        eqcbatch("plan", write_names(companies(30, ledger)), "--ledger", f"{ledger}.sqlite")
    running = [
        start_eqcbatch(
            *(
                "drain",
                "--ledger",
                f"{ledger}.sqlite",
                "--budget",
                "all",
                "--rate",
                "20/2s",
                "--eqc-url",
                eqc.url,
            ),
            EQCBATCH_EQC_TOKEN=TOKEN,
        )
        for ledger in ("a", "b")
    ]
    assert [0, 0] == [process.wait(60) for process in running]
    assert (60, 0) == (eqc.totals.requests, eqc.totals.violations)


def test_p3_a_restart_does_not_begin_a_new_window(job: NewJob) -> None:
    """Drains of five requests in quick succession keep the limit over all of them."""
    work = job(rate=(10, 0.9))
    work.plan(companies(30))
    started = time.monotonic()
    for _ in range(5):
        work.drain("--budget", "5", "--rate", "10/1s", "--time-scale", "1")
    assert time.monotonic() - started > 2.0
    assert (25, 0) == (work.eqc.totals.requests, work.eqc.totals.violations)


def test_p3_a_connection_that_takes_its_time_makes_no_burst(
    job: NewJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four requests leave 0.4 s behind their turns: the next four wait for them all the same."""
    connect = HTTPConnection.connect

    def connect_slowly(connection: HTTPConnection) -> None:
        time.sleep(0.4)
        connect(connection)

    monkeypatch.setattr(HTTPConnection, "connect", connect_slowly)
    work = job(rate=(4, 0.5))
    work.plan(companies(12))
    work.drain("--budget", "all", "--rate", "4/0.5s", "--time-scale", "1", "--in-flight", "4")
    assert (12, 0) == (work.eqc.totals.requests, work.eqc.totals.violations)


# P4


@pytest.mark.parametrize("budget", [1, 7, 23])
def test_p4_the_budget_counts_every_request(job: NewJob, budget: int) -> None:
    """Retries included, a session sends exactly its budget where there is more to ask."""
    work = job(faults=Faults(shares={"500": 0.3}, seed=1))
    work.plan(companies(40))
    ran = work.drain("--budget", budget, "--json")
    assert budget == work.eqc.totals.requests == json.loads(ran.out)["session"]["requests"]
    assert "budget" == json.loads(ran.out)["session"]["exit_reason"]


def test_p4_checks_of_a_renewed_token_count(job: NewJob, tmp_path: Path) -> None:
    """The light request after a renewal is booked and counted like any other."""
    token_file = tmp_path / "token"
    token_file.write_text("old")
    work = job(token="old")
    work.plan(companies(5))
    work.eqc.set_token("new")
    token_file.write_text("new")
    ran = work.drain("--token-file", token_file, "--json", "--budget", 6)
    assert 6 >= json.loads(ran.out)["session"]["requests"] == work.eqc.totals.requests


def test_without_a_budget_given_five_requests_are_sent_and_the_next_step_is_said(
    simulator: Simulate, eqcbatch: Run
) -> None:
    """The default budget is 5: it says so, and says what to type next."""
    eqc = simulator()
    eqcbatch("plan", write_names(companies(9)), "--ledger", LEDGER)
    ran = eqcbatch("drain", "--ledger", LEDGER, "--eqc-url", eqc.url, EQCBATCH_EQC_TOKEN=TOKEN)
    assert (0, 5) == (ran.code, eqc.totals.requests)
    assert "5 of 5 requests in the budget" in ran.out
    assert "Next: eqcbatch drain --resume --budget" in ran.out


def test_the_daily_budget_reaches_over_sessions(job: NewJob) -> None:
    """Of 12 requests a day, a second session gets what the first left, a third none."""
    work = job()
    work.plan(companies(30))
    reasons = [
        json.loads(work.drain("--daily-budget", 12, "--budget", 8, "--json").out)["session"] for _ in range(3)
    ]
    assert [8, 4, 0] == [session["requests"] for session in reasons]
    assert ["budget", "daily_budget", "daily_budget"] == [session["exit_reason"] for session in reasons]


def test_no_request_starts_that_could_not_end_before_the_deadline(job: NewJob) -> None:
    """With a timeout longer than the time left, nothing is sent."""
    work = job()
    work.plan(companies(3))
    ran = work.drain("--max-minutes", "0.1", "--timeout", "10s", "--json")
    session = json.loads(ran.out)["session"]
    assert (0, 0, "deadline") == (ran.code, session["requests"], session["exit_reason"])
    assert "deadline" == ask(LEDGER, "SELECT exit_reason FROM sessions")[0]


# P5


def test_p5_a_postgres_outage_stops_no_drain_and_loses_nothing(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """With Postgres away the drain decides every name and exits 7; a later flush brings all of it."""
    work = job()
    work.plan(companies(20))
    away = "postgresql://nobody@127.0.0.1:1/none"
    ran = work.drain(EQCBATCH_DATABASE_URL=away)
    assert 7 == ran.code
    resolved = work.report()["resolved"]
    assert 0 == work.report()["names"]["pending"] == resolved["flushed"]
    flushed = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    again = eqcbatch("flush", "--ledger", LEDGER, "--json", EQCBATCH_DATABASE_URL=database_url)
    assert (0, 0) == (flushed.code, json.loads(again.out)["flushed"])
    assert resolved["unflushed"] == work.report()["resolved"]["flushed"]


def test_p5_low_confidence_never_reaches_postgres(job: NewJob, database_url: str) -> None:
    """Answers by pinyin are held; none of them is in the index."""
    work = job(registry=GeneratedRegistry(1, unknown=0, exact=0.3, fuzzy=0.3, pinyin=0.4))
    work.plan(companies(30))
    assert 0 == work.drain(EQCBATCH_DATABASE_URL=database_url).code
    held = set(ask(LEDGER, "SELECT lookup_key FROM names WHERE held IS NOT NULL"))
    with psycopg.connect(database_url) as connection:
        stored = {key for (key,) in connection.execute("SELECT lookup_key FROM enterprise.enrichment_index")}
    assert held
    assert set() == held & stored
    assert set(companies(30)) == held | stored


# P6


def fault_free(simulator: Simulate, eqcbatch: Run, names: list[str]) -> dict[str, str]:
    eqcbatch("plan", write_names(names), "--ledger", "calm.sqlite")
    eqc = simulator()
    eqcbatch(
        *("drain", "--ledger", "calm.sqlite", "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url),
        EQCBATCH_EQC_TOKEN=TOKEN,
    )
    return states(Path("calm.sqlite"))


@pytest.mark.parametrize(
    "kind",
    [Fault.SERVER_ERROR, Fault.RESET, Fault.TRUNCATED, Fault.CODE_500, Fault.NOT_FOUND],
    ids=str,
)
def test_p6_a_total_outage_in_the_middle_fails_no_name_and_exits_4(
    job: NewJob, simulator: Simulate, eqcbatch: Run, kind: Fault
) -> None:
    """From request 12 on everything fails: the streak is pending, no round counted; later all ends well."""
    names = companies(25)
    calm = fault_free(simulator, eqcbatch, names)
    work = job(faults=spans((kind, 12, 40)))
    work.plan(names)
    ran = work.drain("--json")
    assert (4, True) == (ran.code, "resume" in ran.err)
    seen = states(LEDGER)
    failed = [state for state in seen.values() if state.startswith("failed")]
    assert len(failed) == json.loads(ran.out)["session"]["failed"], "names that are pending have not failed"
    assert {state for name, state in seen.items() if state != calm[name]} == {"pending"}
    assert [0] == ask(LEDGER, "SELECT DISTINCT attempts FROM names WHERE state = 'pending'")
    while "pending" in states(LEDGER).values():
        assert work.drain().code in (0, 4)
    assert calm == states(LEDGER)


def test_p6_a_short_outage_is_sat_out(job: NewJob, simulator: Simulate, eqcbatch: Run) -> None:
    """When a probe is answered the same session goes on to the end."""
    names = companies(20)
    calm = fault_free(simulator, eqcbatch, names)
    work = job(faults=spans((Fault.UNAVAILABLE, 8, 14)))
    work.plan(names)
    ran = work.drain()
    assert (0, calm) == (ran.code, states(LEDGER))
    assert "EQC answers again" in ran.err


def test_p6_a_wrong_url_exits_4_and_decides_nothing(job: NewJob) -> None:
    """A URL under which nothing is found leaves every name pending."""
    work = job()
    work.plan(companies(6))
    ran = work.drain("--eqc-url", work.eqc.url + "/wrong")
    assert (4, {"pending"}) == (ran.code, set(states(LEDGER).values()))


def test_p6_nobody_listening_exits_4_even_within_a_small_budget(job: NewJob) -> None:
    """Three failures and no answer are an outage, too."""
    work = job()
    work.plan(companies(6))
    ran = work.drain("--eqc-url", "http://127.0.0.1:9", "--budget", 3)
    assert (4, {"pending"}) == (ran.code, set(states(LEDGER).values()))


def test_p6_one_name_that_eqc_chokes_on_is_no_outage(job: NewJob) -> None:
    """When the light request is answered the name fails, with a round counted and a time for the next."""
    work = job(faults=spans((Fault.SERVER_ERROR, 1, 3)))
    work.plan(companies(1))
    work.drain("--budget", 4)
    assert ["failed/server_error"] == list(states(LEDGER).values())
    assert [1] == ask(LEDGER, "SELECT attempts FROM names WHERE not_before IS NOT NULL")


def test_p6_a_small_budget_hides_no_outage(job: NewJob, eqcbatch: Run) -> None:
    """Each of three sessions with a budget of 5 meets nothing but failures: each exits 4."""
    work = job()
    work.plan(companies(8))
    for _ in range(3):
        ran = work.drain("--budget", 5, "--eqc-url", "http://127.0.0.1:1")
        assert (4, {"pending"}) == (ran.code, set(states(LEDGER).values()))


def test_p6_names_that_eqc_chokes_on_are_no_outage_and_hold_up_no_other(job: NewJob) -> None:
    """Five failures in a row, but what EQC knew before it still knows: each name fails for itself."""
    work = job(faults=spans((Fault.SERVER_ERROR, 2, 6), (Fault.SERVER_ERROR, 8, 8)))
    work.plan(companies(5))
    work.drain("--budget", 9)
    assert {"resolved": 2, "failed/server_error": 2, "pending": 1} == Counter(states(LEDGER).values())
    assert {"search": 9} == work.report()["requests"]["by_endpoint"]


@pytest.mark.parametrize("kind", [Fault.UNAUTHORIZED, Fault.EXPIRED, Fault.HTML, Fault.REDIRECT], ids=str)
def test_p6_a_dead_token_exits_5_and_decides_nothing(job: NewJob, kind: Fault) -> None:
    """401, TokenExpired, a login page and a redirect to one: the name is pending, no round counted."""
    work = job(faults=spans((kind, 4, None)))
    work.plan(companies(8))
    ran = work.drain()
    assert (5, 4) == (ran.code, work.eqc.totals.requests)
    assert 5 == list(states(LEDGER).values()).count("pending")
    assert "drain --resume" in ran.err


def test_a_dead_token_is_renewed_by_the_command_and_the_drain_goes_on(job: NewJob, tmp_path: Path) -> None:
    """One refused request, one check of the fresh token, and every name is decided in the same session."""
    work = job(token="first")
    work.plan(companies(12))
    work.drain("--budget", 5, EQCBATCH_EQC_TOKEN="first")
    work.eqc.set_token("second")
    process = tmp_path / "fetch.py"
    process.write_text("print('second')", encoding="utf-8")
    ran = work.drain("--token-command", f'"{sys.executable}" "{process}"')
    assert (0, 0) == (ran.code, work.report()["names"]["pending"])


def test_a_token_that_dies_inside_retries_is_renewed_there(job: NewJob, tmp_path: Path) -> None:
    """A 500, then a 401 on its retry: the token is renewed and the name decided."""
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    work = job(faults=spans((Fault.SERVER_ERROR, 2, 2), (Fault.UNAUTHORIZED, 3, 3)))
    work.plan(companies(4))
    ran = work.drain("--token-file", token_file)
    assert (0, 0) == (ran.code, work.report()["names"]["pending"])
    assert {"auth": 1, "server_error": 1} == {
        outcome: count for outcome, count in outcomes().items() if outcome in ("auth", "server_error")
    }


def test_p6_a_sudden_run_of_empty_answers_is_doubted_and_taken_back(
    job: NewJob, simulator: Simulate, eqcbatch: Run
) -> None:
    """When EQC no longer finds what it found before, the empties are no "no match": pending again, exit 4."""
    names = companies(60)
    calm = fault_free(simulator, eqcbatch, names)
    work = job(faults=spans((Fault.EMPTY, 21, 45)))
    work.plan(names)
    ran = work.drain()
    assert 4 == ran.code
    seen = states(LEDGER)
    assert {state for name, state in seen.items() if state != calm[name]} == {"pending"}
    while work.eqc.totals.requests < 45:
        work.drain()
    assert 0 == work.drain().code
    assert calm == states(LEDGER)


def test_a_run_of_genuine_empties_costs_one_request_and_stands(job: NewJob) -> None:
    """Names that nobody knows stay `not_found` when EQC still finds what it found before."""
    known = [describe(name) for name in companies(30)]
    work = job(registry=ListedRegistry(known))
    work.plan([*companies(30) * 2, *("甲乙丙丁" + chr(0x4E00 + n) * 3 for n in range(40, 65))])
    ran = work.drain()
    assert 0 == ran.code
    assert 25 == list(states(LEDGER).values()).count("failed/not_found")
    assert (1, 25) == (work.eqc.totals.repeats, outcomes()["not_found"])


def test_repeated_429_exits_6_and_a_block_too(job: NewJob) -> None:
    """Three 429 in a row, or a 403 that bare headers do not cure: the names stay pending."""
    for faults, requests in ((spans((Fault.TOO_MANY, 3, None)), 5), (spans((Fault.FORBIDDEN, 3, None)), 4)):
        LEDGER.unlink(missing_ok=True)
        Path("l.sqlite.answers.sqlite").unlink(missing_ok=True)
        Path("pace.json").unlink(missing_ok=True)
        work = job(faults=faults, retry_after="none")
        work.plan(companies(6))
        ran = work.drain()
        assert (6, requests) == (ran.code, work.eqc.totals.requests)
        assert 4 == list(states(LEDGER).values()).count("pending")


def test_one_429_pauses_and_slows_the_session(job: NewJob) -> None:
    """A single 429 is waited out, for a minute where it does not say how long; the drain ends well."""
    work = job(faults=spans((Fault.TOO_MANY, 3, 3)), retry_after="none")
    work.plan(companies(6))
    ran = work.drain()
    assert (0, 1, 0) == (ran.code, outcomes()["rate_limited"], work.report()["names"]["pending"])


def test_a_403_is_cured_by_bare_headers(job: NewJob) -> None:
    """One 403 is answered by one more request with the token header alone, and so for the rest."""
    work = job(faults=spans((Fault.FORBIDDEN, 3, 3)))
    work.plan(companies(5))
    assert 0 == work.drain().code
    assert ["accept" in seen.headers for seen in work.eqc.requests] == [True] * 3 + [False] * 3


# P7


def test_p7_the_accounts_balance_after_every_fault(job: NewJob, eqcbatch: Run) -> None:
    """Rows, names and requests add up after a drain with a fifth of all requests failing."""
    work = job(faults=Faults(shares=MIXED, seed=11))
    work.plan([*companies(50), " ", "无", *companies(10)])
    for _ in range(4):
        work.drain()
    report = work.report()
    assert report["balanced"]
    assert (
        62
        == report["rows"]["total"]
        == 2 + sum(report["rows"][s] for s in ("pending", "cached", "resolved", "failed"))
    )
    assert (
        work.eqc.totals.requests
        == report["requests"]["total"]
        == sum(report["requests"]["by_outcome"].values())
    )
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code


# P9


def test_p9_a_second_drain_names_the_holder_and_leaves(job: NewJob) -> None:
    """While the ledger is held a drain exits 8 within 5 s and names who holds it; reading still works."""
    work = job()
    work.plan(companies(3))
    held = threading.Event()
    done = threading.Event()

    def hold() -> None:
        with writing(LEDGER, "drain"):
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    started = time.monotonic()
    ran = work.drain()
    done.set()
    holder.join()
    assert (8, True) == (ran.code, time.monotonic() - started < 5)
    assert f"pid {os.getpid()}" in ran.err
    assert 3 == work.report()["names"]["pending"]


# Names that are asked again


def test_retry_failed_begins_anew_and_supersedes_only_what_it_asks(job: NewJob) -> None:
    """A given-up name is asked again by --retry-failed; a `not_found` only where its reason is named."""
    work = job(registry=GeneratedRegistry(1, unknown=0.4), faults=spans((Fault.ERROR, 2, 3)))
    work.plan(companies(12))
    work.drain()
    refused = [name for name, state in states(LEDGER).items() if state == "failed/refused"]
    unknown = [name for name, state in states(LEDGER).items() if state == "failed/not_found"]
    before = work.eqc.totals.requests
    work.drain("--retry-failed")
    assert (2, before + 2) == (len(refused), work.eqc.totals.requests)
    unknown = [name for name, state in states(LEDGER).items() if state == "failed/not_found"]
    work.drain("--retry-failed", "--reason", "not_found")
    canary = 1  # a session that finds nothing asks for what EQC knew
    assert before + 2 + len(unknown) + canary == work.eqc.totals.requests


def test_unknown_names_are_asked_again_portion_by_portion(
    job: NewJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heaviest first; a night does not wait until all of a year are pending, and none is left out."""
    work = job(registry=GeneratedRegistry(1, unknown=0.4))
    work.plan([name for weight, name in enumerate(companies(12), start=1) for _ in range(weight)])
    work.drain()
    heaviest = ask(LEDGER, "SELECT lookup_key FROM names WHERE reason = 'not_found' ORDER BY weight DESC")
    assert len(heaviest) >= 4
    monkeypatch.setattr("eqcbatch.drain.requeue.PORTION", 2)

    work.drain("--retry-failed", "--reason", "not_found", "--budget", 1)
    states_now = Counter(states(LEDGER)[key] for key in heaviest)
    assert {"failed/not_found": len(heaviest) - 1, "pending": 1} == states_now
    work.drain("--retry-failed", "--reason", "not_found")
    assert {"failed/not_found"} == {states(LEDGER)[key] for key in heaviest}
    asked = Counter(request.parameter for request in work.eqc.requests)
    assert [3, *[2] * (len(heaviest) - 1)] == [asked[key] for key in heaviest]


def test_auto_begins_with_five_requests_and_goes_by_what_it_measures(job: NewJob) -> None:
    """Once answers are known to come in a tenth of the time that the rate asks for, two are enough."""
    work = job(latency=(0.3, 0.3))
    work.plan(companies(20))
    for budget in (6, 8):
        work.drain("--in-flight", "auto", "--rate", "20/60s", "--time-scale", "1", "--budget", budget)
    at_once = """SELECT r.session_id, count(*) AS at_once FROM requests r JOIN requests other
                 ON other.started_at <= r.started_at AND other.finished_at > r.started_at GROUP BY r.id"""
    assert [5, 2] == ask(LEDGER, f"SELECT max(at_once) FROM ({at_once}) GROUP BY session_id")


def test_names_with_one_query_share_one_request(job: NewJob) -> None:
    """Two keys that ask EQC the same are one request and one replay."""
    work = job()
    work.plan(["原平市第一建筑公司", "（原平市第一建筑公司", "X", "-X"])
    work.drain()
    queries = ask(LEDGER, "SELECT query FROM names")
    report = work.report()["requests"]
    assert len(set(queries)) == report["total"] == work.eqc.totals.requests
    assert len(queries) - len(set(queries)) == report["replays"]


def test_a_token_that_dies_after_an_outage_is_renewed_all_the_same(job: NewJob, tmp_path: Path) -> None:
    """An outage that was sat out does not count as a renewal that failed."""
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    work = job(faults=spans((Fault.SERVER_ERROR, 3, 7), (Fault.UNAUTHORIZED, 9, 9)))
    work.plan(companies(6))
    ran = work.drain("--token-file", token_file)
    assert (0, 0) == (ran.code, work.report()["names"]["pending"])
    assert {"auth": 1, "server_error": 5} == {
        outcome: count for outcome, count in outcomes().items() if outcome in ("auth", "server_error")
    }


# One answer for more than one name


def test_an_answer_decides_every_pending_name_that_one_of_its_companies_bears(
    job: NewJob, database_url: str
) -> None:
    """A near miss in the answer to one name is the company of another: one request, two names resolved."""
    known = [describe(f"北京长城{word}有限公司") for word in ("科技", "科技服务", "科技发展")]
    twins = [describe("北京长城科技园有限公司", company_id=number) for number in ("600000001", "600000002")]
    work = job(registry=ListedRegistry([*known, *twins]))
    names = [company.official_name for company in (*known, twins[0])]
    work.plan(["北京长城科技有限公司", *names])
    assert 0 == work.drain(EQCBATCH_DATABASE_URL=database_url).code
    sources = dict(ask(LEDGER, "SELECT lookup_key, source FROM names"))
    assert ["eqc", "harvest", "harvest", "eqc"] == [sources[name] for name in names]
    assert 2 == work.eqc.totals.requests
    kept = ask(LEDGER, "SELECT lookup_key, company_id FROM names WHERE held IS NULL")
    assert {company.official_name: company.company_id for company in known} == dict(kept)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT DISTINCT source FROM enterprise.enrichment_index").fetchall()
    assert [("eqc_api",)] == rows
