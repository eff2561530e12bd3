"""After a session that died the whole ledger is read for damage, while the next one asks already."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.errors import LedgerUnusable
from eqcbatch.ledger import integrity
from tests.drains import LEDGER, Job, OneEach, companies
from tests.indexes import standing
from tests.ledgers import ask, change, states

NAMES = companies(12)
NewJob = Callable[..., Job]
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def died(job: NewJob) -> Job:
    """Twelve names that EQC knows, two of them asked by a session that died."""
    work = job(registry=OneEach())
    assert 0 == work.plan(NAMES).code
    assert 0 == work.drain("--budget", 2).code
    change(LEDGER, "UPDATE sessions SET ended_at = NULL, exit_reason = NULL")
    return work


def open_sessions() -> list[int]:
    return ask(LEDGER, "SELECT id FROM sessions WHERE ended_at IS NULL")


def check_is_running() -> bool:
    return any(thread.name == "integrity check" for thread in threading.enumerate())


class HugeLedger:
    """Stands for a ledger whose reading takes until all names are asked, and then as told by `found`."""

    def __init__(self, work: Job, url: str, found: Exception | None = None) -> None:
        self.in_postgres: object = None
        self._work = work
        self._url = url
        self._found = found

    def __call__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Read."""
        until_all_is_asked(self._work)
        self.in_postgres = standing(self._url)
        if self._found:
            raise self._found


def until_all_is_asked(work: Job) -> None:
    """Wait until EQC has seen every name, and the ledger every answer."""
    end = time.monotonic() + 20
    while "pending" in states(LEDGER).values():
        assert time.monotonic() < end, "the drain waits for the reading"
        time.sleep(0.01)
    assert len(NAMES) == work.eqc.totals.requests


def test_nothing_reaches_postgres_before_the_ledger_is_read(
    died: Job, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every name is asked meanwhile; what the dead session left and what came since waits for the end."""
    huge = HugeLedger(died, database_url)
    monkeypatch.setattr(integrity, "verify", huge)
    ran = died.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (0, {}) == (ran.code, huge.in_postgres), ran.err
    assert set(NAMES) == set(standing(database_url))
    assert ([], False) == (open_sessions(), check_is_running())


def test_damage_found_meanwhile_keeps_everything_from_postgres(
    died: Job, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 9 with the way out; the sessions stay open, so that the next resume reads again."""
    damaged = LedgerUnusable("The ledger is damaged.")
    with monkeypatch.context() as patch:
        patch.setattr(integrity, "verify", HugeLedger(died, database_url, damaged))
        ran = died.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (9, ["eqcbatch: The ledger is damaged."]) == (ran.code, ran.err.splitlines()[-1:])
    assert ({}, [1, 2], False) == (standing(database_url), open_sessions(), check_is_running())
    assert 0 == died.drain(EQCBATCH_DATABASE_URL=database_url).code
    assert (set(NAMES), []) == (set(standing(database_url)), open_sessions())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send to others")
def test_a_signal_stops_the_reading(died: Job, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session ends at once and well, nothing is flushed; the dead one stays open, to be read again."""
    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(integrity, "verify", lambda connection, _path: connection.execute(ENDLESS))

        def end() -> None:
            until_all_is_asked(died)
            os.kill(os.getpid(), signal.SIGTERM)

        ended = pool.submit(end)
        ran = died.drain(EQCBATCH_DATABASE_URL=database_url)
        ended.result()
    assert (143, {}) == (ran.code, standing(database_url)), ran.err
    assert ([1], False) == (open_sessions(), check_is_running())
    assert ["terminated"] == ask(LEDGER, "SELECT exit_reason FROM sessions WHERE id = 2")
    assert 0 == died.drain(EQCBATCH_DATABASE_URL=database_url).code
    assert (set(NAMES), len(NAMES)) == (set(standing(database_url)), died.eqc.totals.requests)


def test_a_reading_can_be_stopped_before_it_began(died: Job) -> None:
    """A call that comes too early is repeated until it is heard."""
    shutil.copy(LEDGER, "copy.sqlite")
    for _ in range(20):
        integrity.IntegrityCheck(Path("copy.sqlite"), SYSTEM_CLOCK).stop()
    assert not check_is_running()
