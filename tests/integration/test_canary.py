"""An EQC that finds nothing, ever or every second time: it is told by a question whose answer is known."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import pytest

from eqcbatch.postgres import Postgres
from eqcbatch.simulate import Simulator, describe
from eqcbatch.simulate.faults import Fault
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job, OneEach, companies, outcomes, spans
from tests.indexes import execute, seed
from tests.ledgers import ask, states
from tests.servers import Conversation, RawServer, http

NewJob = Callable[..., Job]
Simulate = Callable[..., Simulator]

OWNER = "中国平安"  # of EQC


def counted() -> dict[str, int]:
    return dict(Counter(states(LEDGER).values()))


@pytest.fixture
def ill_eqc(eqcbatch: Run) -> Iterator[Callable[..., Job]]:
    """Make a job with an EQC of some backends: one gives this answer, the others the very company.

    beside: what they say beside it.
    """
    stack = ExitStack()

    def start(answer: object, backends: int, **beside: object) -> Job:
        def talk(conversation: Conversation) -> None:
            while conversation.hear():
                key = parse_qs(urlsplit(server.heard[-1].split()[1]).query)["key"][0]
                item = {"companyId": sum(map(ord, key)), "companyFullName": key, "type": "全称精确匹配"}
                ill = len(server.heard) % backends == 0
                content = answer if ill else {"list": [item], "took": len(server.heard)} | beside
                conversation.say(http(json.dumps(content).encode()))

        server = stack.enter_context(RawServer(talk))
        return Job(eqcbatch, server)  # type: ignore[arg-type]  # of which it needs the URL

    with stack:
        yield start


@pytest.mark.parametrize("backends", [2, 5])
@pytest.mark.parametrize(
    "answer",
    [
        {"code": 500, "success": False, "msg": "SYSTEM BUSY", "list": None},
        {"code": "E99", "list": []},
        {"code": 0, "msg": "系统繁忙", "list": []},
        {"code": 0, "msg": "您已被踢下线", "list": []},
        {"head": {"code": 500}, "list": []},
        {"result": {"code": "E1"}, "list": None},
        {"errors": ["shard 3"], "list": []},
        {"flag": False, "list": []},
        {"state": "DEGRADED", "list": []},
        {"took": 3, "timed_out": True, "list": []},
        {"_shards": {"total": 5, "failed": 1}, "list": []},
        {"data": {"list": [{"companyId": 1}]}, "list": []},
        {"redirect": "/sso", "list": []},
        {"total": 3, "list": []},
    ],
    ids=str,
)
def test_p6_one_sick_backend_that_says_so_makes_no_name_not_found(
    ill_eqc: Callable[..., Job], answer: object, backends: int
) -> None:
    """Never twenty in a row, and never "no match": what complains is asked again, or is refused."""
    work = ill_eqc(answer, backends, timed_out=False, _shards={"total": 5, "failed": 0})
    work.plan(companies(30))
    work.drain()
    assert "failed/not_found" not in counted()
    assert "not_found" not in outcomes()


def test_p6_what_stands_beside_matches_is_no_complaint_beside_none(ill_eqc: Callable[..., Job]) -> None:
    """An EQC whose answers all have such fields has names without a match."""
    beside = {"took": 1, "_shards": {"total": 5, "failed": 0}, "node": "b2"}
    work = ill_eqc(beside | {"list": []}, 5, _shards={"total": 5, "failed": 0}, node="b2")
    work.plan(companies(30))
    work.drain()
    assert {"answered": 24, "not_found": 6} == outcomes()


def test_p6_an_eqc_that_never_finds_anything_stops_after_five_empties(job: NewJob) -> None:
    """On a new ledger it is asked for its owner; all is pending, and the next night costs one request."""
    work = job(registry=Bearers([]))
    work.plan(companies(200))
    ran = work.drain()
    assert (4, {"pending": 200}, {"not_found": 6}) == (ran.code, counted(), outcomes())
    assert f"it finds nothing, not even {OWNER}" in ran.err
    assert 4 == work.drain().code
    assert ({"pending": 200}, {"not_found": 7}) == (counted(), outcomes())


@pytest.mark.parametrize("names", [1, 2, 4])
def test_p6_a_few_names_are_not_believed_either(job: NewJob, names: int) -> None:
    """Where nothing was ever found, a single empty answer at the end of the queue is doubted."""
    work = job(registry=Bearers([]))
    work.plan(companies(names))
    assert (4, {"pending": names}) == (work.drain().code, counted())


def test_p6_a_budget_is_kept_for_the_canary(job: NewJob) -> None:
    """The default budget of five: four names and the canary."""
    work = job(registry=Bearers([]))
    work.plan(companies(20))
    assert 4 == work.drain("--budget", 5).code
    assert ({"pending": 20}, {"not_found": 5}) == (counted(), outcomes())


def test_p6_a_real_eqc_behind_a_mock_finds_them_all_later(
    job: NewJob, simulator: Simulate, eqcbatch: Run
) -> None:
    """Neither archive nor ledger keeps anything of what the mock said."""
    work = job(faults=spans((Fault.EMPTY, 1, None)))
    work.plan(companies(20))
    assert 4 == work.drain().code
    again = Job(eqcbatch, simulator(registry=OneEach()))
    assert 0 == again.drain().code
    assert {"resolved": 20} == counted()


@pytest.mark.parametrize("budget", ["all", 1, 2, 5, 7])
def test_names_that_a_sound_eqc_lacks_are_decided_in_the_end(job: NewJob, budget: object) -> None:
    """It finds its owner: the empties are genuine, whatever a night may spend, and each is asked once."""
    work = job(registry=Bearers([describe(OWNER)]))
    work.plan(companies(24))
    for _ in range(32):
        assert 0 == work.drain("--budget", budget).code
    assert ({"failed/not_found": 24}, 24) == (counted(), outcomes()["not_found"])


def test_p6_the_index_knows_a_question(job: NewJob, database_url: str) -> None:
    """A company of base_info and the index is asked for, before anything was ever found."""
    seed(database_url, ("北京金龙物流有限公司", "customer_name", "600000001", 1.0), source="eqc_api")
    execute(
        database_url,
        """INSERT INTO enterprise.base_info (company_id, company_full_name)
           VALUES ('600000001', '北京金龙物流有限公司')""",
    )
    work = job(registry=Bearers([]))
    work.plan(companies(9))
    ran = work.drain("--database-url", database_url)
    assert (4, {"pending": 9}) == (ran.code, counted())
    assert "not even a company that base_info has (北京金龙物流有限公司)" in ran.err


@pytest.mark.parametrize("statement", ["DROP TABLE enterprise.base_info", "DROP SCHEMA enterprise CASCADE"])
def test_a_postgres_without_its_tables_stops_no_canary(
    job: NewJob, database_url: str, statement: str
) -> None:
    """EQC's owner is asked for instead."""
    execute(database_url, statement)
    work = job(registry=Bearers([]))
    work.plan(companies(9), "--no-index")
    assert OWNER in work.drain("--database-url", database_url).err


def test_p6_a_new_session_that_finds_nothing_is_doubted_though_others_found_much(
    job: NewJob, simulator: Simulate, eqcbatch: Run
) -> None:
    """Seven names at a wrong URL, after a good night: fewer than twenty, and no "no match"."""
    work = job(registry=OneEach())
    work.plan(companies(30))
    assert 0 == work.drain().code
    again = Job(eqcbatch, simulator(registry=Bearers([])))
    again.plan(companies(7, "杭州"))
    ran = again.drain()
    assert (4, {"resolved": 30, "pending": 7}) == (ran.code, counted())
    assert "what it found before" in ran.err


def test_p6_empties_at_the_end_of_a_queue_are_doubted(job: NewJob) -> None:
    """EQC falls ill over the last eight names."""
    work = job(registry=OneEach(), faults=spans((Fault.EMPTY, 23, None)))
    work.plan(companies(30))
    assert (4, {"resolved": 22, "pending": 8}) == (work.drain().code, counted())


@pytest.mark.parametrize("before", [0, 60])
def test_p6_every_second_answer_empty_is_doubted(job: NewJob, before: int) -> None:
    """One of two backends finds nothing: never two in a row. With a history and without one."""
    faults = spans(*((Fault.EMPTY, number, number) for number in range(before + 2, before + 400, 2)))
    work = job(registry=OneEach(), faults=faults)
    work.plan(companies(before + 100))
    ran = work.drain()
    assert (4, None) == (ran.code, counted().get("failed/not_found"))


def test_p6_every_third_answer_empty_is_doubted(job: NewJob) -> None:
    """One of three backends."""
    work = job(registry=OneEach(), faults=spans(*((Fault.EMPTY, n, n) for n in range(3, 400, 3))))
    work.plan(companies(100))
    assert (4, None) == (work.drain().code, counted().get("failed/not_found"))


def test_every_second_name_unknown_is_believed_and_costs_four_requests_once(job: NewJob) -> None:
    """EQC finds four times what it has, and from then on so many empties are what is usual."""
    names = companies(120)
    work = job(registry=Bearers(map(describe, names[::2])))
    work.plan(names)
    assert (0, {"resolved": 60, "failed/not_found": 60}) == (work.drain().code, counted())
    assert [4] == ask(LEDGER, "SELECT count(*) FROM requests WHERE lookup_key IS NULL")


def test_a_canary_is_no_work(job: NewJob) -> None:
    """It is booked under no name, archived nowhere, and the accounts balance."""
    work = job(registry=Bearers([describe(OWNER)]))
    work.plan(companies(6))
    assert 0 == work.drain().code
    assert [("search", "answered")] == ask(
        LEDGER, "SELECT endpoint, outcome FROM requests WHERE lookup_key IS NULL"
    )
    assert work.report()["balanced"]


def test_p4_a_postgres_that_hangs_as_it_is_asked_for_a_canary_is_not_awaited(
    job: NewJob, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EQC's owner is asked for instead, and the session ends while Postgres still hangs."""
    ended = threading.Event()
    awaited: list[bool] = []

    def hang(postgres: Postgres) -> str | None:
        with postgres._meanwhile():
            awaited.append(ended.wait(20))
        return None

    monkeypatch.setattr(Postgres, "official_name", hang)
    monkeypatch.setattr("eqcbatch.drain.canary.PATIENCE_S", 0.1)
    work = job(registry=Bearers([]))
    work.plan(companies(8))
    ran = work.drain("--database-url", database_url)
    assert [] == awaited
    ended.set()
    assert (4, {"pending": 8}) == (ran.code, counted())
    assert f"not even {OWNER}" in ran.err


def test_p6_what_fails_along_with_the_canary_bears_no_blame(job: NewJob) -> None:
    """Four failures in a row give a name up, and then EQC does not tell what it knows either."""
    down = ((Fault.SERVER_ERROR, 3, 4), (Fault.SERVER_ERROR, 6, 10))
    work = job(registry=Bearers([]), faults=spans(*down))
    work.plan(companies(4))
    ran = work.drain("--retries", 1)
    assert {"not_found": 3, "server_error": 7} == outcomes(), ran.err
    assert {"pending": 4} == counted(), ran.err
