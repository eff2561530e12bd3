"""The work of SQLite grows with the names, not with their square: its steps are counted, not its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.coverage import Overrides
from eqcbatch.domain.forecast import Schedule
from eqcbatch.domain.model import Occurrence
from eqcbatch.ledger import open_ledger
from eqcbatch.plan import plan
from eqcbatch.report import report
from eqcbatch.settings import Rate
from eqcbatch.source import Tally
from tests.ledgers import change

SMALL, LARGE = 500, 2_000
EVERY = 100  # steps between two calls


class Steps:
    """How many steps SQLite's machine took."""

    def __init__(self) -> None:
        self.taken = 0

    def count(self) -> None:
        """Called by SQLite."""
        self.taken += EVERY


@contextmanager
def counted_steps() -> Iterator[Steps]:
    """Count the steps of all connections that are opened meanwhile."""
    steps, connect = Steps(), sqlite3.connect

    def connect_and_count(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_progress_handler(steps.count, EVERY)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_and_count)
        yield steps


def plan_with_half_known(path: Path, size: int, source: str) -> int:
    """Plan so many names, of which every second one is known, in two ways of writing; the steps it took."""
    names = [f"第{n}公司" for n in range(size)]
    tally = Tally.of(Occurrence(raw) for name in names for raw in (name, f"{name}-养老"))
    known = Overrides(by_name={name: str(n) for n, name in enumerate(names[::2])})
    with counted_steps() as steps, open_ledger(path, create=True) as ledger:
        plan(ledger.runs, tally, source, {}, None, known)
    return steps.taken


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_steps_of_a_plan_grow_with_the_names(tmp_path: Path, times: int) -> None:
    """The first plan of a ledger, the same again, another source beside it: 4 times as many, not 16."""
    sources = ("one", "one", "other")[:times]
    small, large = (
        [plan_with_half_known(tmp_path / f"{size}.sqlite", size, source) for source in sources][-1]
        for size in (SMALL, LARGE)
    )
    assert large < 1.25 * LARGE / SMALL * small


@pytest.mark.parametrize("run_id", [None, 1])
def test_the_steps_of_a_report_grow_with_the_names(tmp_path: Path, run_id: int | None) -> None:
    """Of all runs, and of one."""

    def steps_of(size: int) -> int:
        path = tmp_path / f"{size}.sqlite"
        plan_with_half_known(path, size, "one")
        with counted_steps() as steps, open_ledger(path) as ledger:
            report(ledger, Schedule(Rate()), run_id)
        return steps.taken

    assert steps_of(LARGE) < 1.25 * LARGE / SMALL * steps_of(SMALL)


def flushed(path: Path, size: int) -> None:
    """A ledger of which so many names were flushed."""
    with open_ledger(path, create=True) as ledger:
        plan(ledger.runs, Tally.of(Occurrence(f"第{n}公司") for n in range(size)), "one", {}, None)
    change(
        path,
        """UPDATE names SET state = 'resolved', company_id = '1', confidence = 1, verdict = 'exact_name',
           source = 'eqc', flushed_at = 'at ' || query, flushed_company_id = '1', flushed_confidence = 1""",
    )


def test_the_steps_of_a_glance_at_what_was_flushed_last_do_not_grow(tmp_path: Path) -> None:
    """The latest are found, not sought among all."""

    def steps_of(size: int) -> int:
        flushed(path := tmp_path / f"{size}.sqlite", size)
        with counted_steps() as steps, open_ledger(path) as ledger:
            assert 50 == len(ledger.flushed.latest(50))
        return steps.taken

    assert steps_of(LARGE) < 1.25 * steps_of(SMALL)


def test_the_steps_of_a_verification_grow_with_the_names(tmp_path: Path) -> None:
    """Each batch begins where the one before it ended."""

    def steps_of(size: int) -> int:
        flushed(path := tmp_path / f"{size}.sqlite", size)
        with counted_steps() as steps, open_ledger(path) as ledger:
            seen, after = 0, ""
            while batch := ledger.flushed.results(50, after):
                seen, after = seen + len(batch), batch[-1].lookup_key
        assert size == seen
        return steps.taken

    assert steps_of(LARGE) < 1.25 * LARGE / SMALL * steps_of(SMALL)


def test_how_eqc_was_before_goes_by_the_latest_searches(tmp_path: Path) -> None:
    """What it was a year ago costs no step, and says nothing."""
    with open_ledger(path := tmp_path / "l.sqlite", create=True) as ledger:
        plan(ledger.runs, Tally.of([Occurrence("甲公司")]), "one", {}, None)
        ledger.sessions.open(None)
    change(
        path,
        """INSERT INTO requests (session_id, lookup_key, endpoint, attempt, started_at, finished_at, outcome)
           WITH number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 8000)
           SELECT 1, '甲公司', 'search', 1, '', '', CASE WHEN n > 3000 THEN 'answered' ELSE 'not_found' END
           FROM number""",
    )
    with open_ledger(path) as ledger:
        assert (5_000, 0) == ledger.streaks.searches_before(8_001)
        assert ledger.streaks.mostly_found_before()
