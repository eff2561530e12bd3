"""Nothing waits for Postgres for ever, what it commits is durable, and no setting of ours stays behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from eqcbatch.errors import PostgresUnavailable
from eqcbatch.flush import flush
from eqcbatch.ledger import open_ledger
from eqcbatch.postgres import Postgres
from eqcbatch.postgres.bounded import BoundedConnection
from tests.indexes import execute, select, standing
from tests.ledgers import plan_names, resolve, verdict

HANGS = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP on Windows")
Hasten = Callable[..., None]


@pytest.fixture
def hasten(monkeypatch: pytest.MonkeyPatch) -> Hasten:
    """Let a statement take tenths of a second only."""

    def bounds(statement_s: float = 0.2, grace_s: float = 0.2) -> None:
        monkeypatch.setattr(BoundedConnection, "_statement_s", statement_s)
        monkeypatch.setattr("eqcbatch.postgres.bounded.GRACE_S", grace_s)

    return bounds


@contextmanager
def frozen(connection: psycopg.Connection) -> Iterator[None]:
    """Stop the process that serves a connection, as a stuck disk does; its kernel acknowledges still."""
    pid = connection.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_connection_that_a_pool_hands_on_bears_nothing_of_ours(database_url: str) -> None:
    """Between transactions it has the settings of the server, and no statement was ever prepared on it."""
    asked = "SELECT name, setting FROM pg_settings WHERE source = 'session' AND name ~ 'timeout|commit'"
    with Postgres(database_url).connect() as connection:
        for _ in range(12):
            with connection.transaction():
                connection.execute("SELECT %s::text", ["甲"])
                within: dict[str, str] = dict(connection.execute(asked).fetchall())
        after = connection.execute(asked).fetchall()
        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert ("on", "60000", "10000") == tuple(
        within[name] for name in ("synchronous_commit", "statement_timeout", "lock_timeout")
    )
    assert ([], (0,)) == (after, prepared)


def test_p11_a_flush_commits_durably_whatever_the_server_has_for_a_default(
    tmp_path: Path, database_url: str
) -> None:
    """Of a database with synchronous_commit off, too: a trigger sees what holds as the row is written."""
    name = database_url.partition("?")[0].rpartition("/")[2]
    execute(
        database_url,
        f"ALTER DATABASE {name} SET synchronous_commit = off",
        "CREATE TABLE seen (setting text)",
        """CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$""",
        """CREATE TRIGGER look BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION look()""",
    )
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲")
    resolve(path, "甲", verdict("600000001", 1.0))
    with open_ledger(path) as ledger:
        assert flush(ledger, Postgres(database_url)).trouble is None
    assert (["甲"], ["on"]) == (list(standing(database_url)), select(database_url, "TABLE seen"))


@HANGS
def test_a_postgres_that_hangs_is_left_after_a_while(database_url: str, hasten: Hasten) -> None:
    """What is acknowledged and never answered counts as an outage; the connection is closed."""
    hasten()
    with (
        pytest.raises(PostgresUnavailable, match="not reachable: it gave no answer within"),
        Postgres(database_url).connect() as connection,
        frozen(connection),
    ):
        connection.execute("SELECT 1")
    assert connection.closed


def test_a_statement_that_takes_too_long_is_ended_by_the_server(database_url: str, hasten: Hasten) -> None:
    """The bound is the server's, too, so that nothing goes on there which nobody waits for."""
    hasten(grace_s=20)
    with (
        pytest.raises(PostgresUnavailable, match="statement timeout"),
        Postgres(database_url).connect() as connection,
        connection.transaction(),
    ):
        connection.execute("SELECT pg_sleep(20)")
