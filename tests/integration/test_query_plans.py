"""How SQLite finds what the ledger's statements want: by an index, however many names there are.

The statements are those that a real drain, flush and report execute, so that a new one cannot escape. The
ledger keeps no statistics of its tables, so the plans of a small one are those of a large one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.conftest import Run
from tests.drains import LEDGER, Job, companies
from tests.ledgers import ask, change

NewJob = Callable[..., Job]
_ALL_CACHED = "FROM names WHERE state = 'cached' AND confidence IS NOT NULL"  # a plan wants them all
NAMES = [*companies(40), "北京长城厂-已转出", "（北京）长城厂"]
_OF_LARGE_TABLE = re.compile(r"SCAN (?:TABLE )?(?:names|occurrences|requests|candidates|[norc])\b(.*)")
_SUBQUERY = ("CO-ROUTINE", "MATERIALIZE")
_WALK = "ORDER BY id DESC LIMIT "  # back through the requests, until the latest few of a kind


class Statements:
    """What was executed on the ledger, in its order, with the values written in."""

    def __init__(self) -> None:
        self._all: list[str] = []

    def note(self, statement: str) -> None:
        """Note a statement that reads or writes."""
        if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", statement):
            self._all.append(" ".join(statement.split()))

    def of_the_turns(self) -> list[str]:
        """Those between the first request and the last: what every name costs."""
        booked = [n for n, one in enumerate(self._all) if one.startswith("INSERT INTO requests")]
        return self._all[booked[0] : booked[-1]]

    def of_one_shape_each(self) -> list[str]:
        """All of them, once where they differ in values alone."""
        return list({re.sub(r"'(?:[^']|'')*'|\b\d[\d.]*\b", "?", one): one for one in self._all}.values())


@contextmanager
def overheard() -> Iterator[Statements]:
    """Hear all statements that are executed on the ledger meanwhile."""
    heard, connect = Statements(), sqlite3.connect

    def connect_and_listen(path: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, *arguments, **options)
        if str(path).endswith(LEDGER.name):
            connection.set_trace_callback(heard.note)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_and_listen)
        yield heard


def steps(statements: list[str]) -> Iterator[tuple[str, str]]:
    """Each step of each plan, with its statement."""
    with closing(sqlite3.connect(LEDGER)) as ledger:
        ledger.execute("CREATE TEMPORARY TABLE usable (lookup_key, company_id, confidence)")
        for statement in statements:
            for *_, step in ledger.execute(f"EXPLAIN QUERY PLAN {statement}"):
                yield step, statement


def scans(statements: list[str]) -> list[tuple[str, str]]:
    """The steps that read a large table whole; a partial or a covering index is none.

    Nor is a subquery that has the letter of a table.
    """
    partial = ask(LEDGER, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
    fine = re.compile(rf"USING (?:COVERING INDEX|INDEX (?:{'|'.join(partial)})\b)")
    all_steps = list(steps(statements))
    found = [(step, _OF_LARGE_TABLE.match(step), statement) for step, statement in all_steps]
    return [
        (step, statement)
        for step, scan, statement in found
        if scan and not fine.search(scan[1])
        if not {(f"{how} {step.split()[1]}", statement) for how in _SUBQUERY} & set(all_steps)
    ]


@pytest.fixture
def died(job: NewJob, database_url: str) -> Job:
    """A job with names decided, flushed and pending, whose session died."""
    work = job()
    assert 0 == work.plan(NAMES).code
    assert 0 == work.drain("--budget", 15, "--database-url", database_url).code
    change(LEDGER, "UPDATE sessions SET ended_at = NULL, exit_reason = NULL")
    return work


@pytest.mark.parametrize("options", [(), ("--in-flight", 3)], ids=str)
def test_the_turn_of_a_name_reads_no_table_whole_and_sorts_nothing(
    died: Job, database_url: str, options: tuple[object, ...]
) -> None:
    """Neither to take it, nor to book, decide and harvest."""
    with overheard() as heard:
        assert 0 == died.drain("--database-url", database_url, *options).code
    turns = heard.of_the_turns()
    assert {"SELECT", "INSERT", "UPDATE", "DELETE"} == {one.split()[0] for one in turns}
    assert [] == [step for step in steps(turns) if "TEMP B-TREE" in step[0]]
    assert [] == [scan for scan in scans(turns) if _WALK not in scan[1]]


def test_the_turn_of_a_detail_reads_no_table_whole(died: Job) -> None:
    """Nor does the one that makes companies of the resolved names."""
    with overheard() as heard:
        assert 0 == died.drain("--details", "deferred").code
    assert [] == [scan for scan in scans(heard.of_the_turns()) if _WALK not in scan[1]]


def test_start_end_and_flush_read_by_indexes_alone(died: Job, database_url: str, eqcbatch: Run) -> None:
    """Counts and forecast, the recovery, the batches that leave; only requests are added up one by one."""
    with overheard() as heard:
        assert 0 == died.drain("--retry-failed", "--budget", 20, "--no-flush").code
        assert 0 == eqcbatch("flush", "--ledger", LEDGER, "--database-url", database_url).code
    found = [scan for scan in scans(heard.of_one_shape_each()) if _WALK not in scan[1]]
    assert [] == [scan for scan in found if not scan[0].startswith("SCAN requests")]


@pytest.mark.parametrize("which", [("--check",), ("--run", 1), ("--json",), ("--name", NAMES[0])], ids=str)
def test_a_report_reads_names_by_indexes_alone(died: Job, eqcbatch: Run, which: tuple[object, ...]) -> None:
    """Requests are added up one by one: there is no cheaper way to their latencies."""
    with overheard() as heard:
        assert 0 == eqcbatch("report", "--ledger", LEDGER, *which).code
    assert [] == [
        scan for scan in scans(heard.of_one_shape_each()) if not scan[0].startswith("SCAN requests")
    ]


def test_report_and_page_of_a_year_read_no_table_whole(died: Job, eqcbatch: Run) -> None:
    """Names and requests are counted in indexes that hold all of it; the latest requests are walked to."""
    with overheard() as heard:
        assert 0 == eqcbatch("report", "--ledger", LEDGER, "--html", "page.html").code
    statements = [one for one in heard.of_one_shape_each() if "ORDER BY id DESC LIMIT" not in one]
    assert [] == scans(statements)
    assert [] == [
        (step, statement)
        for step, statement in steps(statements)
        if re.match(r"SEARCH (names|r) USING INDEX (names_by_state|requests_by_name)", step)
    ]


def test_what_a_night_does_reads_a_name_by_its_key_or_by_few_like_it(
    died: Job, database_url: str, eqcbatch: Run
) -> None:
    """Not by its state, which most names of a year share, unless the index says all that is wanted."""
    options = ("--ledger", LEDGER, "--database-url", database_url)
    with overheard() as heard:
        assert 0 == died.drain("--retry-failed", "--budget", 5, "--database-url", database_url).code
        assert 0 == died.plan(NAMES[:30], "--database-url", database_url).code
        assert 0 == eqcbatch("flush", "--verify", *options).code
        assert 0 == eqcbatch("review", "export", "held.csv", "--ledger", LEDGER).code
        assert 0 == eqcbatch("report", "--since", "2020-01-01", "--ledger", LEDGER).code
    assert [] == [
        (step, statement)
        for step, statement in steps(heard.of_one_shape_each())
        if re.match(r"SEARCH \w+ USING INDEX names_by_state\b", step)
        if _ALL_CACHED not in statement
    ]


def test_a_plan_writes_what_its_own_source_has(died: Job) -> None:
    """The sums of names in other sources are not made again."""
    with overheard() as heard:
        assert 0 == died.plan(NAMES[:30]).code
    writing = [one for one in heard.of_one_shape_each() if not one.startswith("SELECT")]
    assert any(one.startswith("UPDATE names SET rows") for one in writing)
    reading_whole = re.compile(r"SCAN (?:names|o|n|occurrences)\b(?!.*occurrences_covered)")
    assert [] == [(step, one) for step, one in steps(writing) if reading_whole.match(step)]
