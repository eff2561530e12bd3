"""Report: where things stand, for machines, for people, for a spreadsheet, and for a check."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from eqcbatch.domain.model import Candidate, Endpoint, ExitReason, Held, Reason, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key
from eqcbatch.ledger import Ledger, open_ledger, writing
from eqcbatch.postgres import Postgres
from tests.conftest import Run
from tests.indexes import execute, seed
from tests.ledgers import (
    ANSWERED,
    NOT_FOUND,
    ask,
    change,
    dump,
    fail,
    pending,
    plan_names,
    resolve,
    verdict,
)

FLOAT = (float, int)
OPTIONAL = (float, int, type(None))

# docs/reference.md#json, key by key; {} stands for what is keyed by what occurred.
SHAPE: dict[str, Any] = {
    "ledger": str,
    "run": {
        "source": str,
        "planned_at": str,
        "rows": int,
        "blank_rows": int,
        "distinct_raw": int,
        "distinct_names": int,
    },
    "sources": list,
    "look_alike": list,
    "read_twice": list,
    "overruled": list,
    "audit": (type(None), dict),
    "second_questions": list,
    "reverified": {"latest_at": (type(None), str)}
    | dict.fromkeys(("companies", "renamed", "deregistered", "merged", "vanished", "awaiting_review"), int),
    "names": dict.fromkeys(("total", "pending", "cached", "resolved", "failed", "retired"), int),
    "rows": dict.fromkeys(
        ("total", "blank", "blank_covered", "pending", "cached", "resolved", "failed"), int
    ),
    "hit_rate": {"names": OPTIONAL, "rows": OPTIONAL},
    "resolved": dict.fromkeys(("flushed", "unflushed", "held"), int),
    "failed_by_reason": {},
    "requests": {
        "total": int,
        "replays": int,
        "by_endpoint": {},
        "by_outcome": {},
        "latency_s": dict.fromkeys(("mean", "p50", "p95", "max"), OPTIONAL),
    },
    "time": dict.fromkeys(("network_s", "waiting_s", "processing_s", "wall_s"), FLOAT),
    "forecast": {
        "requests_left": int,
        "hours_p10": FLOAT,
        "hours_p50": FLOAT,
        "hours_p90": FLOAT,
        "sessions_at_budget": (int, type(None)),
        "nights_p10": (int, type(None)),
        "nights_p50": (int, type(None)),
        "nights_p90": (int, type(None)),
        **dict.fromkeys(("questions_left", "details_left", "retries_expected", "saved_expected"), int),
    },
    "balanced": bool,
}


def departures(shape: dict[str, Any], found: Any, where: str = "") -> list[str]:
    """Where a JSON object is not of the shape: keys too many or too few, values of another type."""
    if not shape:
        return [] if all(isinstance(count, int) for count in found.values()) else [f"{where}: no counts"]
    wrong = [f"{where}{key}" for key in set(shape) ^ set(found)]
    for key in set(shape) & set(found):
        if isinstance(shape[key], dict):
            wrong += departures(shape[key], found[key], f"{where}{key}.")
        elif not isinstance(found[key], shape[key]):
            wrong.append(f"{where}{key} is {found[key]!r}")
    return wrong


def settle_story(ledger: Ledger) -> None:
    """One name that was asked twice: a timeout, then an answer with two candidates."""
    name = pending(ledger, "甲公司")
    session = ledger.sessions.open(budget=5)
    first = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
    ledger.requests.settle(first, NOT_FOUND)
    second = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 2, 0.0)
    chosen = Candidate(0, "600000001", "甲股份公司", "模糊匹配", 98.5, "9131", "存续", ("甲公司", "老甲"))
    ledger.names.record_answer(
        name,
        ANSWERED,
        [chosen, Candidate(1, "600000002", "甲分公司", "模糊匹配", 60.0)],
        Verdict(chosen, 0.8, VerdictRule.FORMER_NAME),
        request_id=second,
        session_id=session.id,
    )
    ledger.sessions.end(session.id, ExitReason.QUEUE_EMPTY, 12.5, 0.25)


@pytest.fixture(scope="module")
def filled(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with names in all states, two runs, a retired name, requests, and a result in Postgres."""
    path = tmp_path_factory.mktemp("filled") / "l.sqlite"
    execute(postgres_server, "CREATE DATABASE report TEMPLATE template_ours")
    database_url = make_conninfo(postgres_server, dbname="report")
    seed(database_url, ("戊公司", "customer_name", "600000005", 1.0))
    plan_names(path, "丁公司", "退休公司", source="old")
    plan_names(path, "丁公司", "丙公司", source="old")
    plan_names(
        path,
        "甲公司", "甲公司", "甲公司-已转出", "乙公司", "丙公司", "戊公司", "戊公司", "己公司", "", "无",
        postgres=Postgres(database_url),
    )  # fmt: skip
    with open_ledger(path) as ledger:
        settle_story(ledger)
        ledger.outbox.mark_flushed(ledger.outbox.due(1))
    resolve(path, "乙公司", verdict("600000007", 0.6, Held.LOW_CONFIDENCE))
    resolve(path, "己公司", verdict("600000008", 1.0))
    fail(path, "丙公司", Reason.TIMEOUT, retry_in_s=600)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled ledger, the test's own."""
    return Path(shutil.copy(filled, tmp_path))


# for machines


def test_the_json_has_exactly_the_keys_of_the_design(path: Path, eqcbatch: Run) -> None:
    """Names, nesting and types are a contract: nothing more, nothing less."""
    ran = eqcbatch("report", "--ledger", path, "--json")

    assert 0 == ran.code
    assert 1 == ran.out.count("\n")
    assert [] == departures(SHAPE, json.loads(ran.out))


def test_the_json_has_the_same_keys_before_the_first_answer(tmp_path: Path, eqcbatch: Run) -> None:
    """A plan alone: nulls for what is not known yet, no key missing, and strictly JSON."""
    plan_names(tmp_path / "l.sqlite", "甲公司")

    found = json.loads(
        eqcbatch("report", "--ledger", tmp_path / "l.sqlite", "--json").out, parse_constant=pytest.fail
    )

    assert [] == departures(SHAPE, found)
    assert dict.fromkeys(("mean", "p50", "p95", "max")) == found["requests"]["latency_s"]


def test_the_numbers_are_those_of_the_ledger(path: Path, eqcbatch: Run) -> None:
    """Names, rows, results, requests, times and the forecast, counted by hand."""
    found = json.loads(eqcbatch("report", "--ledger", path, "--json", "--budget", "1").out)

    assert {
        "names": {"total": 6, "pending": 1, "cached": 1, "resolved": 3, "failed": 1, "retired": 1},
        "rows": {
            "total": 12,
            "blank": 2,
            "blank_covered": 0,
            "pending": 1,
            "cached": 2,
            "resolved": 5,
            "failed": 2,
        },
        "hit_rate": {"names": 0.1429, "rows": 0.2},
        "resolved": {"flushed": 1, "unflushed": 1, "held": 1},
        "failed_by_reason": {"timeout": 1},
        "requests": {
            "total": 5,
            "replays": 0,
            "by_endpoint": {"search": 5},
            "by_outcome": {"answered": 3, "not_found": 1, "timeout": 1},
            "latency_s": {"mean": 0.312, "p50": 0.25, "p95": 0.5, "max": 0.5},
        },
        "balanced": True,
    } == {
        name: found[name]
        for name in ("names", "rows", "hit_rate", "resolved", "failed_by_reason", "requests", "balanced")
    }
    assert (15.5, 1.25, 31.25) == (
        found["time"]["waiting_s"],
        found["time"]["processing_s"],
        found["time"]["network_s"],
    )
    assert (2, 2) == (found["forecast"]["requests_left"], found["forecast"]["sessions_at_budget"])
    assert ("month", 10, 2, 6, 5) == tuple(
        found["run"][name] for name in ("source", "rows", "blank_rows", "distinct_raw", "distinct_names")
    )
    assert str(path) == found["ledger"]


def test_a_report_may_be_narrowed_to_a_current_run(path: Path, eqcbatch: Run) -> None:
    """--run counts the names of that run with that run's rows; a replaced or unknown run is exit 2."""
    ran = eqcbatch("report", "--ledger", path, "--run", "2", "--json")
    replaced, unknown = (eqcbatch("report", "--ledger", path, "--run", run) for run in (1, 99))

    found = json.loads(ran.out)
    assert ("old", 2) == (found["run"]["source"], found["run"]["rows"])
    assert {"total": 2, "pending": 1, "failed": 1} == {
        name: found["names"][name] for name in ("total", "pending", "failed")
    }
    assert {"total": 2, "blank": 0, "pending": 1, "failed": 1, "cached": 0, "resolved": 0} == {
        name: found["rows"][name] for name in ("total", "blank", "pending", "failed", "cached", "resolved")
    }
    assert {"timeout": 1} == found["failed_by_reason"]
    assert {"names": 0.0, "rows": 0.0} == found["hit_rate"]
    assert (2, 2) == (replaced.code, unknown.code)
    assert "Current runs: 2, 3" in replaced.err


# for people


def test_the_text_says_what_matters(path: Path, eqcbatch: Run) -> None:
    """The newest run, states with their rows, blanks, hits, held, retired, requests, what is left."""
    ran = eqcbatch("report", "--ledger", path)

    assert 0 == ran.code
    missing = [
        phrase
        for phrase in (
            str(path),
            "month",
            "pending",
            "cached",
            "resolved",
            "failed",
            "Blank rows: 2 of 12",
            "14.3 %",
            "20.0 %",
            "1 flushed",
            "1 held",
            "Retired",
            "answered 3",
            "timeout 1",
            "p95",
            "Left to ask: 2 requests",
            "The accounts balance.",
        )
        if phrase not in ran.out
    ]
    assert [] == missing


def test_the_time_of_a_session_without_an_end_counts_until_its_last_sign_of_life(
    tmp_path: Path, eqcbatch: Run
) -> None:
    """Of one that runs, or was killed: else the network would take more time than there was."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    with open_ledger(path, create=True) as ledger:
        session = ledger.sessions.open(None)
        request = ledger.requests.book(
            session.id, pending(ledger, "甲公司").lookup_key, Endpoint.SEARCH, 1, 0.0
        )
        ledger.requests.settle(request, ANSWERED)
    change(path, "UPDATE sessions SET started_at = datetime(started_at, '-10 seconds')")
    times = json.loads(eqcbatch("report", "--ledger", path, "--json").out)["time"]
    assert 10 <= times["wall_s"] < 12
    assert "Time: 1" in eqcbatch("report", "--ledger", path).out


def test_a_ledger_without_a_plan_says_so(eqcbatch: Run) -> None:
    """As a plan that was killed leaves it; it is no healthy job of no names."""
    with open_ledger(Path("empty.sqlite"), create=True):
        ran = eqcbatch("report", "--ledger", "empty.sqlite")
    assert (0, True) == (ran.code, "Nothing was planned in it yet. Next: eqcbatch plan SOURCE" in ran.out)


def test_what_postgres_did_not_take_is_told(path: Path, eqcbatch: Run) -> None:
    """The reasons stand in the text, with how many results each holds up; all conflicts are one reason."""
    change(
        path,
        "UPDATE names SET flush_error = 'conflict: the index has ' || lookup_key || ' with confidence 1.00' "
        "WHERE state = 'resolved'",
    )
    (resolved,) = ask(path, "SELECT count(*) FROM names WHERE state = 'resolved'")

    told = eqcbatch("report", "--ledger", path).out

    assert 1 < resolved
    assert [str(resolved)] == re.findall(
        r"(\d+) +conflict: the index has another id with no less confidence", told
    )


def test_a_report_on_an_empty_ledger_is_a_report(tmp_path: Path, eqcbatch: Run) -> None:
    """Before the first plan there is no run, nothing known, and nothing out of balance."""
    with open_ledger(tmp_path / "l.sqlite", create=True):
        pass

    text = eqcbatch("report", "--ledger", tmp_path / "l.sqlite")
    found = json.loads(eqcbatch("report", "--ledger", tmp_path / "l.sqlite", "--json").out)

    assert 0 == text.code
    assert (None, 0, True) == (found["run"], found["names"]["total"], found["balanced"])


def test_a_report_writes_nothing_and_needs_no_lock(path: Path, eqcbatch: Run) -> None:
    """While another command holds the ledger every kind of report works, and leaves it as it was."""
    before = dump(path)

    with writing(path, "drain"):
        codes = [
            eqcbatch("report", "--ledger", path, *kind).code
            for kind in ((), ("--json",), ("--csv",), ("--check",), ("--name", "甲公司"))
        ]

    assert [0] * 5 == codes
    assert before == dump(path)


# one name


def test_a_name_is_explained_by_any_way_of_writing_it(path: Path, eqcbatch: Run) -> None:
    """What was asked, each request, each candidate, what was decided and by which rule."""
    ran = eqcbatch("report", "--ledger", path, "--name", "（终止）甲公司")

    missing = [
        phrase
        for phrase in (
            "甲公司-已转出",
            "resolved",
            "600000001",
            "甲股份公司",
            "0.80",
            "former_name",
            "模糊匹配",
            "attempt 1",
            "attempt 2",
            "not_found",
            "answered",
            "600000002",
            "甲分公司",
            "存续",
            "老甲",
        )
        if phrase not in ran.out
    ]
    assert (0, []) == (ran.code, missing)


def test_the_story_of_a_name_as_json(path: Path, eqcbatch: Run) -> None:
    """The same as one object: the name, its ways of writing, its requests, candidates and decisions."""
    story = json.loads(eqcbatch("report", "--ledger", path, "--name", "甲公司", "--json").out)

    assert {"name", "written", "requests", "candidates", "decisions", "evidence", "provenance"} == set(story)
    assert ("甲公司", "resolved", 3) == tuple(story["name"][key] for key in ("lookup_key", "state", "rows"))
    assert [["甲公司", 2], ["甲公司-已转出", 1]] == story["written"]
    assert ["not_found", "answered"] == [request["outcome"] for request in story["requests"]]
    assert ["甲公司", "老甲"] == story["candidates"][0]["former_names"]


@pytest.mark.parametrize("raw", ["乙公司", "戊公司", "丙公司", "丁公司", "退休公司"])
def test_a_name_in_any_state_can_be_explained(path: Path, eqcbatch: Run, raw: str) -> None:
    """Held, cached, failed, pending and retired names have a story, too."""
    ran = eqcbatch("report", "--ledger", path, "--name", raw)

    (state,) = ask(path, "SELECT state FROM names WHERE lookup_key = ?", [lookup_key(raw)])
    assert 0 == ran.code
    assert state in ran.out


def test_a_name_that_is_not_even_text_is_explained_as_it_was_planned(path: Path, eqcbatch: Run) -> None:
    """A lone surrogate stands as U+FFFD in the ledger, and is found by how it was written."""
    plan_names(path, "甲\udcff公司", source="odd")

    ran = eqcbatch("report", "--ledger", path, "--name", "甲\udcff公司")

    assert 0 == ran.code
    assert "甲\ufffd公司" in ran.out


@pytest.mark.parametrize("raw", ["没有这家公司", "无", "", " ", "\udcff"])
def test_a_name_the_ledger_does_not_have_is_exit_2(path: Path, eqcbatch: Run, raw: str) -> None:
    """Unknown, blank or not even text: one line that says so, no traceback."""
    ran = eqcbatch("report", "--ledger", path, "--name", raw)

    assert (2, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert "The ledger has no name" in ran.err


# for a spreadsheet


def test_the_csv_reads_back_with_the_counts_of_the_ledger(path: Path, eqcbatch: Run) -> None:
    """One line a name of the current runs; states, rows and values are those of the JSON."""
    rows = list(csv.DictReader(io.StringIO(eqcbatch("report", "--ledger", path, "--csv").out)))
    found = json.loads(eqcbatch("report", "--ledger", path, "--json").out)

    by_state = Counter(row["state"] for row in rows)
    assert found["names"]["total"] == len(rows)
    assert {name: found["names"][name] for name in by_state} == dict(by_state)
    assert found["rows"]["total"] - found["rows"]["blank"] == sum(int(row["rows"]) for row in rows)
    assert ("600000001", "甲股份公司", "0.8", "former_name", "3") == tuple(
        next(row for row in rows if row["lookup_key"] == "甲公司")[column]
        for column in ("company_id", "official_name", "confidence", "verdict", "rows")
    )


def test_the_csv_holds_no_formula_and_loses_no_name(tmp_path: Path, eqcbatch: Run) -> None:
    """No cell begins as a formula does; commas, quotes and line breaks within names come back whole."""
    path = tmp_path / "l.sqlite"
    written = ['=HYPERLINK("x")', "+1公司", "@sum", "甲,乙", "𠮷\x0b野"]
    plan_names(path, *written)
    with open_ledger(path) as ledger:
        name = pending(ledger, "甲,乙")
        session = ledger.sessions.open(None)
        odd = Candidate(0, "-600", '甲"股份"\n公司', None)
        ledger.names.record_answer(
            name,
            ANSWERED,
            [odd],
            Verdict(odd, 0.7, VerdictRule.FIRST_CANDIDATE),
            request_id=None,
            session_id=session.id,
        )
        ledger.sessions.end(session.id, ExitReason.BUDGET, 0, 0)

    rows = list(csv.DictReader(io.StringIO(eqcbatch("report", "--ledger", path, "--csv").out, newline="")))

    assert {lookup_key(raw) for raw in written} == {row["lookup_key"].removeprefix("'") for row in rows}
    assert [] == [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    assert {("'-600", '甲"股份"\n公司')} == {
        (row["company_id"], row["official_name"]) for row in rows if row["company_id"]
    }


# for a check


def test_a_check_passes_while_the_accounts_balance(path: Path, eqcbatch: Run) -> None:
    """Exit 0, and with --json the same report as without."""
    plain, checked = (eqcbatch("report", "--ledger", path, "--json", *check) for check in ((), ("--check",)))

    assert (0, plain.out) == (checked.code, checked.out)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE names SET rows = rows + 1 WHERE lookup_key = '甲公司'",
        "DELETE FROM names WHERE lookup_key = '丁公司'",
        "UPDATE runs SET rows = rows - 1 WHERE current = 1",
        "DELETE FROM requests WHERE id = 1",
    ],
)
def test_a_check_exits_9_and_says_what_is_off(path: Path, eqcbatch: Run, tampering: str) -> None:
    """After tampering: exit 9 with the sums on stderr; the report itself says so and exits 0."""
    change(path, tampering)

    checked = eqcbatch("report", "--ledger", path, "--check")
    reported = eqcbatch("report", "--ledger", path, "--json")

    assert 9 == checked.code
    assert " is not " in checked.err
    assert "DO NOT BALANCE" in checked.out
    assert (0, False) == (reported.code, json.loads(reported.out)["balanced"])


@pytest.mark.parametrize("kind", [(), ("--json",), ("--csv",), ("--check",), ("--name", "甲公司")])
def test_a_missing_ledger_is_exit_2_and_stays_missing(
    tmp_path: Path, eqcbatch: Run, kind: tuple[str, ...]
) -> None:
    """One line that names the path and `eqcbatch plan`; nothing is created."""
    ran = eqcbatch("report", "--ledger", "no/such/l.sqlite", *kind)

    assert (2, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert "no/such/l.sqlite" in ran.err
    assert "eqcbatch plan" in ran.err
    assert [] == list(tmp_path.iterdir())


def test_one_kind_of_report_at_a_time(path: Path, eqcbatch: Run) -> None:
    """--csv, --name and --check exclude each other: exit 2."""
    assert 2 == eqcbatch("report", "--ledger", path, "--csv", "--check").code
