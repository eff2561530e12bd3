"""A database in another encoding: a name with a sign that it lacks waits by itself (P5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from eqcbatch.postgres import Postgres, create_missing
from tests.conftest import Run
from tests.drains import LEDGER, Job, OneEach
from tests.indexes import execute, seed, standing
from tests.ledgers import ask, states

HELD = ["深圳市甲甲科技有限公司", "深圳市乙乙科技有限公司"]
LACKING = ["深圳市龑㛃科技有限公司", "上海😀贸易有限公司"]


@pytest.fixture(params=["EUC_CN", "LATIN1", "SQL_ASCII"])
def database(request: pytest.FixtureRequest, postgres_server: str) -> Iterator[tuple[str, str]]:
    """An encoding, and the URL of a database that has it and the tables."""
    name = f"in_{request.param.lower()}"
    execute(
        postgres_server,
        f"CREATE DATABASE {name} ENCODING '{request.param}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    head, _, query = postgres_server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    with Postgres(url).connect() as connection:
        create_missing(connection)
    yield request.param, url
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def test_p5_a_name_that_the_encoding_lacks_stops_neither_lookup_nor_flush(
    job: Callable[..., Job], database: tuple[str, str], eqcbatch: Run
) -> None:
    """All others are found, or asked for and flushed; it waits, with its reason."""
    encoding, url = database
    known = "ABC" if encoding == "LATIN1" else HELD[0]
    with psycopg.connect(url, client_encoding="UTF8") as connection:
        connection.execute(
            """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
               VALUES (%s, 'customer_name', '600000001', 'manual')""",
            [known],
        )
    work = job(registry=OneEach())
    names = [known, *HELD[1:], *LACKING]
    assert 0 == work.plan(names, "--database-url", url).code
    assert {known} == {name for name, state in states(LEDGER).items() if state == "cached"}
    assert 0 == work.drain(EQCBATCH_DATABASE_URL=url).code
    refused = set(ask(LEDGER, "SELECT lookup_key FROM names WHERE flush_error LIKE '%encoding%'"))
    flushed = set(ask(LEDGER, "SELECT lookup_key FROM names WHERE flushed_at IS NOT NULL"))
    assert {
        "EUC_CN": (set(LACKING), {HELD[1]}),
        "LATIN1": ({HELD[1], *LACKING}, set()),
        "SQL_ASCII": (set(), {HELD[1], *LACKING}),
    }[encoding] == (refused, flushed)
    checked = json.loads(
        eqcbatch("check", "--no-request", "--json", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=url).out
    )
    assert any(f"its encoding is {encoding}" in one["says"] for one in checked["checks"])


def test_p11_a_check_tells_what_postgres_lost(
    job: Callable[..., Job], database_url: str, eqcbatch: Run
) -> None:
    """And changes nothing."""
    work = job(registry=OneEach())
    work.plan(HELD)
    work.drain(EQCBATCH_DATABASE_URL=database_url)
    seed(database_url)
    execute(database_url, "DELETE FROM enterprise.enrichment_index")
    ran = eqcbatch("check", "--no-request", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert "2 of the latest 2 flushed results are not in enterprise.enrichment_index" in ran.out
    assert {} == standing(database_url)
