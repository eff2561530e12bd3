"""plan --queue: requests in a real PostgreSQL are taken, planned, drained and marked, by several machines."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eqcbatch.domain.model import Reason
from eqcbatch.ledger import open_ledger
from eqcbatch.postgres import Postgres
from eqcbatch.request_queue import mark_requests, settle
from eqcbatch.simulate import Simulator, describe
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.indexes import execute, seed, select, standing
from tests.ledgers import ask, change, fail, plan_names, resolve, verdict
from tests.queues import Bureau, Request, enqueue, requests, statuses, versions

pytestmark = pytest.mark.every_schema

NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/name"
WALL, RIVER, PEAK = "北京长城科技有限公司", "黄河拼音", "查无此人有限公司"


class Machine:
    """A machine with a ledger of its own that shares the queue."""

    def __init__(self, eqcbatch: Run, url: str, eqc: Simulator, name: str = "a") -> None:
        self.ledger = Path(f"{name}.sqlite")
        self._eqcbatch = eqcbatch
        self._url = url
        self._eqc = eqc

    def run(self, *arguments: object, **environment: str) -> Ran:
        """Run a command on this ledger and the queue's database."""
        given = {"EQCBATCH_DATABASE_URL": self._url, "EQCBATCH_EQC_TOKEN": TOKEN} | environment
        return self._eqcbatch(*arguments, "--ledger", self.ledger, **given)

    def plan(self, *options: object) -> Ran:
        """Plan from the queue."""
        return self.run("plan", "--queue", *options)

    def drain(self, *options: object) -> Ran:
        """Drain all that is pending."""
        return self.run(
            *("drain", "--resume", "--budget", "all", "--rate", FAST, "--eqc-url", self._eqc.url, *options)
        )

    def names(self) -> set[str]:
        """The names that are planned here."""
        return set(ask(self.ledger, "SELECT lookup_key FROM names WHERE rows > 0"))


@pytest.fixture
def machine(eqcbatch: Run, database_url: str, simulator: Callable[..., Simulator]) -> Callable[..., Machine]:
    """Make machines of these names, all with one queue and one EQC."""
    eqc = simulator(registry=Bureau())
    return lambda name="a": Machine(eqcbatch, database_url, eqc, name)


def retries(url: str) -> list[datetime | None]:
    """When the requests may be taken again."""
    return select(url, "SELECT next_retry_at FROM enterprise.enrichment_requests ORDER BY id")


def company_id(name: str) -> str:
    """The id that the simulated EQC gives this name."""
    return describe(name).company_id


# The whole way


def test_requests_are_planned_drained_and_marked(machine: Callable[..., Machine], database_url: str) -> None:
    """Found is done, with the id, and known already at once; blank, unknown and held are failed, with why."""
    seed(database_url, ("泰山矿业有限公司", "customer_name", "600000004", 1.0))
    enqueue(database_url, WALL, "泰山矿业有限公司", "空白", PEAK, RIVER, WALL)
    work = machine()

    planned = work.plan()
    at_once = requests(database_url)
    drained = work.drain()

    assert (0, 0) == (planned.code, drained.code), planned.err + drained.err
    assert "Took 6 requests from the queue." in planned.out
    assert "6 rows, 1 blank, 4 distinct names" in planned.out
    assert [
        (WALL, Request("processing", attempts=1)),
        ("泰山矿业有限公司", Request("done", "600000004", attempts=1)),
        ("空白", Request("failed", None, "no name", 1)),
        (PEAK, Request("processing", attempts=1)),
        (RIVER, Request("processing", attempts=1)),
        (WALL, Request("processing", attempts=1)),
    ] == at_once
    assert [
        (WALL, Request("done", company_id(WALL), None, 1)),
        *at_once[1:3],
        (PEAK, Request("failed", None, "not_found", 1)),
        (RIVER, Request("failed", None, "held: low_confidence", 1)),
        (WALL, Request("done", company_id(WALL), None, 1)),
    ] == requests(database_url)
    assert 0 == work.run("report", "--check").code


def test_a_request_is_read_as_a_cell_of_a_file_is(machine: Callable[..., Machine], database_url: str) -> None:
    """A name wholly in brackets, or guarded, is that name; an error is none."""
    enqueue(database_url, f"（{WALL}）", f'="{WALL}"', "#N/A")
    work = machine()
    planned, drained = work.plan(), work.drain()

    assert (0, 0) == (planned.code, drained.code), planned.err + drained.err
    assert "3 rows, 1 blank, 1 distinct name" in planned.out
    assert ["done", "done", "failed"] == statuses(database_url)
    assert {WALL} == work.names()
    assert 0 == work.run("report", "--check").code


def test_the_accounts_take_in_every_request_that_ever_came(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """A later plan takes what is new, and what is finished stays in its run: nothing is retired."""
    work = machine()
    enqueue(database_url, WALL, RIVER, "")
    work.plan()
    work.drain()
    enqueue(database_url, PEAK)

    again = work.plan("--json")
    report = json.loads(work.run("report", "--json").out)

    assert (4, 1) == (json.loads(again.out)["run"]["rows"], json.loads(again.out)["run"]["blank_rows"])
    assert {"total": 3, "pending": 1, "cached": 0, "resolved": 2, "failed": 0, "retired": 0} == report[
        "names"
    ]
    assert report["balanced"]


def test_an_empty_queue_is_no_error(machine: Callable[..., Machine], database_url: str) -> None:
    """Cron plans every night, whether or not somebody left something."""
    work = machine()

    planned, drained = work.plan(), work.drain()

    assert (0, 0) == (planned.code, drained.code), planned.err + drained.err
    assert "Took 0 requests from the queue." in planned.out


def test_overrides_hold_for_the_queue(
    machine: Callable[..., Machine], database_url: str, tmp_path: Path
) -> None:
    """An id set by hand is done at once; `__EMPTY__` is failed at once."""
    enqueue(database_url, WALL, RIVER)
    overrides = tmp_path / "o.yml"
    overrides.write_text(f"{WALL}: '600000001'\n{RIVER}: __EMPTY__\n", encoding="utf-8")

    assert 0 == machine().plan("--overrides", overrides, "--no-index").code

    assert [
        (WALL, Request("done", "600000001", None, 1)),
        (RIVER, Request("failed", None, "set by hand: never looked up", 1)),
    ] == requests(database_url)


# Taking


def test_the_oldest_come_first_and_no_more_than_the_limit(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """What is beyond the limit stays as it was; finished and foreign requests are never taken."""
    enqueue(database_url, "甲", "乙", "丙", "丁")
    execute(database_url, "UPDATE enterprise.enrichment_requests SET status = 'done' WHERE raw_name = '甲'")
    before = versions(database_url)

    assert "Took 2 requests" in machine().plan("--limit", "2").out

    assert ["done", "processing", "processing", "pending"] == statuses(database_url)
    assert (before[0], before[3]) == (versions(database_url)[0], versions(database_url)[3])


def test_a_row_that_another_program_has_locked_is_passed_over(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """The next one is taken instead, without waiting."""
    enqueue(database_url, "甲", "乙")
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM enterprise.enrichment_requests WHERE raw_name = '甲' FOR UPDATE")
        assert 0 == machine().plan("--limit", "1").code

    assert ["pending", "processing"] == statuses(database_url)


def test_a_name_that_is_with_another_machine_is_not_taken(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """Neither as written, nor written otherwise under the same key, nor normalized to the same."""
    enqueue(database_url, "中国平安")
    machine("a").plan()
    enqueue(database_url, "中国平安", "中国 平安-已转出", "甲")
    enqueue(database_url, "平安（集团）", normalized="中国平安")

    machine("b").plan()

    assert ({"中国平安"}, {"甲"}) == (machine("a").names(), machine("b").names())
    assert ["processing", "pending", "pending", "processing", "pending"] == statuses(database_url)


def test_a_name_that_is_with_us_may_come_again(machine: Callable[..., Machine], database_url: str) -> None:
    """A second request for it is taken by the machine that has the first one."""
    enqueue(database_url, "甲")
    machine().plan()
    enqueue(database_url, "甲")
    machine().plan()

    assert ["processing", "processing"] == statuses(database_url)
    assert [2] == ask(machine().ledger, "SELECT rows FROM names")


def test_a_taking_sees_what_was_taken_while_it_waited_for_its_turn(
    machine: Callable[..., Machine], database_url: str, start_eqcbatch: Callable[..., subprocess.Popen[str]]
) -> None:
    """Even on a server whose transactions are repeatable reads by default."""
    execute(
        database_url,
        """DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation
           TO ''repeatable read''', current_database()); END $$""",
    )
    enqueue(database_url, "甲", "甲", "乙")
    with Postgres(database_url).queue() as queue:
        with queue.taking(1, ours=()) as taken:
            process = start_eqcbatch(
                *("plan", "--queue", "--ledger", "b.sqlite"), EQCBATCH_DATABASE_URL=database_url
            )
            while not select(
                database_url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            ):
                assert process.poll() is None
        assert 0 == process.wait(60)

    assert ["甲"] == [row.raw for row in taken]
    assert ["processing", "pending", "processing"] == statuses(database_url)
    assert ["乙"] == ask(Path("b.sqlite"), "SELECT lookup_key FROM names")


def test_a_queue_that_another_machine_keeps_locked_is_said_to_be_so(
    machine: Callable[..., Machine], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 7 after a short wait, with what to do."""
    monkeypatch.setattr("eqcbatch.postgres.bounded.LOCK_TIMEOUT_S", 1)
    with Postgres(database_url).queue() as queue, queue.taking(1, ours=()):
        ran = machine().plan()

    assert 7 == ran.code
    assert "has locked enterprise.enrichment_requests. Try again in a minute." in ran.err


def test_a_commit_that_outlives_its_process_is_waited_for(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """A server may still be committing what a killed plan sent: the next one must not take it for undone."""
    work = machine()
    work.plan()
    enqueue(database_url, WALL)
    postgres = Postgres(database_url)
    with ThreadPoolExecutor(1) as pool, postgres.queue() as queue:
        with queue.taking(None, ours=()) as taken, open_ledger(work.ledger) as ledger:
            ledger.request_queue.note(queue.name, taken)
            settled = pool.submit(settle_alone, work.ledger, postgres)
            while not select(database_url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not settled.done()
        settled.result(60)

    assert ["processing"] == ask(work.ledger, "SELECT status FROM queued")


def test_a_taking_that_others_undid_before_it_was_confirmed_is_forgotten(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """Killed after the commit, and the row set back, its time of update untouched: it is taken anew."""
    work = machine()
    work.plan()
    enqueue(database_url, WALL)
    with (
        open_ledger(work.ledger) as ledger,
        Postgres(database_url).queue() as queue,
        queue.taking(None, ours=()) as taken,
    ):
        ledger.request_queue.note(queue.name, taken)
    execute(database_url, "UPDATE enterprise.enrichment_requests SET status = 'pending'")

    assert "Took 1 request " in work.plan().out

    assert [(WALL, Request("processing", attempts=2))] == requests(database_url)
    assert ["processing"] == ask(work.ledger, "SELECT status FROM queued")


def settle_alone(path: Path, postgres: Postgres) -> None:
    """Settle what is noted, by connections of its own."""
    with open_ledger(path) as ledger, postgres.queue() as queue:
        settle(ledger.request_queue, queue)


@pytest.mark.parametrize("limit", [None, 60])
def test_machines_that_plan_at_once_get_disjoint_names(
    database_url: str, start_eqcbatch: Callable[..., subprocess.Popen[str]], limit: int | None
) -> None:
    """Three processes, three rows a name in two spellings: no request and no name is with two of them."""
    raws = [f"第{number}公司" for number in range(200)]
    enqueue(database_url, *raws, *(f"{raw}-已转出" for raw in raws), *reversed(raws))
    options = ("--limit", str(limit)) if limit else ()

    running = [
        start_eqcbatch(
            *("plan", "--queue", *options, "--ledger", f"{name}.sqlite"), EQCBATCH_DATABASE_URL=database_url
        )
        for name in "abc"
    ]
    assert [0, 0, 0] == [process.wait(120) for process in running]

    ids = Counter(
        one for name in "abc" for one in ask(Path(f"{name}.sqlite"), "SELECT request_id FROM queued")
    )
    keys = Counter(
        key for name in "abc" for key in ask(Path(f"{name}.sqlite"), "SELECT DISTINCT lookup_key FROM queued")
    )
    assert {1} == set(ids.values()) == set(keys.values())
    assert (3 * limit if limit else len(raws) * 3) == len(ids) == statuses(database_url).count("processing")


def test_a_ledger_from_before_there_was_a_queue_can_be_used(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """It is upgraded on opening, and what it decided long ago is marked at once."""
    work = machine()
    plan_names(work.ledger, WALL, PEAK)
    resolve(work.ledger, WALL, verdict("600000001"))
    fail(work.ledger, PEAK, Reason.NOT_FOUND)
    change(
        work.ledger,
        "DROP TABLE queued",
        "DROP TRIGGER queued_name_changed",
        "DELETE FROM _sqlite_migrations WHERE name = 'm004_queue'",
    )
    enqueue(database_url, WALL, PEAK)
    work.run("flush")

    assert 0 == work.plan().code

    assert [
        (WALL, Request("done", "600000001", None, 1)),
        (PEAK, Request("failed", None, "not_found", 1)),
    ] == requests(database_url)


# What others do to the rows


def test_a_row_that_another_program_set_back_is_left_alone(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """Whether it is pending again, with somebody else or finished: the drain marks the others only."""
    work = machine()
    enqueue(database_url, "甲", "乙", "丙", "丁")
    work.plan()
    execute(
        database_url,
        "UPDATE enterprise.enrichment_requests SET status = 'pending' WHERE raw_name = '甲'",
        "UPDATE enterprise.enrichment_requests SET updated_at = now() WHERE raw_name = '乙'",
        "DELETE FROM enterprise.enrichment_requests WHERE raw_name = '丙'",
    )
    before = versions(database_url)

    assert 0 == work.drain().code

    assert before[:2] == versions(database_url)[:2]
    assert ["pending", "processing", "done"] == statuses(database_url)
    assert [3] == ask(work.ledger, "SELECT count(*) FROM queued WHERE lost_at IS NOT NULL")


def test_a_row_that_was_set_back_is_taken_anew(machine: Callable[..., Machine], database_url: str) -> None:
    """The next plan makes it ours again, and it ends done; so does one that had failed."""
    work = machine()
    enqueue(database_url, WALL, PEAK)
    work.plan()
    work.drain()
    execute(database_url, "UPDATE enterprise.enrichment_requests SET status = 'pending'")

    assert "Took 2 requests" in work.plan().out

    assert [
        (WALL, Request("done", company_id(WALL), None, 2)),
        (PEAK, Request("failed", None, "not_found", 2)),
    ] == requests(database_url)


def test_a_request_that_others_took_away_is_not_asked_for(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """An operator sets it back, another machine takes it: the next plan of the first one lets it go."""
    enqueue(database_url, "甲", "乙")
    machine("a").plan()
    execute(
        database_url, "UPDATE enterprise.enrichment_requests SET status = 'pending' WHERE raw_name = '甲'"
    )
    machine("b").plan()

    machine("a").plan()

    assert ({"乙"}, {"甲"}) == (machine("a").names(), machine("b").names())
    machine("a").drain()
    machine("b").drain()
    assert ["done", "done"] == statuses(database_url)


def test_a_trigger_that_stamps_rows_does_no_harm(machine: Callable[..., Machine], database_url: str) -> None:
    """What counts is the time that Postgres really stored."""
    execute(
        database_url,
        """CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN NEW.updated_at := date_trunc('second', now()) + interval '1 day'; RETURN NEW; END $$""",
        """CREATE TRIGGER stamp BEFORE UPDATE ON enterprise.enrichment_requests
           FOR EACH ROW EXECUTE FUNCTION stamp()""",
    )
    enqueue(database_url, WALL)
    machine().plan()
    machine().drain()

    assert ["done"] == statuses(database_url)


# Marking


def test_marking_twice_changes_nothing(machine: Callable[..., Machine], database_url: str) -> None:
    """Neither another flush nor another plan writes a row that says already what is so."""
    work = machine()
    enqueue(database_url, WALL, PEAK, RIVER)
    work.plan()
    work.drain()
    before = versions(database_url)

    assert [0, 0, 0] == [work.run("flush").code, work.plan().code, work.drain().code]

    assert before == versions(database_url)


def test_nothing_is_asked_of_postgres_while_no_name_changes(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """With all told, marking is a question to the ledger: a Postgres that is away goes unnoticed."""
    enqueue(database_url, WALL, PEAK)
    machine().plan()
    machine().drain()
    away = Postgres(NOWHERE, Postgres(database_url).name)

    with open_ledger(machine().ledger) as ledger:
        mark_requests(ledger.request_queue, away)


def test_a_name_that_is_asked_again_by_itself_keeps_its_request(
    machine: Callable[..., Machine], database_url: str, schema: str
) -> None:
    """Only once it is given up does the request fail; where the table has a place for it, it says when."""
    work = machine()
    enqueue(database_url, "甲", "乙")
    work.plan()
    fail(work.ledger, "甲", Reason.TIMEOUT, retry_in_s=60)
    fail(work.ledger, "乙", Reason.TIMEOUT)

    work.run("flush")

    why = "timeout" if schema == "oldest" else None
    assert [("甲", Request("processing", None, why, 1)), ("乙", Request("failed", None, "timeout", 1))] == (
        requests(database_url)
    )
    if schema == "oldest":
        (at,) = ask(work.ledger, "SELECT not_before FROM names WHERE lookup_key = '甲'")
        assert [datetime.fromisoformat(at), None] == retries(database_url)


def test_a_request_that_was_asked_again_is_done_as_any_other(
    machine: Callable[..., Machine], database_url: str, schema: str
) -> None:
    """No time of a retry and no reason are left on it."""
    work = machine()
    enqueue(database_url, WALL)
    work.plan()
    fail(work.ledger, WALL, Reason.TIMEOUT, retry_in_s=0)
    work.run("flush")
    work.drain()

    assert [(WALL, Request("done", company_id(WALL), None, 1))] == requests(database_url)
    assert schema != "oldest" or [None] == retries(database_url)


def test_a_request_that_is_not_due_is_left_there(
    machine: Callable[..., Machine], database_url: str, schema: str
) -> None:
    """It is counted, and taken as soon as its time has come."""
    if schema != "oldest":
        execute(database_url, "ALTER TABLE enterprise.enrichment_requests ADD next_retry_at timestamptz")
    enqueue(database_url, "甲", "乙", "丙")
    later = "UPDATE enterprise.enrichment_requests SET next_retry_at = now() + interval '1 hour'"
    execute(
        database_url, f"{later} WHERE raw_name = '乙'", f"{later} - interval '2 hours' WHERE raw_name = '丙'"
    )

    first = machine().plan().out
    execute(
        database_url, "UPDATE enterprise.enrichment_requests SET next_retry_at = NULL WHERE raw_name = '乙'"
    )
    second = machine().plan().out

    assert "Took 2 requests from the queue. 1 not due yet (next_retry_at)." in first
    assert "Took 1 request from the queue.\n" in second


def test_one_open_request_a_name_is_never_in_our_way(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """A name is asked for again while its first request is done, fails and is corrected."""
    execute(
        database_url,
        """CREATE UNIQUE INDEX IF NOT EXISTS idx_enrichment_requests_normalized
           ON enterprise.enrichment_requests (normalized_name) WHERE status IN ('pending', 'processing')""",
    )
    work = machine()
    enqueue(database_url, WALL, normalized=WALL)
    work.plan()
    work.drain()
    enqueue(database_url, WALL, normalized=WALL)

    reverted = work.run("flush", "--revert", 1)
    planned = work.plan()

    assert (0, 0) == (reverted.code, planned.code), reverted.err + planned.err
    assert ["failed", "failed"] == statuses(database_url)


def test_what_a_review_decides_is_marked_done(machine: Callable[..., Machine], database_url: str) -> None:
    """A held name fails first; the reviewer's id makes it done, where the row stands as we wrote it."""
    work = machine()
    enqueue(database_url, "黄河拼音", "长江拼音")
    work.plan()
    work.drain()
    execute(
        database_url,
        "UPDATE enterprise.enrichment_requests SET updated_at = now() WHERE raw_name = '长江拼音'",
    )
    decisions = Path("held.csv")
    decisions.write_text(
        f"lookup_key,decision\n黄河拼音,{company_id('黄河拼音有限公司')}\n"
        f"长江拼音,{company_id('长江拼音有限公司')}\n",
        encoding="utf-8",
    )

    assert 0 == work.run("review", "import", decisions).code

    assert [
        ("黄河拼音", Request("done", company_id("黄河拼音有限公司"), None, 1)),
        ("长江拼音", Request("failed", None, "held: low_confidence", 1)),
    ] == requests(database_url)


def test_a_corrected_answer_corrects_the_mark(machine: Callable[..., Machine], database_url: str) -> None:
    """What was done gets the id of the new verdict, or fails where that is held."""
    work = machine()
    enqueue(database_url, WALL, PEAK.replace("查无", "确有"))
    work.plan()
    work.drain()
    decided = ask(work.ledger, "SELECT lookup_key FROM names WHERE state = 'resolved'")
    change(
        work.ledger,
        "UPDATE candidates SET company_id = '600000009' WHERE lookup_key = '北京长城科技有限公司'",
        "UPDATE candidates SET type = '拼音', official_name = '别家' WHERE lookup_key LIKE '确有%'",
    )

    assert 0 == work.run("review", "rescore", "--apply").code

    assert 2 == len(decided)
    (_, wall), (_, other) = requests(database_url)
    assert Request("done", "600000009", None, 1) == wall
    assert ("failed", None) == (other.status, other.company_id)
    assert str(other.error).startswith("held: ")


def test_what_postgres_refuses_is_failed_until_it_takes_it(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """The request says what the index said; `eqcbatch flush` tries again, and then it is done."""
    work = machine()
    enqueue(database_url, WALL)
    work.plan()
    seed(database_url, (WALL, "customer_name", "700000001", 1.0))
    work.drain()
    refused = requests(database_url)
    execute(database_url, "DELETE FROM enterprise.enrichment_index")
    work.run("flush")

    assert [
        (WALL, Request("failed", None, "conflict: the index has 700000001 with confidence 1.00", 1))
    ] == refused
    assert [(WALL, Request("done", company_id(WALL), None, 1))] == requests(database_url)


# Trouble


def test_a_postgres_that_is_away_when_marking_loses_nothing(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """The drain exits 7 with all results flushed; the next flush marks what it could not."""
    work = machine()
    enqueue(database_url, WALL, PEAK)
    work.plan()
    execute(
        database_url,
        """CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$""",
        """CREATE TRIGGER stop BEFORE UPDATE ON enterprise.enrichment_requests
           FOR EACH ROW EXECUTE FUNCTION stop()""",
    )

    drained = work.drain()
    between = statuses(database_url)
    execute(database_url, "DROP TRIGGER stop ON enterprise.enrichment_requests")
    flushed = work.run("flush")

    assert (7, 0) == (drained.code, flushed.code)
    assert {WALL} == set(standing(database_url))
    assert (["processing"] * 2, ["done", "failed"]) == (between, statuses(database_url))


def test_a_missing_table_is_said_with_its_remedy(
    machine: Callable[..., Machine], database_url: str, bare_database_url: str, eqcbatch: Run
) -> None:
    """Exit 7; a ledger that was made for nothing is not left behind."""
    enqueue(database_url, WALL)
    machine().plan()
    execute(database_url, "ALTER TABLE enterprise.enrichment_requests RENAME TO gone")

    bare = eqcbatch("plan", "--queue", "--ledger", "new.sqlite", EQCBATCH_DATABASE_URL=bare_database_url)
    later = machine().drain()
    execute(database_url, "ALTER TABLE enterprise.gone RENAME TO enrichment_requests")
    machine().run("flush")

    assert (7, 7) == (bare.code, later.code)
    for ran in (bare, later):
        assert "no table enterprise.enrichment_requests" in ran.err
        assert "eqcbatch init-db" in ran.err
    assert not Path("new.sqlite").exists()
    assert ["done"] == statuses(database_url)


@pytest.fixture
def reader_url(database_url: str, postgres_server: str) -> Iterator[str]:
    """The database as a user sees it who may only read the queue."""
    execute(
        database_url,
        "CREATE ROLE queue_reader LOGIN",
        "GRANT USAGE ON SCHEMA enterprise TO queue_reader",
        "GRANT SELECT ON enterprise.enrichment_requests TO queue_reader",
    )
    yield make_conninfo(database_url, user="queue_reader")
    execute(database_url, "DROP OWNED BY queue_reader")
    execute(postgres_server, "DROP ROLE queue_reader")


def test_a_missing_privilege_is_said_with_its_remedy(
    reader_url: str, database_url: str, eqcbatch: Run
) -> None:
    """Exit 7 says what to grant, and nothing is taken."""
    enqueue(database_url, WALL)

    ran = eqcbatch("plan", "--queue", "--ledger", "new.sqlite", EQCBATCH_DATABASE_URL=reader_url)

    assert 7 == ran.code
    assert "Grant SELECT and UPDATE on enterprise.enrichment_requests" in ran.err
    assert ["pending"] == statuses(database_url)


def test_a_taking_that_cannot_be_noted_takes_nothing(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """A full disk under the ledger leaves every request pending."""
    work = machine()
    work.plan()
    enqueue(database_url, WALL)
    change(
        work.ledger,
        """CREATE TRIGGER disk_full BEFORE INSERT ON queued
           BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END""",
    )

    assert 9 == work.plan().code

    assert [(WALL, Request())] == requests(database_url)


def test_a_new_ledger_stays_when_its_plan_fails_after_taking(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """It alone knows what was taken; the next plan goes on from there, with nothing new in the queue."""
    work = machine()
    enqueue(database_url, WALL)
    execute(database_url, "ALTER TABLE enterprise.enrichment_index RENAME TO gone")

    failed = work.plan()
    execute(database_url, "ALTER TABLE enterprise.gone RENAME TO enrichment_index")
    again = work.plan()

    assert (7, 0) == (failed.code, again.code)
    assert "Took 0 requests" in again.out
    assert ({WALL}, ["processing"]) == (work.names(), statuses(database_url))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queue", "month.csv"], "Leave out one of --queue and SOURCE."),
        (["--queue", "--counted"], "Leave out one of --queue and --counted."),
        (["--queue", "--sheet", "一"], "Leave out one of --queue and --sheet."),
        (["--queue", "--column", "名"], "Leave out one of --queue and --column."),
        (["--queue", "--limit", "0"], "Invalid value for '--limit'"),
        (["--queue", "--database-url", ""], "--queue needs a Postgres"),
        (["month.csv", "--limit", "3"], "--limit goes with --queue"),
        ([], "There is no SOURCE. Name a file, write a query with --sql, or use --queue."),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    machine: Callable[..., Machine], database_url: str, arguments: list[str], message: str
) -> None:
    """Exit 2, before anything is read or made."""
    ran = machine().run("plan", *arguments)

    assert 2 == ran.code
    assert message in ran.err
    assert not machine().ledger.exists()


def test_settings_for_sources_do_not_hinder_a_queue(
    machine: Callable[..., Machine], database_url: str
) -> None:
    """A column in the config file is for another day's source; --queue itself may stand there, too."""
    enqueue(database_url, WALL)
    Path("eqcbatch.yml").write_text("plan:\n  column: [名]\n  queue: true\n", encoding="utf-8")

    ran = machine().run("plan", EQCBATCH_PLAN_SHEET="一", EQCBATCH_PLAN_LIMIT="5")

    assert (0, ["processing"]) == (ran.code, statuses(database_url)), ran.err
