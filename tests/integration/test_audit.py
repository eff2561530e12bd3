"""`eqcbatch audit` on a real PostgreSQL: what is judged, ranked and refused; nothing is written."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.domain.index_audit import RowVerdict
from eqcbatch.ledger import writing
from eqcbatch.postgres.bounded import BoundedConnection
from tests.conftest import Ran, Run
from tests.drains import LEDGER, write_names
from tests.indexes import execute, seed, select, snapshot
from tests.ledgers import dump
from tests.schemas import checked, published

pytestmark = pytest.mark.every_schema
Company = tuple[str, str | None, str | None, str | None]  # id, name, status, former names

FAR, NEAR, HERON = "北京市远山科技有限公司", "上海市远山科技有限公司", "成都白鹭环保有限公司"
COMPANIES: Sequence[Company] = (
    ("600000001", FAR, "存续", "北京市近山科技有限公司，北京市青山科技有限公司"),
    ("600000002", NEAR, "存续", None),
    ("600000003", HERON, "注销", None),
)
ROWS = (
    (FAR, "customer_name", "600000001", 1.0),
    (NEAR, "customer_name", "600000001", 0.8),
    ("北京市青山科技有限公司", "customer_name", "600000001", 0.8),
    (HERON, "customer_name", "600000003", 0.8),
    ("从未听说有限公司", "customer_name", "600000404", 0.8),
    ("空有其名有限公司", "customer_name", "N/A", 0.8),
    ("6222000000000001", "account_number", "600000001", 0.8),
    ("P1", "plan_code", "600000002", 1.0),
    (f"P2|{NEAR}", "plan_customer", "600000002", 1.0),
)


def fill(url: str, rows: Sequence[Any] = ROWS, companies: Sequence[Company] = COMPANIES) -> None:
    seed(url, *rows, source="eqc_api")
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(
            """INSERT INTO enterprise.base_info
                   (company_id, company_full_name, registered_status, company_former_name)
               VALUES (%s, %s, %s, %s)""",
            companies,
        )


@pytest.fixture
def audit(eqcbatch: Run, database_url: str) -> Callable[..., Ran]:
    """Audit the index of this test's database."""

    def run(*options: object) -> Ran:
        return eqcbatch("audit", "--ledger", LEDGER, *options, EQCBATCH_DATABASE_URL=database_url)

    return run


def verdicts(ran: Ran) -> dict[str, int]:
    """How many rows have each verdict, whatever their type; what was printed is of the published schema."""
    assert 0 == ran.code, ran.err
    counts: dict[str, int] = {}
    for one in checked("audit", ran.out)["verdicts"]:
        counts[one["verdict"]] = counts.get(one["verdict"], 0) + one["rows"]
    return counts


def test_each_row_is_judged_by_what_base_info_has(audit: Callable[..., Ran], database_url: str) -> None:
    """Names, plan codes, account numbers; without a ledger none has a weight."""
    fill(database_url)
    ran = audit("--json")
    assert {
        "agrees": 2,
        "contradiction:region": 1,
        "renamed": 1,
        "gone": 1,
        "unknown_company": 1,
        "no_id": 1,
        "unproven": 2,
    } == verdicts(ran)
    found = json.loads(ran.out)
    assert (9, 5, 1, 0.2) == tuple(found[key] for key in ("rows", "judged", "suspicious", "suspicious_share"))
    first = found["ranked"][0]
    assert (NEAR, "600000001", FAR) == (first["lookup_key"], first["company_id"], first["official_name"])
    assert [{"company_id": "600000002", "official_name": NEAR}] == first["instead"]
    assert {0} == {one["weight"] for one in found["verdicts"]}


def test_the_heaviest_that_is_likely_wrong_comes_first(
    audit: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """By its rows in the current sources; a plan code is judged by who stands there with it."""
    fill(database_url, (*ROWS, ("杭州青禾贸易有限公司", "customer_name", "600000002", 0.8)))
    Path("m.csv").write_text(
        "客户名称,计划代码\n" + f"{NEAR},\n" * 3 + f"{FAR},P1\n" * 2 + "杭州青禾贸易有限公司,\n" * 9,
        encoding="utf-8",
    )
    url = {"EQCBATCH_DATABASE_URL": database_url}
    arguments = ("plan", "m.csv", "--ledger", LEDGER, "--plan-code-column", "计划代码")
    assert 0 == eqcbatch(*arguments, **url).code
    ranked = json.loads(audit("--json").out)["ranked"][:3]
    assert [
        ("杭州青禾贸易有限公司", "contradiction:region", 9),
        (NEAR, "contradiction:region", 3),
        ("P1", "contradiction:region", 2),
    ] == [(one["lookup_key"], one["verdict"], one["weight"]) for one in ranked]
    text = audit("--top", 1).out
    assert "of which the first 1:" in text
    assert "杭州青禾贸易有限公司" in text
    assert f"P2|{NEAR}" not in text


def test_what_the_ledger_heard_of_a_company_counts_too(
    audit: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """EQC's answers are later than base_info: a company it offered under another name was renamed."""
    fill(database_url)
    eqcbatch("plan", write_names(["甲"]), "--ledger", LEDGER)
    from tests.ledgers import change

    change(
        LEDGER,
        f"""INSERT INTO candidates (lookup_key, rank, company_id, official_name, former_names)
            VALUES ('甲', 0, '600000404', '今非昔比有限公司', '["从未听说有限公司"]'),
                   ('甲', 1, '600000001', '{NEAR}', '[]')""",
    )
    counts = verdicts(audit("--json"))
    assert (0, 3) == (counts.get("unknown_company", 0), counts["renamed"])


def test_nothing_is_written_and_nobody_is_held_up(
    audit: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """Neither in Postgres nor in the ledger, and while a drain has its lock."""
    fill(database_url)
    eqcbatch("plan", write_names([FAR, "甲"]), "--ledger", LEDGER)
    before = snapshot(database_url), dump(LEDGER)
    with writing(LEDGER, "drain"):
        assert 0 == audit().code
    assert before == (snapshot(database_url), dump(LEDGER))


def test_the_gate(audit: Callable[..., Ran], database_url: str) -> None:
    """Exit 10 where more than this share is suspicious, with one line that says so."""
    fill(database_url)
    assert 0 == audit("--fail-over", 0.2).code
    refused = audit("--fail-over", 0.19, "--json")
    assert 10 == refused.code
    assert "--fail-over: 20.00 % of the rows judged are suspicious, more than 19 %." in refused.err
    assert 1 == checked("audit", refused.out)["suspicious"]
    assert 2 == audit("--fail-over", 1.5).code


def test_an_index_with_no_rows_has_no_wrong_ones(audit: Callable[..., Ran]) -> None:
    """It passes the gate, and all its figures are none."""
    ran = audit("--json", "--fail-over", 0)
    assert {} == verdicts(ran)
    assert (0, None, []) == tuple(json.loads(ran.out)[key] for key in ("rows", "suspicious_share", "ranked"))
    assert "0 rows" in audit().out


def test_an_index_of_which_nothing_can_be_judged_is_refused(
    audit: Callable[..., Ran], database_url: str
) -> None:
    """Silence is no proof; and that there is no base_info is said."""
    fill(database_url, ROWS[:1], companies=())
    ran = audit("--fail-over", 0.5)
    assert (10, True) == (ran.code, "no row could be judged" in ran.err)
    execute(database_url, "DROP TABLE enterprise.base_info CASCADE")
    assert "There is no table enterprise.base_info" in audit().out


def test_a_postgres_that_is_not_there_is_exit_7(eqcbatch: Run) -> None:
    """And none at all is exit 2."""
    down = eqcbatch("audit", EQCBATCH_DATABASE_URL="postgresql://user@127.0.0.1:1/name")
    assert (7, True) == (down.code, "127.0.0.1:1 is not reachable" in down.err)
    assert 2 == eqcbatch("audit").code


def test_an_index_that_others_have_locked_is_exit_7(
    audit: Callable[..., Ran], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is waited for some seconds."""
    monkeypatch.setattr("eqcbatch.postgres.bounded.LOCK_TIMEOUT_S", 0.2)
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE enterprise.enrichment_index IN ACCESS EXCLUSIVE MODE")
        ran = audit()
    assert (7, True) == (ran.code, "has locked enterprise.enrichment_index" in ran.err), ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP on Windows")
def test_a_postgres_that_hangs_is_exit_7(
    audit: Callable[..., Ran], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its backend is frozen amid the reading; the wait has a bound of its own."""
    fill(database_url)
    stopped: list[int] = []

    def freeze(connection: BoundedConnection, *name: str) -> Any:
        if name:  # the cursor on the server, which reads the index
            stopped.append(connection.info.backend_pid)
            os.kill(stopped[-1], signal.SIGSTOP)
        return original(connection, *name)

    original: Any = BoundedConnection.cursor
    monkeypatch.setattr(BoundedConnection, "cursor", freeze)
    monkeypatch.setattr("eqcbatch.postgres.index_reading.LOOKUP_S", 0.2)
    monkeypatch.setattr("eqcbatch.postgres.bounded.GRACE_S", 0.2)
    try:
        ran = audit()
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert (7, True) == (ran.code, "it gave no answer within" in ran.err), ran.err


HOSTILE = "\x1b[2J\u202e=cmd|' /C calc'!A0公司"


def test_hostile_texts_act_on_nobody(audit: Callable[..., Ran], database_url: str) -> None:
    """Escape sequences, marks of direction and formulas, in keys, ids, types, names and former names."""
    fill(
        database_url,
        [(HOSTILE, "customer_name", "600000009", 0.8), ("=1+1", "customer_name", "\x1b[31m=1", 0.8)],
        [("600000009", f"{HOSTILE}二号", "注销\x1b[0m", HOSTILE * 3)],
    )
    for ran in (audit(), audit("--json")):
        assert 0 == ran.code, ran.err
        assert not set(ran.out) & {"\x1b", "\u202e"}
    assert {HOSTILE, "=1+1"} == {one["lookup_key"] for one in json.loads(ran.out)["ranked"]}


def test_the_words_of_the_schema_are_all_verdicts() -> None:
    """None is missing."""
    assert [str(one) for one in RowVerdict] == published("audit")["$defs"]["verdict"]["enum"]


@pytest.mark.parametrize("encoding", ["EUC_CN", "LATIN1"])
def test_a_database_in_another_encoding(eqcbatch: Run, postgres_server: str, encoding: str) -> None:
    """Is read as any other one."""
    from eqcbatch.postgres import Postgres, create_missing

    name = f"audit_{encoding.lower()}"
    execute(
        postgres_server,
        f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    head, _, query = postgres_server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    with Postgres(url).connect() as connection:
        create_missing(connection)
    known, other = (FAR, NEAR) if encoding == "EUC_CN" else ("FAR COMPANY", "NEAR COMPANY")
    with psycopg.connect(url, client_encoding="UTF8") as connection:
        connection.execute(
            """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
               VALUES (%s, 'customer_name', '1', 'manual'), (%s, 'customer_name', '1', 'manual')""",
            [known, other],
        )
        connection.execute(
            "INSERT INTO enterprise.base_info (company_id, company_full_name) VALUES ('1', %s)", [known]
        )
    ran = eqcbatch("audit", "--json", EQCBATCH_DATABASE_URL=url)
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")
    assert 1 == verdicts(ran)["agrees"]


def test_bytes_that_are_no_text_are_said_to_be(eqcbatch: Run, postgres_server: str) -> None:
    """A database without an encoding holds what it was given."""
    from eqcbatch.postgres import Postgres, create_missing

    execute(
        postgres_server,
        "CREATE DATABASE audit_ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    head, _, query = postgres_server.partition("?")
    url = f"{head.rpartition('/')[0]}/audit_ascii" + (f"?{query}" if query else "")
    with Postgres(url).connect() as connection:
        create_missing(connection)
    execute(
        url,
        """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
           VALUES (convert_from('\\xc9eec7'::bytea, 'SQL_ASCII'), 'customer_name', '1', 'manual')""",
    )
    ran = eqcbatch("audit", EQCBATCH_DATABASE_URL=url)
    execute(postgres_server, "DROP DATABASE audit_ascii WITH (FORCE)")
    assert (7, True) == (ran.code, "invalid byte sequence for encoding" in ran.err), ran.err


def test_ids_that_are_written_with_blanks_are_one_company(
    audit: Callable[..., Ran], database_url: str
) -> None:
    """As a lookup takes them."""
    fill(database_url, [(FAR, "customer_name", " 600000001 ", 0.8)])
    assert {"agrees": 1} == verdicts(audit("--json"))
    assert [" 600000001 "] == select(database_url, "SELECT company_id FROM enterprise.enrichment_index")


def test_ids_that_look_like_none_are_counted(
    audit: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """They count all the same, in a plan as in the index: who looks is told of it."""
    rows = ((FAR, "undefined"), (NEAR, "0"), ("某某甲", "undefined"), ("某某乙", "N/A"), (HERON, "600000003"))
    seed(database_url, *((key, "customer_name", one, 0.8) for key, one in rows), source="eqc_api")
    content = checked("audit", audit("--json").out)
    assert (3, [{"company_id": "undefined", "rows": 2}, {"company_id": "0", "rows": 1}]) == (
        content["odd_rows"],
        content["odd_ids"],
    )
    told = "Ids that look like none, and count all the same: 3 rows, undefined (2), 0 (1)."
    assert told in audit().out
    source, environment = write_names([FAR, HERON]), {"EQCBATCH_DATABASE_URL": database_url}
    ran = eqcbatch("plan", source, "--ledger", LEDGER, **environment)
    assert f"count all the same: 1 name (undefined of {FAR})" in ran.out
    ran = eqcbatch("plan", source, "--ledger", LEDGER, "--json", "--no-index")
    assert [{"lookup_key": FAR, "company_id": "undefined"}] == checked("plan", ran.out)["odd_ids"]
    assert 0 == eqcbatch("review", "set", FAR, "600000001", "--force", "--ledger", LEDGER, **environment).code
    assert "count all the same" not in eqcbatch("plan", source, "--ledger", LEDGER, **environment).out
