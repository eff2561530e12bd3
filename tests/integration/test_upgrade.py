"""A ledger of each version before: opened, upgraded and drained on; one of a version to come: refused.

Each version wrote its own with tests/data/make_ledger.py: an eventful month whose last session died.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc.archive import open_archive
from eqcbatch.eqc.responses import read_candidates
from eqcbatch.ledger import files_of_sources
from eqcbatch.simulate import GeneratedRegistry, Simulator
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.indexes import seed, standing
from tests.ledgers import ask, change, dump, states
from tests.processes import CHECKOUT

LEDGER, ARCHIVE = Path("l.sqlite"), Path("l.sqlite.answers.sqlite")
OLD = CHECKOUT / "tests" / "data"
VERSIONS = sorted(path.name.removesuffix(".report.json") for path in OLD.glob("*.report.json"))
QUEUED = [f"北京第{number}贸易有限公司" for number in range(6)]


@pytest.fixture(autouse=True, params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Put the ledger of a version before, with its archive, into the working directory; the version."""
    for path, kind in ((LEDGER, "sql"), (ARCHIVE, "answers.sql")):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript((OLD / f"{request.param}.{kind}").read_text(encoding="utf-8"))
    return str(request.param)


@pytest.fixture
def eqc(simulator: Callable[..., Simulator]) -> Simulator:
    """The EQC that the version before asked."""
    return simulator(registry=GeneratedRegistry(seed=70, unknown=0.2, pinyin=0.3))


@pytest.fixture
def drain(eqcbatch: Run, eqc: Simulator) -> Callable[..., Ran]:
    """Resume the session that died, with these options."""
    options = (
        *("--resume", "--ledger", LEDGER, "--eqc-url", eqc.url, "--rate", FAST, "--budget", "all"),
        *("--retry-not-found-after", "36500d"),  # else the answers of that day are too old some day
    )
    return lambda *more: eqcbatch("drain", *options, *more, EQCBATCH_EQC_TOKEN=TOKEN)


def report(eqcbatch: Run) -> dict[str, Any]:
    """What stands in the ledger now."""
    ran = eqcbatch("report", "--json", "--ledger", LEDGER)
    assert 0 == ran.code, ran.err
    content: dict[str, Any] = json.loads(ran.out)
    return content


def test_an_older_ledger_is_reported_on_as_before(version: str, eqcbatch: Run) -> None:
    """Every count is the one that the version before told, and the accounts balance."""
    before = json.loads((OLD / f"{version}.report.json").read_text(encoding="utf-8"))
    now = report(eqcbatch)

    counted = set(before) - {"ledger", "forecast"}
    assert {key: before[key] for key in counted} == {key: now[key] for key in counted}
    assert before["forecast"]["requests_left"] == now["forecast"]["requests_left"]
    assert 0 == eqcbatch("report", "--check", "--ledger", LEDGER).code


def test_a_session_of_the_version_before_is_resumed(
    eqcbatch: Run, drain: Callable[..., Ran], eqc: Simulator
) -> None:
    """Its archived answer is used, its failure and what was left are asked, and nothing else is."""
    before = states(LEDGER)
    ran = drain()

    assert 0 == ran.code, ran.err
    assert {QUEUED[0], QUEUED[4], QUEUED[5]} == {request.parameter for request in eqc.requests}
    assert 3 == len(eqc.requests)
    decided = {
        QUEUED[0]: "resolved",
        QUEUED[3]: "resolved",
        QUEUED[4]: "failed/not_found",
        QUEUED[5]: "resolved",
    }
    assert before | decided == states(LEDGER)
    of_the_dead = "SELECT outcome FROM requests WHERE session_id = 4 ORDER BY id"
    assert ["answered", "unknown"] == ask(LEDGER, of_the_dead)
    assert report(eqcbatch)["balanced"]


def test_the_sources_of_an_older_ledger_are_known_without_an_upgrade() -> None:
    """So that no output takes the place of one; the queue is no file."""
    before = LEDGER.read_bytes()
    assert [Path("/data/month.csv")] == files_of_sources(LEDGER)[:1]
    assert all(file.is_absolute() for file in files_of_sources(LEDGER))
    assert before == LEDGER.read_bytes()


def test_what_the_version_before_left_reaches_postgres(drain: Callable[..., Ran], database_url: str) -> None:
    """What is resolved now comes to what it wrote; what is held does not."""
    flushed = (
        "SELECT lookup_key, 'customer_name', company_id, confidence FROM names WHERE flushed_at IS NOT NULL"
    )
    seed(database_url, *ask(LEDGER, flushed), source="eqc_api")
    ran = drain("--database-url", database_url)

    assert 0 == ran.code, ran.err
    confident = ask(
        LEDGER, "SELECT lookup_key, company_id FROM names WHERE state = 'resolved' AND held IS NULL"
    )
    assert dict(confident) == {key: company for key, (company, _, _) in standing(database_url).items()}


def test_what_the_version_before_archived_is_read() -> None:
    """Every search that EQC answered, with the candidates that the ledger has of it."""
    answered = ask(
        LEDGER,
        """SELECT lookup_key, query, group_concat(company_id) FROM (
               SELECT DISTINCT lookup_key, query, rank, candidates.company_id
               FROM requests JOIN names USING (lookup_key) JOIN candidates USING (lookup_key)
               WHERE outcome = 'answered' ORDER BY lookup_key, rank
           ) GROUP BY lookup_key""",
    )
    with open_archive(ARCHIVE) as archive:
        found = {query: archive.find(Endpoint.SEARCH, query) for _, query, _ in answered}
    assert len(answered) > 5
    for _, query, company_ids in answered:
        answer = found[query]
        assert answer
        offered = [one.company_id for one in read_candidates(json.loads(answer.body))]
        assert company_ids.split(",") == offered


def test_what_the_version_before_decided_is_decided_again(eqcbatch: Run) -> None:
    """A rescore finds the same companies for the same reasons; the decision of a person stands."""
    verdicts = "SELECT lookup_key, state, company_id, confidence, verdict, source FROM names"
    before = ask(LEDGER, verdicts)
    ran = eqcbatch("review", "rescore", "--apply", "--ledger", LEDGER)

    assert 0 == ran.code, ran.err
    assert before == ask(LEDGER, verdicts)
    assert "manual" in {row[-1] for row in before}


def test_a_newer_ledger_ends_every_command_with_9(eqcbatch: Run, drain: Callable[..., Ran]) -> None:
    """One line says to upgrade, and nothing in it changes."""
    future = "(999, 'eqcbatch', 'm999_future', '2027-01-01')"
    change(LEDGER, f"INSERT INTO _sqlite_migrations VALUES {future}")
    before = dump(LEDGER)

    for ran in (
        drain(),
        eqcbatch("report", "--ledger", LEDGER),
        eqcbatch("review", "export", "held.csv", "--ledger", LEDGER),
    ):
        assert (9, "") == (ran.code, ran.out)
        assert "newer eqcbatch (m999_future)" in ran.err
    assert before == dump(LEDGER)
