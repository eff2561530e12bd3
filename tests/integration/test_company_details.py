"""drain --details deferred: findDepart and findLabels, once a company, into ledger and enterprise.base_info.

All promises of docs/concepts.md hold for these requests, too.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlite_utils import Database

from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.domain.model import Endpoint, Held, Outcome, PendingDetail, Reply
from eqcbatch.domain.model.companies import CompanyFacts, CompanyInfo
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.ledger import open_ledger
from eqcbatch.ledger.companies import Companies
from eqcbatch.ledger.requests import Requests
from eqcbatch.postgres import Postgres
from eqcbatch.simulate import Faults, Simulator, Span, describe, wire
from eqcbatch.simulate.faults import Fault
from eqcbatch.simulate.registry import Company
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job, companies
from tests.indexes import execute, select, standing
from tests.ledgers import ask, change, plan_names, resolve, verdict

pytestmark = pytest.mark.every_schema

NewJob = Callable[..., Job]
COMPANIES = [describe(name, company_id=f"60000000{at}") for at, name in enumerate(companies(6))]
NAMES = [company.official_name for company in COMPANIES]
DETAILS = ("findDepart", "findLabels")
DEFERRED = ("--details", "deferred")


def spans(kind: Fault, *serials: int) -> Faults:
    """Just these requests go wrong."""
    return Faults(between=tuple(Span(kind, serial, serial) for serial in serials))


def from_on(kind: Fault, first: int, last: int | None = None) -> Faults:
    return Faults(between=(Span(kind, first, last),))


def asked(eqc: Simulator) -> Counter[tuple[str, str | None]]:
    """How often each detail was asked, by endpoint and company."""
    return Counter((seen.endpoint, seen.parameter) for seen in eqc.requests if seen.endpoint in DETAILS)


def once(known: Iterable[Company]) -> Counter[tuple[str, str | None]]:
    return Counter((endpoint, company.company_id) for company in known for endpoint in DETAILS)


def kept() -> dict[str, tuple[Any, Any]]:
    """What the ledger has of each company from findDepart and findLabels."""
    return {
        company_id: (json.loads(info or "null"), json.loads(labels or "null"))
        for company_id, info, labels in ask(LEDGER, "SELECT company_id, business_info, labels FROM companies")
    }


def told(known: Iterable[Company]) -> dict[str, tuple[Any, Any]]:
    """What EQC has to say of each company."""
    return {company.company_id: (wire.business_info(company), wire.labels(company)) for company in known}


def attempts() -> set[tuple[int, int]]:
    return set(ask(LEDGER, "SELECT business_info_attempts, labels_attempts FROM companies"))


# asking


@pytest.mark.parametrize("in_flight", [1, 3])
def test_each_company_is_asked_once_for_each_detail(job: NewJob, in_flight: int) -> None:
    """After all names, findDepart and findLabels, whole into the ledger; a second drain asks nothing."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)

    ran = work.drain(*DEFERRED, "--in-flight", in_flight)

    assert (0, once(COMPANIES), told(COMPANIES)) == (ran.code, asked(work.eqc), kept())
    assert "Fetched 12 details of companies, 0 failed, " in ran.out
    first = [seen.endpoint for seen in work.eqc.requests][: len(NAMES)]
    assert ["search"] * len(NAMES) == first
    assert 0 == work.drain(*DEFERRED).code
    assert 18 == work.eqc.totals.requests == work.report()["requests"]["total"]
    assert work.report()["balanced"]


def test_names_that_share_a_company_share_its_details(job: NewJob) -> None:
    """Today's name, a former one and a decorated one are one company: two requests."""
    company = describe("北京长城实业有限公司", former_names=("北京旧城实业有限公司",))
    work = job(registry=Bearers([company]))
    work.plan(["北京长城实业有限公司", "北京旧城实业有限公司", "北京长城实业有限公司-已转出-养老"])

    assert 0 == work.drain(*DEFERRED).code

    assert {company.company_id} == set(ask(LEDGER, "SELECT company_id FROM names"))
    assert once([company]) == asked(work.eqc)


def test_without_the_option_no_detail_is_asked(job: NewJob) -> None:
    """And a later drain with it asks what the earlier one left, though no name is pending any more."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    assert (0, Counter()) == (work.drain().code, asked(work.eqc))
    assert (0, once(COMPANIES)) == (work.drain(*DEFERRED).code, asked(work.eqc))


def test_no_detail_is_asked_of_a_held_or_a_retired_name(job: NewJob) -> None:
    """A held answer names no company yet; a name that no run needs costs nothing more."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain()
    change(
        LEDGER,
        "UPDATE names SET held = 'low_confidence' WHERE company_id = '600000000'",
        "UPDATE names SET rows = 0 WHERE company_id = '600000001'",
    )
    work.drain(*DEFERRED)
    assert once(COMPANIES[2:]) == asked(work.eqc)


def test_a_company_that_a_review_takes_away_is_not_asked_any_more(job: NewJob) -> None:
    """Registered, not yet asked, then held: its details are not due."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain(*DEFERRED, "--budget", len(NAMES) + 1)
    change(LEDGER, "UPDATE names SET held = 'ambiguous' WHERE company_id = '600000005'")
    work.drain(*DEFERRED)
    assert once(COMPANIES[:5]) == asked(work.eqc)


def test_the_heaviest_company_comes_first_with_both_its_details(job: NewJob) -> None:
    """By the weight of all its names."""
    work = job(registry=Bearers(COMPANIES))
    work.plan([NAMES[2], NAMES[2], *NAMES])
    work.drain(*DEFERRED)
    order = [(seen.endpoint, seen.parameter) for seen in work.eqc.requests if seen.endpoint in DETAILS]
    assert [("findDepart", "600000002"), ("findLabels", "600000002")] == order[:2]


def test_the_budget_ends_a_session_amid_details_and_the_next_one_goes_on(job: NewJob) -> None:
    """Requests of details are requests, and so is the light one with which a session without names begins."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    for budget, sent, reason in ((9, 9, "budget"), (5, 14, "budget"), (9, 20, "queue_empty")):
        session = json.loads(work.drain(*DEFERRED, "--budget", budget, "--json").out)["session"]
        assert (sent, reason) == (work.eqc.totals.requests, session["exit_reason"])
    assert (once(COMPANIES), told(COMPANIES)) == (asked(work.eqc), kept())


def test_details_count_for_the_daily_budget(job: NewJob) -> None:
    """Of ten requests a day six go to names, four to details."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain(*DEFERRED, "--daily-budget", 10)
    assert (
        "daily_budget"
        == json.loads(work.drain(*DEFERRED, "--daily-budget", 10, "--json").out)["session"]["exit_reason"]
    )
    assert (10, 4) == (work.eqc.totals.requests, sum(asked(work.eqc).values()))


def test_details_keep_the_rate(job: NewJob) -> None:
    """Six names and their details at 8 in 1.5 s, three in flight: not one violation."""
    work = job(registry=Bearers(COMPANIES), rate=(8, 1.5))
    work.plan(NAMES)
    options = ("--rate", "8/1.5s", "--time-scale", 1, "--in-flight", 3)
    assert 0 == work.drain(*DEFERRED, *options).code
    assert (18, 0) == (work.eqc.totals.requests, work.eqc.totals.violations)


def test_a_wrong_url_amid_details_exits_4_and_settles_none(job: NewJob, eqcbatch: Run) -> None:
    """With nothing but details left to ask, the 404 of another server is no "no such company"."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain()
    assert 4 == work.drain(*DEFERRED, "--eqc-url", f"{work.eqc.url}/elsewhere").code
    assert set() == {endpoint for endpoint, _ in asked(work.eqc)}
    settled = "SELECT 1 FROM companies WHERE coalesce(business_info_at, labels_at) IS NOT NULL"
    assert [] == ask(LEDGER, settled)


def test_no_such_company_settles_a_detail(job: NewJob) -> None:
    """A 404 or an empty object is an answer: it is asked once, and the search answer is kept all the same."""

    class Forgetful(Bearers):
        def company(self, company_id: str) -> None:
            """Know none."""

    work = job(registry=Forgetful(COMPANIES[:3]))
    work.plan(NAMES[:3])
    assert 0 == work.drain(*DEFERRED).code
    assert 0 == work.drain(*DEFERRED).code
    assert once(COMPANIES[:3]) == asked(work.eqc)
    assert {(None, None)} == set(kept().values())
    assert 3 == len(ask(LEDGER, "SELECT search_answer FROM companies WHERE search_answer IS NOT NULL"))


def test_failed_names_that_are_due_come_before_the_next_detail(job: NewJob) -> None:
    """Details use the time until a failed name's next round; they do not wait for it, nor it for them."""
    work = job(registry=Bearers(COMPANIES), faults=spans(Fault.SERVER_ERROR, 6), latency=(0.05, 0.05))
    work.plan(NAMES)
    work.drain(*DEFERRED, "--retries", 0)
    order = [seen.endpoint for seen in work.eqc.requests]
    again = [at for at, endpoint in enumerate(order) if endpoint == "search"][-1]
    assert len(NAMES) < again < len(order) - 1
    assert once(COMPANIES) == asked(work.eqc)


# what goes wrong


def test_a_failing_endpoint_does_not_lose_the_other(job: NewJob) -> None:
    """findDepart fails for every company, findLabels is kept; the next session asks findDepart alone."""
    serials = range(len(NAMES) + 1, len(NAMES) + 13, 2)
    work = job(registry=Bearers(COMPANIES), faults=spans(Fault.SERVER_ERROR, *serials))
    work.plan(NAMES)

    ran = work.drain(*DEFERRED, "--retries", 0)

    assert "Fetched 6 details of companies, 6 failed, " in ran.out
    assert {company: (None, labels) for company, (_, labels) in told(COMPANIES).items()} == kept()
    assert {(1, 0)} == attempts()
    assert 0 == work.drain(*DEFERRED).code
    assert told(COMPANIES) == kept()
    assert {("findDepart", 2), ("findLabels", 1)} == {(end, n) for (end, _), n in asked(work.eqc).items()}


def test_a_detail_has_one_round_a_session_and_three_in_all(job: NewJob) -> None:
    """The first company's findDepart never works: three sessions try it, the fourth sends nothing."""
    work = job(registry=Bearers(COMPANIES[:2]), faults=spans(Fault.ERROR, 3, 8, 10))
    work.plan(NAMES[:2])
    sent = []
    for _ in range(4):
        assert 0 == work.drain(*DEFERRED).code
        sent.append(work.eqc.totals.requests)
    assert [6, 8, 10, 10] == sent
    assert {(3, 0), (0, 0)} == attempts()


def test_an_outage_amid_details_stops_the_session_and_counts_for_nothing(
    job: NewJob, simulator: Callable[..., Simulator], eqcbatch: Run
) -> None:
    """Exit 4, no detail is settled or counted as failed; with EQC back, all of them come."""
    work = job(registry=Bearers(COMPANIES), faults=from_on(Fault.UNAVAILABLE, 9))
    work.plan(NAMES)

    ran = work.drain(*DEFERRED)

    assert (4, {(0, 0)}) == (ran.code, attempts())
    assert 1 == sum(info is not None for info, _ in kept().values())
    assert "Traceback" not in ran.err
    again = Job(eqcbatch, simulator(registry=Bearers(COMPANIES)))
    assert 0 == again.drain(*DEFERRED).code
    assert told(COMPANIES) == kept()
    assert once(COMPANIES[1:]) == asked(again.eqc)


def test_a_short_outage_amid_details_is_sat_out(job: NewJob) -> None:
    """Seven failures in a row, then all is well: every detail is there, no round is counted."""
    work = job(registry=Bearers(COMPANIES), faults=from_on(Fault.UNAVAILABLE, 9, 15))
    work.plan(NAMES)
    assert 0 == work.drain(*DEFERRED).code
    assert (told(COMPANIES), {(0, 0)}) == (kept(), attempts())


def test_companies_that_eqc_chokes_on_are_no_outage_and_hold_up_no_other(job: NewJob) -> None:
    """Five failures in a row, but EQC tells again what it told before: the round counts, the rest goes on."""
    work = job(registry=Bearers(COMPANIES), faults=from_on(Fault.SERVER_ERROR, 9, 13))
    work.plan(NAMES)
    ran = work.drain(*DEFERRED, "--retries", 0)
    assert (0, 19) == (ran.code, work.eqc.totals.requests)
    assert "Fetched 7 details of companies, 5 failed, " in ran.out
    assert {(0, 0), (1, 1), (1, 0)} == attempts()
    assert (0, told(COMPANIES)) == (work.drain(*DEFERRED).code, kept())


@pytest.mark.parametrize("kind", [Fault.NOT_FOUND, Fault.EMPTY])
def test_a_sudden_run_of_details_not_found_is_doubted_and_taken_back(
    job: NewJob, simulator: Callable[..., Simulator], eqcbatch: Run, kind: Fault
) -> None:
    """EQC that has none of what it had before is ill: exit 4, nothing is "no details", all come later."""
    known = [describe(name) for name in companies(14)]
    work = job(registry=Bearers(known), faults=from_on(kind, 19))
    work.plan([company.official_name for company in known])

    ran = work.drain(*DEFERRED)

    assert (4, 18 + 20 + 1) == (ran.code, work.eqc.totals.requests)
    assert 4 == sum((info is not None) + (labels is not None) for info, labels in kept().values())
    again = Job(eqcbatch, simulator(registry=Bearers(known)))
    assert (0, told(known)) == (again.drain(*DEFERRED).code, kept())


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Fault.UNAUTHORIZED, 5), (Fault.EXPIRED, 5), (Fault.HTML, 5), (Fault.FORBIDDEN, 6), (Fault.TOO_MANY, 6)],
)
def test_a_token_or_a_block_amid_details_ends_the_session_and_settles_none(
    job: NewJob, kind: Fault, code: int
) -> None:
    """The exit code says why, as for searches; nothing is "no details"."""
    work = job(registry=Bearers(COMPANIES), faults=from_on(kind, 8), retry_after="none")
    work.plan(NAMES)
    assert (code, {(0, 0)}) == (work.drain(*DEFERRED).code, attempts())
    assert 1 == len(ask(LEDGER, "SELECT 1 FROM companies WHERE business_info_at IS NOT NULL"))
    assert [] == ask(LEDGER, "SELECT 1 FROM companies WHERE labels_at IS NOT NULL")


def test_a_dead_token_amid_details_is_renewed(job: NewJob, tmp_path: Any) -> None:
    """A fresh one from the file, and the drain goes on where it was."""
    work = job(registry=Bearers(COMPANIES), faults=spans(Fault.UNAUTHORIZED, 9))
    token = tmp_path / "token"
    token.write_text("T-marked-3f9c")
    work.plan(NAMES)
    assert 0 == work.drain(*DEFERRED, "--token-file", token).code
    assert told(COMPANIES) == kept()


def test_an_archived_detail_is_not_asked_again(job: NewJob) -> None:
    """What the ledger does not have, as after a kill, it takes from the archive: replays, no request."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain(*DEFERRED)
    change(
        LEDGER,
        "UPDATE companies SET business_info = NULL, business_info_at = NULL",
        "UPDATE companies SET labels = NULL, labels_at = NULL, search_answer = NULL",
    )
    session = json.loads(work.drain(*DEFERRED, "--json").out)["session"]
    assert (0, 12, told(COMPANIES)) == (session["requests"], session["replays"], kept())
    assert 18 == work.eqc.totals.requests


def test_a_detail_in_flight_when_its_session_died_is_completed_from_the_archive(job: NewJob) -> None:
    """Its request becomes `answered` where the archive has the answer, `unknown` where it has none."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    work.drain(*DEFERRED, "--budget", 9)
    change(
        LEDGER,
        "UPDATE requests SET outcome = 'in_flight', finished_at = NULL WHERE id = 9",
        "UPDATE companies SET business_info = NULL, business_info_at = NULL WHERE company_id = '600000001'",
        """INSERT INTO requests (session_id, company_id, endpoint, attempt, started_at)
           SELECT 1, '600000001', 'findLabels', 1, '2999-01-01T00:00:00.000000+00:00'""",
        "UPDATE sessions SET ended_at = NULL, exit_reason = NULL, requests = requests + 1",
    )
    assert 0 == work.drain(*DEFERRED).code
    assert ["answered", "unknown"] == ask(LEDGER, "SELECT outcome FROM requests WHERE id IN (9, 10)")
    assert told(COMPANIES) == kept()
    assert 1 == asked(work.eqc)["findDepart", "600000001"]


# the ledger


def test_the_next_detail_and_what_is_to_flush_are_found_without_a_scan_or_a_sort(tmp_path: Any) -> None:
    """Both questions walk their partial index, whatever the number of companies."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    statements: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_trace_callback(statements.append)
        room = Companies(Database(connection), Requests(Database(connection), SYSTEM_CLOCK), SYSTEM_CLOCK)
        room.next_details(1, limit=2)
        room.due(10, after="5", refused=True)
        room.queries_offering("600000001")

    plans = [
        " / ".join(detail for *_, detail in ask(path, f"EXPLAIN QUERY PLAN {statement}"))
        for statement in statements
        if statement.startswith("SELECT")
    ]

    assert ["companies_to_ask", "companies_to_flush", "candidates_by_company"] == [
        next(
            name
            for name in ("companies_to_ask", "companies_to_flush", "candidates_by_company")
            if name in plan
        )
        for plan in plans
    ]
    assert [] == [plan for plan in plans[:2] if "TEMP B-TREE" in plan]


HOSTILE = {"businessInfodto": {"companyFullName": "甲\0\ud800公司", "reg_cap": [1], "x": {"y": "\udfff"}}}


def test_hostile_details_are_kept_as_they_came(tmp_path: Any) -> None:
    """NUL and lone surrogates stand as escapes in the ledger, and come back as they were."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    resolve(path, "甲公司", verdict("600000001"))
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(1)
        ledger.companies.register()
        detail = PendingDetail("600000001", Endpoint.FIND_DEPART)
        reply = Reply(Outcome.ANSWERED, content=HOSTILE)
        ledger.companies.record_detail(detail, reply, request_id=None, session_id=session.id)
    (text,) = ask(path, "SELECT business_info FROM companies")
    assert text.isascii()
    assert json.loads(text) == HOSTILE


def test_a_held_name_is_no_company_of_the_ledger(tmp_path: Any) -> None:
    """Confidence is the best and weight the sum of its names that are resolved and not held."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *"甲乙丙", "丙", "丁")
    resolve(path, "甲", verdict("1", 0.8))
    resolve(path, "乙", verdict("2", 1.0, Held.AMBIGUOUS))
    resolve(path, "丙", verdict("1", 0.9))
    resolve(path, "丁", verdict("3", 0.7))
    with open_ledger(path) as ledger:
        ledger.companies.register()
        ledger.companies.register()
    question = "SELECT company_id, confidence, weight FROM companies ORDER BY company_id"
    assert [("1", 0.9, 3.0), ("3", 0.7, 1.0)] == ask(path, question)


# Postgres


def base_info(url: str) -> list[Any]:
    """Every row with its physical version: any write changes it."""
    return select(url, "SELECT xmin::text, b::text FROM enterprise.base_info b ORDER BY company_id")


def raws(url: str) -> dict[str, tuple[Any, Any]]:
    rows = select(url, "SELECT company_id, raw_business_info, raw_biz_label FROM enterprise.base_info")
    return {company_id: (info, labels) for company_id, info, labels in rows}


def test_base_info_has_what_eqc_said_and_flushing_again_changes_nothing(
    job: NewJob, database_url: str, eqcbatch: Run, schema: str
) -> None:
    """The three answers as they came; columns from the search item, gaps filled from findDepart."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)

    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url).code

    assert told(COMPANIES) == raws(database_url)
    assert set(NAMES) == set(standing(database_url))
    told_by = None if schema == "oldest" else "eqcbatch"
    for company, row in zip(
        COMPANIES,
        select(
            database_url,
            """SELECT company_full_name, search_key_word, type, _score, unite_code, le_rep, est_date,
                      registered_status, to_jsonb(b) ->> 'data_source', raw_data->'list'->0->>'companyId',
                      api_fetched_at IS NULL
               FROM enterprise.base_info b ORDER BY company_id""",
        ),
        strict=True,
    ):
        name = company.official_name
        assert (
            *(name, name, "全称精确匹配", 100.0, company.unite_code, company.legal_person),
            *(company.established, company.status, told_by, company.company_id, False),
        ) == row
    before = base_info(database_url)
    change(LEDGER, "UPDATE companies SET flushed_at = NULL")
    ran = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, before) == (ran.code, base_info(database_url))
    assert "Flushed the details of 6 companies to Postgres." in ran.out


def test_long_answers_are_taken_few_at_a_time(
    job: NewJob, database_url: str, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch has room for so many signs, or for one company; all of them get there."""
    monkeypatch.setattr("eqcbatch.ledger.companies.MOST_SIGNS", 5_000)
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    assert 0 == work.drain(*DEFERRED, "--no-flush").code
    long = json.dumps({"businessInfodto": {"company_name": "甲", "business_scope": "长" * 1_000}})
    change(LEDGER, f"UPDATE companies SET business_info = '{long}'")
    with open_ledger(LEDGER) as ledger:
        first = ledger.companies.due(200)
        assert 1 == len(first) < len(COMPANIES)
        assert first[0].signs > 5_000
    ran = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, True) == (ran.code, "the details of 6 companies to Postgres" in ran.out), ran.err
    assert 6 == len(raws(database_url))


def info(company_id: str, **facts: Any) -> CompanyInfo:
    return CompanyInfo(company_id, None, CompanyFacts(**facts), None, None, None, "2026-11-23T00:00:00+00:00")


def test_null_never_overwrites_a_value(database_url: str) -> None:
    """What base_info has stays where we have nothing; what we have replaces what it has."""
    execute(
        database_url,
        """INSERT INTO enterprise.base_info (company_id, le_rep, province, raw_data, raw_biz_label)
           VALUES ('1', '王伟', '广东省', '{"list": [1]}', '{"labels": [ 1]}')""",
    )
    with Postgres(database_url).base_info() as table:
        told = info("1", le_rep="李娜", reg_cap="80000.00万元")
        assert (told,) == table.upsert([told]).stored
    question = (
        "SELECT le_rep, province, reg_cap, raw_data::text, raw_biz_label::text FROM enterprise.base_info"
    )
    ((le_rep, province, capital, *raw),) = select(database_url, question)
    assert ("李娜", "广东省", 80000.0) == (le_rep, province, capital)
    assert [{"list": [1]}, {"labels": [1]}] == [json.loads(text) for text in raw]


ODD = [
    ("80000.00万元", 80000.0),
    ("--", None),
    ("人民币伍佰万元整", None),
    ("1,000.5万美元", None),
    ("", None),
    ("1,234.5万", 1234.5),
]
LONG = tuple(
    f"{place}长城科技发展有限责任公司" for place in "京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川黔滇陕甘青"
)


def test_odd_capitals_and_a_long_former_name_refuse_no_row(job: NewJob, database_url: str) -> None:
    """A capital is a number or null, former names are whole or left out; what was told is in raw_data."""
    known = [replace(company, capital=said) for company, (said, _) in zip(COMPANIES, ODD, strict=True)]
    known[0] = replace(known[0], former_names=LONG)
    work = job(registry=Bearers(known))
    work.plan(NAMES)

    ran = work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url)

    assert (0, []) == (ran.code, ask(LEDGER, "SELECT 1 FROM companies WHERE flush_error IS NOT NULL"))
    assert told(known) == raws(database_url)
    question = "SELECT reg_cap, company_former_name FROM enterprise.base_info ORDER BY company_id"
    capitals, former_names = zip(*select(database_url, question), strict=True)
    assert tuple(capital for _, capital in ODD) == capitals
    assert set(former_names[0].replace("，", ",").split(",")) < set(LONG)
    assert "base_info.reg_cap: 3 values not stored as told, no number that the column takes." in ran.err
    assert "base_info.company_former_name: 1 value not stored as told, longer than 255" in ran.err


OLDER = """
CREATE SCHEMA enterprise;
CREATE TABLE enterprise.base_info (
    company_id varchar(20) PRIMARY KEY, search_key_word varchar(50), company_full_name varchar(14),
    unite_code char(18), type varchar(20), _score numeric, est_date date, le_rep varchar(10),
    raw_data jsonb, raw_business_info jsonb, raw_biz_label json, api_fetched_at timestamp)"""


def test_a_table_with_other_types_and_fewer_columns_is_served_as_it_stands(
    bare_database_url: str, job: NewJob
) -> None:
    """A value that does not fit is shortened or left out, and refuses nothing."""
    execute(bare_database_url, *OLDER.split(";\n"))
    execute(bare_database_url, *_INDEX_TABLE)
    known = [*COMPANIES[:4], describe("深圳名字过长的一家实业发展有限公司", company_id="600000009")]
    work = job(registry=Bearers(known))
    work.plan([company.official_name for company in known])

    ran = work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=bare_database_url)

    assert (0, told(known)) == (ran.code, raws(bare_database_url)), ran.err
    assert ["深圳名字过长的一家实业发展有"] == select(
        bare_database_url,
        "SELECT company_full_name FROM enterprise.base_info WHERE company_id = '600000009'",
    )
    assert "base_info.company_full_name: 1 value not stored as told, longer than 14 characters" in ran.err


def test_a_row_that_postgres_refuses_is_named_and_tried_again_by_flush(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """Its reason stands in the report; the other rows are there."""
    execute(
        database_url,
        "ALTER TABLE enterprise.base_info ADD CONSTRAINT no_zeros CHECK (company_id <> '600000000')",
    )
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)

    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url).code

    assert told(COMPANIES[1:]) == raws(database_url)
    assert ["600000000"] == ask(LEDGER, "SELECT company_id FROM companies WHERE flush_error IS NOT NULL")
    assert "no_zeros" in eqcbatch("report", "--ledger", LEDGER).out
    execute(database_url, "ALTER TABLE enterprise.base_info DROP CONSTRAINT no_zeros")
    ran = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, told(COMPANIES)) == (ran.code, raws(database_url))


_INDEX_TABLE = (
    """CREATE TABLE enterprise.enrichment_index (
        id serial, lookup_key text, lookup_type text, company_id text,
        confidence numeric(3,2), source text, source_domain text, updated_at timestamptz,
        UNIQUE (lookup_key, lookup_type))""",
)


@pytest.mark.parametrize(
    ("harm", "mend", "said"),
    [
        ("DROP TABLE enterprise.base_info CASCADE", "init-db", "Run `eqcbatch init-db`"),
        (
            "ALTER TABLE enterprise.base_info RENAME company_id TO company",
            "rename",
            "enterprise.base_info lacks company_id",
        ),
    ],
)
def test_a_base_info_that_cannot_be_used_holds_up_no_name(
    job: NewJob, database_url: str, eqcbatch: Run, harm: str, mend: str, said: str
) -> None:
    """The names are flushed, exit 7 says what to do; once mended, `flush` alone brings all details."""
    execute(database_url, harm)
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)

    ran = work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url)

    assert (7, set(NAMES)) == (ran.code, set(standing(database_url)))
    assert said in ran.err
    assert "Traceback" not in ran.err
    if mend == "init-db":
        assert 0 == eqcbatch("init-db", EQCBATCH_DATABASE_URL=database_url).code
    else:
        execute(database_url, "ALTER TABLE enterprise.base_info RENAME company TO company_id")
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert told(COMPANIES) == raws(database_url)


def test_a_postgres_that_is_away_loses_no_detail(job: NewJob, database_url: str, eqcbatch: Run) -> None:
    """Exit 7; `flush` brings names and details."""
    work = job(registry=Bearers(COMPANIES))
    work.plan(NAMES)
    away = "postgresql://nobody@127.0.0.1:1/none"
    assert 7 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=away).code
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert (told(COMPANIES), set(NAMES)) == (raws(database_url), set(standing(database_url)))


def test_json_that_postgres_does_not_take_is_told_and_refuses_nothing(database_url: str) -> None:
    """NUL and half a sign are no text of jsonb, NaN is no JSON at all."""
    odd = json.dumps(HOSTILE | {"n": float("nan")})
    hostile = CompanyInfo("2", None, CompanyFacts(), None, odd, None, "2026-11-23T00:00:00+00:00")
    with Postgres(database_url).base_info() as table:
        report = table.upsert([info("1"), hostile, info("3")])
    assert ((info("1"), hostile, info("3")), ()) == (report.stored, report.refused)
    assert [("raw_business_info", "2")] == [(misfit.column, misfit.row) for misfit in report.misfits]
    assert ["1", "2", "3"] == select(database_url, "SELECT company_id FROM enterprise.base_info ORDER BY 1")


@pytest.mark.every_schema("oldest")
@pytest.mark.parametrize(
    "change_of_schema",
    [
        "ALTER TABLE enterprise.base_info ALTER type SET DEFAULT '', ALTER type SET NOT NULL",
        "ALTER TABLE enterprise.base_info DROP province",
        """ALTER TABLE enterprise.base_info DROP name;
           ALTER TABLE enterprise.base_info
               ADD name text GENERATED ALWAYS AS (upper(company_full_name)) STORED""",
        """CREATE TYPE enterprise.status AS ENUM ('存续', '注销');
           ALTER TABLE enterprise.base_info ALTER registered_status TYPE enterprise.status USING NULL""",
        """CREATE DOMAIN enterprise.short AS varchar(4);
           ALTER TABLE enterprise.base_info ALTER company_full_name TYPE enterprise.short""",
        "ALTER TABLE enterprise.base_info ALTER le_rep TYPE text[] USING NULL",
        "ALTER TABLE enterprise.base_info ALTER est_date TYPE date USING NULL, ALTER reg_cap TYPE integer",
        "ALTER TABLE enterprise.base_info ADD grade text NOT NULL DEFAULT 'A'",
        """ALTER TABLE enterprise.base_info ADD grade text;
           ALTER TABLE enterprise.base_info ALTER grade SET NOT NULL;
           CREATE FUNCTION grade() RETURNS trigger LANGUAGE plpgsql AS
               'BEGIN NEW.grade = ''B''; RETURN NEW; END';
           CREATE TRIGGER graded BEFORE INSERT ON enterprise.base_info
               FOR EACH ROW EXECUTE FUNCTION grade()""",
        """ALTER TABLE enterprise.base_info RENAME TO companies;
           CREATE VIEW enterprise.base_info AS SELECT * FROM enterprise.companies""",
        """ALTER TABLE enterprise.base_info RENAME TO old;
           CREATE TABLE enterprise.base_info
               (LIKE enterprise.old INCLUDING DEFAULTS, PRIMARY KEY (company_id))
               PARTITION BY HASH (company_id);
           CREATE TABLE enterprise.base_info_0 PARTITION OF enterprise.base_info
               FOR VALUES WITH (MODULUS 2, REMAINDER 0);
           CREATE TABLE enterprise.base_info_1 PARTITION OF enterprise.base_info
               FOR VALUES WITH (MODULUS 2, REMAINDER 1)""",
        "ALTER TABLE enterprise.base_info ENABLE ROW LEVEL SECURITY",
        """DO $$ BEGIN EXECUTE
               format('ALTER DATABASE %I SET search_path = warehouse', current_database()); END $$""",
    ],
)
def test_a_base_info_of_another_make_is_written_all_the_same(
    database_url: str, change_of_schema: str
) -> None:
    """Whatever the column is, the row is there; done again, nothing changes."""
    execute(database_url, *change_of_schema.split(";\n"))
    companies = [info("1", le_rep="李娜", est_date="长期", reg_cap="--", registered_status="开业"), info("2")]
    for _ in range(2):
        with Postgres(database_url).base_info() as table:
            report = table.upsert(companies)
        assert (tuple(companies), ()) == (report.stored, report.refused)
    assert ["1", "2"] == select(database_url, "SELECT company_id FROM enterprise.base_info ORDER BY 1")


@pytest.mark.every_schema("oldest")
@pytest.mark.parametrize(
    ("change_of_schema", "named"),
    [
        (
            "ALTER TABLE enterprise.base_info ADD grade text NOT NULL",
            "enterprise.base_info.grade takes no null",
        ),
        ("ALTER TABLE enterprise.base_info RENAME company_id TO company", "lacks company_id"),
        (
            "ALTER TABLE enterprise.base_info ALTER company_id TYPE bigint USING company_id::bigint",
            "enterprise.base_info.company_id is of the type bigint, where eqcbatch needs text",
        ),
        (
            "ALTER TABLE enterprise.base_info DROP CONSTRAINT base_info_pkey1",
            "no unique key on enterprise.base_info",
        ),
    ],
)
def test_what_stands_in_the_way_of_details_is_named_in_one_line(
    database_url: str, eqcbatch: Run, change_of_schema: str, named: str
) -> None:
    """The column, before anything is sent; `check` says the same the evening before."""
    execute(database_url, "DROP TABLE enterprise.business_info, enterprise.biz_label", change_of_schema)

    with pytest.raises(PostgresUnavailable) as error, Postgres(database_url).base_info() as table:
        table.upsert([info("1")])

    assert named in str(error.value)
    assert "\n" not in str(error.value)
    evening = eqcbatch("check", EQCBATCH_DATABASE_URL=database_url).out
    assert named.replace("no unique key on enterprise.base_info", "base_info has no unique key") in evening
