"""The doctor: what it finds in EQC, Postgres, the ledger and the machine, and what it leaves alone."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.ledger import archive_path, writing
from eqcbatch.simulate import Faults, Simulator, Span
from eqcbatch.simulate.faults import Fault
from tests.conftest import TOKEN, Ran, Run
from tests.drains import LEDGER, Job, OneEach, companies
from tests.indexes import execute, snapshot
from tests.ledgers import ask, change, dump
from tests.processes import start_script
from tests.servers import RawServer, answering, http

Simulate = Callable[..., Simulator]
SUBJECTS = [
    *("token", "eqc", "rate", "postgres", "tables", "permissions", "ledger", "archive", "lock", "disk"),
    *("clock", "environment"),
]


@pytest.fixture
def check(eqcbatch: Run) -> Callable[..., dict[str, Any]]:
    """Run the doctor with a good token on the ledger of the test; its JSON, and what it printed."""

    def run(eqc_url: str, *options: object, **environment: str) -> dict[str, Any]:
        ran = eqcbatch(
            *("check", "--json", "--ledger", LEDGER, "--eqc-url", eqc_url, *options),
            **{"EQCBATCH_EQC_TOKEN": TOKEN} | environment,
        )
        content: dict[str, Any] = json.loads(ran.out)
        assert ran.code == content["exit_code"], ran.err
        return content | {"err": ran.err}

    return run


Check = Callable[..., dict[str, Any]]


def statuses(done: dict[str, Any]) -> dict[str, str]:
    """The worst status of each subject."""
    order = ("ok", "warning", "failed")
    worst: dict[str, str] = {}
    for one in done["checks"]:
        worst[one["subject"]] = max(worst.get(one["subject"], "ok"), one["status"], key=order.index)
    return worst


def said(done: dict[str, Any], subject: str) -> str:
    """All that is said of a subject, with the remedies."""
    return "\n".join(f"{one['says']} {one['remedy']}" for one in done["checks"] if one["subject"] == subject)


# All is well


def test_where_all_is_well_every_line_is_ok(
    check: Check, job: Callable[..., Job], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order that decides the exit code, with one request."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    work = job()
    work.plan(companies(3))
    work.drain("--budget", 1)
    done = check(work.eqc.url, EQCBATCH_DATABASE_URL=database_url)
    lines = {one["subject"]: one["status"] for one in done["checks"]}
    assert [subject for subject in SUBJECTS if subject != "environment"] == [
        name for name in lines if name != "environment"
    ]
    assert {"ok"} == {status for subject, status in lines.items() if subject != "environment"}, done
    assert (0, 1, 2) == (done["exit_code"], done["requests"], work.eqc.totals.requests)
    assert "accepted; from EQCBATCH_EQC_TOKEN" in said(done, "token")


def test_people_read_a_line_each_and_what_to_do(eqcbatch: Run, simulator: Simulate) -> None:
    """The remedy stands below its line; -q leaves out what is ok."""
    options = ("check", "--ledger", LEDGER, "--eqc-url", simulator().url)
    ran = eqcbatch(*options, EQCBATCH_EQC_TOKEN="wrong")
    quiet = eqcbatch(*options, "-q", EQCBATCH_EQC_TOKEN="wrong")
    lines = ran.out.splitlines()
    assert lines[0].startswith("failed   token        from EQCBATCH_EQC_TOKEN")
    assert lines[1].startswith(" " * 22 + "Get a fresh one.")
    assert "1 failed, " in lines[-1]
    assert (5, 5) == (ran.code, quiet.code)
    assert any(line.startswith("ok ") for line in lines)
    assert not any(line.startswith("ok ") for line in quiet.out.splitlines())


# The one request


def test_the_request_is_booked_in_a_session_of_its_own(
    check: Check, job: Callable[..., Job], eqcbatch: Run
) -> None:
    """As searchAll, with a budget of one; it is never archived, and the accounts balance."""
    work = job()
    work.plan(companies(2))
    check(work.eqc.url)
    assert [("searchAll", None, "answered")] == ask(
        LEDGER, "SELECT endpoint, lookup_key, outcome FROM requests"
    )
    assert [(1, 1, "check")] == ask(LEDGER, "SELECT budget, requests, exit_reason FROM sessions")
    assert not archive_path(LEDGER).exists()
    assert 0 == eqcbatch("report", "--check", "--ledger", LEDGER).code


def test_light_requests_are_no_measure_for_a_forecast(check: Check, job: Callable[..., Job]) -> None:
    """However often the doctor comes, a search is still assumed to take 5-20 s."""
    work = job()
    work.plan(companies(100))
    before = work.report()
    for _ in range(6):
        check(work.eqc.url, "--rate", "100/1s")
    after = work.report()
    assert (6, None) == (after["requests"]["total"], after["requests"]["latency_s"]["mean"])
    assert before["forecast"] == after["forecast"]


def test_the_request_counts_in_the_days_budget(check: Check, job: Callable[..., Job]) -> None:
    """A drain has one less afterwards; and where none is left, the doctor sends none."""
    work = job()
    work.plan(companies(5))
    check(work.eqc.url)
    work.drain("--daily-budget", 3)
    done = check(work.eqc.url, "--daily-budget", 3)
    assert (3, 0) == (work.eqc.totals.requests, done["requests"])
    assert ("warning", "warning") == (statuses(done)["token"], statuses(done)["eqc"])
    assert "daily budget of 3 is spent" in said(done, "eqc")


def test_the_request_takes_its_turn_in_the_shared_pace(check: Check, job: Callable[..., Job]) -> None:
    """After a drain that used the whole window it waits (promise P3)."""
    work = job(rate=(2, 1.0))
    work.plan(companies(2))
    work.drain("--rate", "2/1s", "--time-scale", 1)
    done = check(work.eqc.url, "--rate", "2/1s")
    first, second, third = (request.at for request in work.eqc.requests)
    assert third - first >= 1.0 > second - first
    assert (0, 0) == (work.eqc.totals.violations, done["exit_code"])
    assert "Waiting" in done["err"]


def test_where_no_turn_comes_soon_nothing_is_sent(check: Check, simulator: Simulate) -> None:
    """A pause that EQC asked for is kept, and told."""
    eqc = simulator(
        faults=Faults(between=(Span(Fault.TOO_MANY, 1, 1),)), retry_after="seconds", rate=(1, 300.0)
    )
    blocked, again = check(eqc.url), check(eqc.url)
    assert (6, 1, 0) == (blocked["exit_code"], eqc.totals.requests, again["requests"])
    assert "EQC is to be left alone" in said(again, "rate")
    assert "leaves no turn" in said(again, "eqc")


def test_no_request_is_sent_where_none_is_wanted(check: Check, job: Callable[..., Job]) -> None:
    """--no-request: EQC is left alone, and the token is looked at alone."""
    work = job()
    work.plan(companies(1))
    done = check(work.eqc.url, "--no-request")
    assert (0, 0) == (work.eqc.totals.requests, done["requests"])
    assert "eqc" not in statuses(done)
    assert "0 of 10" in said(done, "rate")
    assert "not shown to EQC" in said(done, "token")


def test_the_doctor_looks_at_what_a_drain_would_use(eqcbatch: Run, simulator: Simulate) -> None:
    """Settings of drain hold for check, in the file and the environment, save those of its output."""
    eqc = simulator()
    Path("token.txt").write_text(TOKEN, encoding="utf-8")
    Path("eqcbatch.yml").write_text(
        "drain:\n  token-file: token.txt\n  json: true\n  budget: 3\n", encoding="utf-8"
    )
    ran = eqcbatch("check", EQCBATCH_DRAIN_EQC_URL=eqc.url, EQCBATCH_DRAIN_QUIET="1")
    own = eqcbatch("check", EQCBATCH_DRAIN_EQC_URL="http://127.0.0.1:1", EQCBATCH_CHECK_EQC_URL=eqc.url)
    assert (0, 0, 2) == (ran.code, own.code, eqc.totals.requests)
    assert "accepted; from the file token.txt" in ran.out


# Token and EQC


def jwt(life_s: float) -> str:
    """A token that says when it expires."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + life_s}).encode()).rstrip(b"=")
    return f"e30.{claims.decode()}.x"


@pytest.mark.parametrize(
    ("life_s", "accepted", "status", "code", "says"),
    [
        (3 * 3600, True, "ok", 0, "expires in 3 h"),
        (60, True, "warning", 0, "what is pending takes about"),
        (-600, True, "warning", 0, "says that it expired 10 min ago"),
        (-600, False, "failed", 5, "not accepted (401)"),
    ],
)
def test_a_token_tells_how_long_it_lives(
    check: Check, job: Callable[..., Job], life_s: float, accepted: bool, status: str, code: int, says: str
) -> None:
    """EQC has the last word; one that dies before the job is done is a warning."""
    token = jwt(life_s)
    work = job(token=token if accepted else "another")
    work.plan(companies(20))
    done = check(work.eqc.url, EQCBATCH_EQC_TOKEN=token)
    assert (status, code) == (statuses(done)["token"], done["exit_code"])
    assert says in said(done, "token")


def test_an_expired_token_is_known_without_asking(check: Check, simulator: Simulate) -> None:
    """By its own word, with --no-request."""
    done = check(simulator().url, "--no-request", EQCBATCH_EQC_TOKEN=jwt(-60))
    assert (5, "failed") == (done["exit_code"], statuses(done)["token"])


def test_without_a_token_nothing_is_sent(check: Check, simulator: Simulate) -> None:
    """It ends with 5 and says where a token may come from."""
    eqc = simulator()
    done = check(eqc.url, EQCBATCH_EQC_TOKEN="")
    assert (5, 0) == (done["exit_code"], eqc.totals.requests)
    assert "--token-command" in said(done, "token")


@pytest.mark.parametrize(
    ("fault", "code", "failed", "requests"),
    [
        (Fault.UNAUTHORIZED, 5, "token", 1),
        (Fault.EXPIRED, 5, "token", 1),
        (Fault.HTML, 5, "token", 1),
        (Fault.REDIRECT, 5, "token", 1),
        (Fault.FORBIDDEN, 6, "eqc", 2),
        (Fault.TOO_MANY, 6, "eqc", 1),
        (Fault.SERVER_ERROR, 4, "eqc", 1),
        (Fault.NOT_FOUND, 4, "eqc", 1),
        (Fault.TRUNCATED, 4, "eqc", 1),
        (Fault.ERROR, 4, "eqc", 1),
        (Fault.EMPTY, 4, "eqc", 1),
        (Fault.NULL, 4, "eqc", 1),
        (Fault.RESET, 4, "eqc", 1),
        (Fault.TIMEOUT, 4, "eqc", 1),
        (Fault.DRIP, 4, "eqc", 1),
    ],
)
def test_what_eqc_answers_decides_the_exit_code(
    check: Check, job: Callable[..., Job], fault: Fault, code: int, failed: str, requests: int
) -> None:
    """One request each, booked with its outcome; a 403 is tried once more, with bare headers."""
    work = job(faults=Faults(between=(Span(fault, 1),)))
    work.plan(companies(1))
    done = check(work.eqc.url, "--timeout", "0.5s")
    assert (code, "failed") == (done["exit_code"], statuses(done)[failed])
    assert requests == work.eqc.totals.requests == done["requests"]
    assert requests == len(ask(LEDGER, "SELECT 1 FROM requests WHERE outcome <> 'in_flight'"))
    assert 1 == done["failed"]


def test_a_gateway_that_wants_bare_headers_is_no_block(check: Check, job: Callable[..., Job]) -> None:
    """As for a drain: 403, then an answer (docs/domain.md section 2)."""
    work = job(faults=Faults(between=(Span(Fault.FORBIDDEN, 1, 1),)))
    work.plan(companies(1))
    done = check(work.eqc.url)
    assert (0, "ok", 2) == (done["exit_code"], statuses(done)["eqc"], done["requests"])
    assert [1, 1] == ask(LEDGER, "SELECT requests FROM sessions")


def test_an_eqc_that_is_dead_is_not_available(check: Check) -> None:
    """Exit 4; whether the token is accepted stays open."""
    done = check("http://127.0.0.1:1")
    assert (4, "failed", "warning") == (done["exit_code"], statuses(done)["eqc"], statuses(done)["token"])
    assert "connection refused" in said(done, "eqc")


def test_another_server_is_not_taken_for_eqc(check: Check) -> None:
    """Neither one that answers with JSON of its own, nor one that knows nobody."""
    with RawServer(answering(http(b'{"hello":"world"}'))) as stranger:
        assert 4 == check(stranger.url)["exit_code"]
    with RawServer(answering(http(b'{"list":[]}'))) as stranger:
        done = check(stranger.url)
    assert (4, "failed") == (done["exit_code"], statuses(done)["eqc"])
    assert "is it EQC?" in said(done, "eqc")


def test_a_url_that_is_none_ends_with_2(check: Check) -> None:
    """As in a drain; no credentials in it are shown."""
    done = check("htp://me:geheim@eqc")
    assert (2, "failed", 0) == (done["exit_code"], statuses(done)["eqc"], done["requests"])
    assert "geheim" not in json.dumps(done)


@pytest.mark.parametrize("options", [(), ("--no-request",)])
@pytest.mark.parametrize("place", ["file/pace.json", "directory"])
def test_a_pace_file_that_cannot_be_written_is_told(
    check: Check, simulator: Simulate, place: str, options: tuple[str, ...]
) -> None:
    """Nothing is sent without it, and it is tried where nothing is to be sent, too."""
    Path("file").write_text("", encoding="utf-8")
    Path("directory").mkdir()
    eqc = simulator()
    done = check(eqc.url, *options, EQCBATCH_PACE_FILE=place)
    assert (2, 0, "failed") == (done["exit_code"], eqc.totals.requests, statuses(done)["rate"])
    assert place in said(done, "rate")


@pytest.mark.parametrize(
    ("date", "status"), [("Mon, 23 Nov 2020 04:05:06 GMT", "warning"), ("nonsense", "ok")]
)
def test_the_clock_is_compared_with_eqcs(check: Check, date: str, status: str) -> None:
    """By the Date header of its answer."""
    with RawServer(answering(http(b'{"list":[{"companyId":1}]}', f"Date: {date}"))) as server:
        done = check(server.url)
    assert (0, status) == (done["exit_code"], statuses(done)["clock"])
    assert ("ahead of EQC's" in said(done, "clock")) == (status == "warning")


# Postgres


def test_without_a_database_url_it_is_a_warning(check: Check, simulator: Simulate) -> None:
    """Results stay in the ledger."""
    done = check(simulator().url)
    assert ("warning", 0) == (statuses(done)["postgres"], done["exit_code"])


def test_a_postgres_that_is_away_ends_with_7(check: Check, simulator: Simulate) -> None:
    """And with nothing said of its tables."""
    done = check(simulator().url, EQCBATCH_DATABASE_URL="postgresql://me:geheim@127.0.0.1:1/none")
    assert (7, "failed") == (done["exit_code"], statuses(done)["postgres"])
    assert not {"tables", "permissions"} & statuses(done).keys()
    assert "geheim" not in json.dumps(done)


def test_a_database_url_that_is_none_ends_with_2(check: Check, simulator: Simulate) -> None:
    """It is not quoted."""
    done = check(simulator().url, EQCBATCH_DATABASE_URL="postgresql://me:ge@heim@h/d")
    assert (2, "failed") == (done["exit_code"], statuses(done)["postgres"])
    assert "heim" not in json.dumps(done)


def test_an_embedded_postgres_is_not_made_by_a_check(check: Check, simulator: Simulate) -> None:
    """It comes with the first command that needs it."""
    done = check(simulator().url, EQCBATCH_DATABASE_URL="embedded")
    assert (0, "ok") == (done["exit_code"], statuses(done)["postgres"])
    assert not Path("postgres").exists()


def test_missing_tables_end_with_7(check: Check, simulator: Simulate, bare_database_url: str) -> None:
    """The index is needed; the others only for what they are for. init-db mends it."""
    done = check(simulator().url, EQCBATCH_DATABASE_URL=bare_database_url)
    tables = [(one["status"], one["says"].split()[0]) for one in done["checks"] if one["subject"] == "tables"]
    assert 7 == done["exit_code"]
    assert [
        ("failed", "enterprise.enrichment_index"),
        ("warning", "enterprise.base_info"),
        ("warning", "enterprise.enrichment_requests"),
    ] == tables
    assert "eqcbatch init-db" in said(done, "tables")


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ("enrichment_index DROP COLUMN source_domain", "failed", "lacks source_domain: needed for every"),
        ("enrichment_index DROP COLUMN source_table", "warning", "lacks source_table; eqcbatch does without"),
        ("enrichment_index DROP COLUMN lookup_type", "failed", "lacks lookup_type"),
        (
            "enrichment_index DROP CONSTRAINT uq_enrichment_index_key_type",
            "failed",
            "ADD UNIQUE (lookup_key, lookup_type)",
        ),
        ("enrichment_index ADD CHECK (lookup_type IN ('plan_code'))", "warning", "takes no former names"),
        ("enrichment_index ADD CHECK (lookup_type IN ('former_name'))", "ok", "as expected"),
        ("base_info DROP COLUMN company_id", "warning", "lacks company_id: needed for `drain --details"),
        ("base_info DROP COLUMN le_rep", "warning", "lacks le_rep; eqcbatch does without"),
        ("enrichment_requests DROP COLUMN attempts", "warning", "needed for `plan --queue` only"),
    ],
)
def test_tables_that_differ_are_told(
    check: Check, simulator: Simulate, database_url: str, change: str, status: str, says: str
) -> None:
    """What eqcbatch cannot do without is failed, the rest a warning."""
    execute(database_url, f"ALTER TABLE enterprise.{change}")
    done = check(simulator().url, EQCBATCH_DATABASE_URL=database_url)
    assert status == statuses(done)["tables"], said(done, "tables")
    assert says in said(done, "tables")
    assert (7 if status == "failed" else 0) == done["exit_code"]


@pytest.fixture
def role(database_url: str) -> Iterator[Callable[..., str]]:
    """Make a role with these grants; the URL of the test's database for it."""
    name = f"role_of_{database_url.partition('?')[0].rpartition('/')[2]}"

    def make(*grants: str) -> str:
        execute(database_url, f"CREATE ROLE {name} LOGIN", *(f"GRANT {grant} TO {name}" for grant in grants))
        return database_url.replace("//postgres:@", f"//{name}:@")

    yield make
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}".encode())
        connection.execute(f"DROP ROLE {name}".encode())


USAGE = "USAGE ON SCHEMA enterprise"
INDEX = "SELECT, INSERT, UPDATE, DELETE ON enterprise.enrichment_index"
OTHERS = (
    "SELECT, INSERT, UPDATE ON enterprise.base_info",
    "SELECT, UPDATE ON enterprise.enrichment_requests",
)


@pytest.mark.parametrize(
    ("grants", "status", "says"),
    [
        ((USAGE, INDEX, *OTHERS), "ok", "may read and write"),
        (
            (USAGE, INDEX.replace("UPDATE, ", ""), *OTHERS),
            "failed",
            "GRANT UPDATE ON enterprise.enrichment_index",
        ),
        ((USAGE, *OTHERS), "failed", "GRANT INSERT, SELECT, UPDATE ON enterprise.enrichment_index"),
        ((INDEX, *OTHERS), "failed", "GRANT USAGE ON SCHEMA enterprise"),
        ((USAGE, INDEX.replace(", DELETE", ""), *OTHERS), "warning", "flush --revert"),
        ((USAGE, INDEX), "warning", "needed for `plan --queue` only"),
        ((), "failed", "may not use the schema"),
    ],
)
def test_what_a_role_may_not_do_is_told_with_the_grant_that_mends_it(
    check: Check,
    simulator: Simulate,
    role: Callable[..., str],
    grants: tuple[str, ...],
    status: str,
    says: str,
) -> None:
    """Read from the catalogs: nothing is tried."""
    done = check(simulator().url, EQCBATCH_DATABASE_URL=role(*grants))
    assert status == statuses(done)["permissions"], said(done, "permissions")
    assert says in said(done, "permissions")
    assert (7 if status == "failed" else 0) == done["exit_code"]


def test_the_grants_that_it_names_mend_it(
    check: Check, simulator: Simulate, role: Callable[..., str], database_url: str
) -> None:
    """Done one after another as they stand there, the role has all that it needs."""
    url, eqc = role(), simulator()
    for _ in range(2):
        done = check(eqc.url, EQCBATCH_DATABASE_URL=url)
        remedies = [one["remedy"] for one in done["checks"] if one["subject"] == "permissions"]
        execute(database_url, *(remedy for remedy in remedies if remedy))
    assert {"permissions": "ok"}.items() <= statuses(check(eqc.url, EQCBATCH_DATABASE_URL=url)).items()


def test_a_serial_column_needs_its_sequence(
    check: Check, simulator: Simulate, role: Callable[..., str], database_url: str
) -> None:
    """In older installations the id is serial, and a grant on the table is not enough."""
    execute(
        database_url,
        "ALTER TABLE enterprise.enrichment_index DROP COLUMN id",
        "ALTER TABLE enterprise.enrichment_index ADD COLUMN id serial",
    )
    url, eqc = role(USAGE, INDEX, *OTHERS), simulator()
    before = check(eqc.url, EQCBATCH_DATABASE_URL=url)
    (grant,) = (one["remedy"] for one in before["checks"] if one["status"] == "failed")
    execute(database_url, grant)
    after = check(eqc.url, EQCBATCH_DATABASE_URL=url)
    assert ("failed", "ok") == (statuses(before)["permissions"], statuses(after)["permissions"])


def test_a_server_that_only_reads_is_told(check: Check, simulator: Simulate, database_url: str) -> None:
    """As a standby does."""
    execute(
        database_url,
        f"ALTER DATABASE {database_url.partition('?')[0].rpartition('/')[2]}"
        " SET default_transaction_read_only = on",
    )
    done = check(simulator().url, EQCBATCH_DATABASE_URL=database_url)
    assert (7, "failed") == (done["exit_code"], statuses(done)["postgres"])
    assert "primary" in said(done, "postgres")


def test_postgres_is_only_read(check: Check, simulator: Simulate, database_url: str) -> None:
    """No row of the index is written."""
    execute(
        database_url,
        """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
           VALUES ('甲', 'customer_name', '1', 'manual')""",
    )
    before = snapshot(database_url)
    check(simulator().url, EQCBATCH_DATABASE_URL=database_url)
    assert before == snapshot(database_url)


# The ledger


def test_without_a_ledger_it_works_and_makes_none(check: Check, simulator: Simulate, tmp_path: Path) -> None:
    """The request is paced, and booked nowhere."""
    eqc = simulator()
    done = check(eqc.url, "--ledger", "ledgers/none.sqlite")
    assert (0, 1) == (done["exit_code"], eqc.totals.requests)
    assert ("warning", True) == (statuses(done)["ledger"], "eqcbatch plan" in said(done, "ledger"))
    assert not {"archive", "lock"} & statuses(done).keys()
    assert {"pace.json", "pace.json.lock"} == {path.name for path in tmp_path.iterdir()}


def test_a_check_leaves_the_names_as_they_are(check: Check, job: Callable[..., Job]) -> None:
    """All that it adds to a ledger is its request and the session of this."""
    work = job()
    work.plan(companies(3))
    before = dump(LEDGER)
    check(work.eqc.url)
    after = dump(LEDGER)
    assert {"requests", "rulebooks", "sessions"} == {
        table for table in after if after[table] != before[table]
    }


def test_a_damaged_ledger_ends_with_9_and_books_nothing(check: Check, job: Callable[..., Job]) -> None:
    """What cannot be booked is not sent."""
    work = job()
    work.plan(companies(400))
    with LEDGER.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\xa5" * 4096 * 40)
    done = check(work.eqc.url)
    assert (9, 0, "failed") == (done["exit_code"], work.eqc.totals.requests, statuses(done)["ledger"])
    assert "damaged" in said(done, "ledger")


def test_a_ledger_that_is_a_directory_ends_with_2(check: Check, simulator: Simulate) -> None:
    """As in a drain: it is the option that is wrong."""
    LEDGER.mkdir()
    assert 2 == check(simulator().url)["exit_code"]


@pytest.mark.parametrize("content", [b"", b"no SQLite at all, but long enough to look at" * 90])
def test_a_file_that_is_no_ledger_ends_with_9(check: Check, simulator: Simulate, content: bytes) -> None:
    """An empty file would become a ledger without a plan: that is none either."""
    LEDGER.write_bytes(content)
    done = check(simulator().url)
    assert (9 if content else 0) == done["exit_code"]


def test_accounts_out_of_balance_end_with_9(check: Check, job: Callable[..., Job]) -> None:
    """As `report --check` has it."""
    work = job()
    work.plan(companies(3))
    change(LEDGER, "UPDATE names SET rows = rows + 1")
    done = check(work.eqc.url)
    assert (9, 0) == (done["exit_code"], work.eqc.totals.requests)
    assert "do not balance" in said(done, "ledger")


def test_a_damaged_archive_ends_with_9(check: Check, job: Callable[..., Job]) -> None:
    """A drain would end so, too."""
    work = job()
    work.plan(companies(2))
    work.drain()
    archive_path(LEDGER).write_bytes(b"no SQLite at all, but long enough to look at" * 90)
    done = check(work.eqc.url)
    assert (9, "failed") == (done["exit_code"], statuses(done)["archive"])


def test_a_drain_that_died_is_a_warning_that_a_check_leaves_alone(
    check: Check, job: Callable[..., Job]
) -> None:
    """The next drain still needs --resume, and has it all."""
    work = job()
    work.plan(companies(3))
    change(LEDGER, "INSERT INTO sessions (started_at, pid, host) VALUES ('2026-01-01T00:00:00', 1, 'h')")
    done = check(work.eqc.url)
    assert ("warning", True) == (statuses(done)["ledger"], "drain --resume" in said(done, "ledger"))
    assert [1] == ask(LEDGER, "SELECT id FROM sessions WHERE ended_at IS NULL")
    assert (1, 0) == (done["requests"], work.drain().code)


def test_what_is_flushed_after_a_check_counts_to_the_drain(
    check: Check, job: Callable[..., Job], database_url: str, eqcbatch: Run
) -> None:
    """`flush --revert` finds it there: a check is no night that went wrong."""
    work = job(registry=OneEach())
    work.plan(companies(1))
    work.drain()
    check(work.eqc.url)
    eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert [1] == ask(LEDGER, "SELECT flushed_session FROM names")


HOLD = """
import sys, time
from pathlib import Path
from eqcbatch.ledger import writing
with writing(Path(sys.argv[1]), "drain"):
    print("held", flush=True)
    time.sleep(600)  # until it is killed
"""


def test_p9_while_another_process_writes_nothing_is_booked(
    check: Check, job: Callable[..., Job], tmp_path: Path
) -> None:
    """It says who, reads all the same, and sends nothing that it could not book."""
    work = job()
    work.plan(companies(2))
    holder = start_script(HOLD, tmp_path / LEDGER)
    try:
        assert holder.stdout
        assert "held\n" == holder.stdout.readline()
        before = dump(LEDGER)
        done = check(work.eqc.url)
    finally:
        holder.kill()
        holder.communicate()
    assert (0, "warning", "ok") == (done["exit_code"], statuses(done)["lock"], statuses(done)["ledger"])
    assert f"`eqcbatch drain`, pid {holder.pid}" in said(done, "lock")
    assert (0, 0, before) == (work.eqc.totals.requests, done["requests"], dump(LEDGER))
    assert "not tried" in said(done, "token")


def test_while_a_drain_runs_it_tells_what_that_heard_last(check: Check, job: Callable[..., Job]) -> None:
    """So one knows that EQC answers, without a request."""
    work = job()
    work.plan(companies(2))
    work.drain("--budget", 1)
    change(LEDGER, "UPDATE sessions SET ended_at = NULL, exit_reason = NULL")
    with writing(LEDGER, "drain"):
        done = check(work.eqc.url)
    assert (1, "ok") == (work.eqc.totals.requests, statuses(done)["eqc"])
    assert "answered the drain that runs" in said(done, "eqc")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_check_that_is_stopped_settles_its_request(
    job: Callable[..., Job], start_eqcbatch: Callable[..., Any], number: int, code: int
) -> None:
    """The next drain needs no --resume: nothing died."""
    work = job(faults=Faults(between=(Span(Fault.TIMEOUT, 1, 1),)))
    work.plan(companies(1))
    process = start_eqcbatch(
        *("check", "--ledger", LEDGER, "--eqc-url", work.eqc.url), EQCBATCH_EQC_TOKEN=TOKEN
    )
    end = time.monotonic() + 30
    while not work.eqc.requests:
        assert time.monotonic() < end, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert code == process.returncode
    assert [("unknown", "check")] == ask(
        LEDGER, "SELECT outcome, exit_reason FROM requests JOIN sessions ON sessions.id = session_id"
    )


# The machine


@pytest.mark.skipif(os.name == "nt", reason="there is no env -i")
def test_cron_with_an_empty_environment_is_told_what_to_write(simulator: Simulate) -> None:
    """PATH is what cron lacks; Chinese comes out whole."""
    eqc = simulator()
    ran = subprocess.run(
        [
            *("env", "-i", "PATH=/nowhere", f"EQCBATCH_EQC_TOKEN={TOKEN}", "EQCBATCH_PACE_FILE=pace.json"),
            *(sys.executable, "-m", "eqcbatch", "check", "--eqc-url", eqc.url, "--ledger", "年金.sqlite"),
        ],
        capture_output=True,
        encoding="utf-8",
    )
    assert 0 == ran.returncode, ran.stderr
    assert "not on the PATH (/nowhere)" in ran.stdout
    assert f"In a crontab write: {sys.executable} -m eqcbatch" in ran.stdout or "/eqcbatch\n" in ran.stdout
    assert "there is no 年金.sqlite yet" in ran.stdout


def test_a_variable_that_nobody_reads_is_told(check: Check, simulator: Simulate) -> None:
    """With the one that may be meant."""
    done = check(simulator().url, EQCBATCH_DRAIN_BUGET="600")
    for wrong in ("EQCBATCH_BUDGET", "EQCBATCH_BUDGT"):
        assert f"no variable {wrong}. Did you mean EQCBATCH_DRAIN_BUDGET?" in said(
            check(simulator().url, **{wrong: "9"}), "environment"
        )
    assert "no variable EQCBATCH_DRAIN_BUGET. Did you mean EQCBATCH_DRAIN_BUDGET?" in said(
        done, "environment"
    )


def test_the_first_line_that_is_failed_decides(check: Check, job: Callable[..., Job]) -> None:
    """Token before Postgres before ledger."""
    work = job()
    work.plan(companies(2))
    away = "postgresql://me@127.0.0.1:1/none"
    change(LEDGER, "UPDATE names SET rows = rows + 1")
    both = check(work.eqc.url, EQCBATCH_DATABASE_URL=away)
    all_three = check(work.eqc.url, EQCBATCH_DATABASE_URL=away, EQCBATCH_EQC_TOKEN="")
    assert (7, 5) == (both["exit_code"], all_three["exit_code"])


def test_help_says_which_exit_code_wins(eqcbatch: Run) -> None:
    """As it is."""
    ran: Ran = eqcbatch("check", "--help")
    assert "The exit code is that of the first line that is failed" in ran.out


def test_what_it_needs_of_the_tables_is_what_init_db_makes(database_url: str) -> None:
    """Of the kinds that it needs, and with nothing in the way; what else is there is other programs'."""
    from eqcbatch.postgres import BASE_INFO, ENRICHMENT_INDEX, ENRICHMENT_REQUESTS, Postgres, obstacles

    seen = Postgres(database_url).inspect().tables
    for needs in (ENRICHMENT_INDEX, BASE_INFO, ENRICHMENT_REQUESTS):
        columns = seen[needs.name].shape.columns.keys()
        assert (set(), []) == (
            (needs.columns.keys() | needs.others) - columns,
            list(obstacles(needs, seen[needs.name].shape)),
        )
