"""What the ledger calls flushed is in Postgres: looked at again, and sent again where it was lost (P11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.domain.model import PriorRow, Written
from eqcbatch.ledger import open_ledger
from eqcbatch.verification import is_lost
from tests.conftest import Run
from tests.drains import Job, OneEach, companies
from tests.indexes import execute, seed, snapshot, standing
from tests.ledgers import ask

pytestmark = pytest.mark.every_schema

LEDGER = Path("l.sqlite")
NAMES = companies(12)
LOST = "DELETE FROM enterprise.enrichment_index"


@pytest.fixture
def work(job: Callable[..., Job], database_url: str) -> Job:
    """Twelve names that are flushed."""
    work = job(registry=OneEach())
    assert 0 == work.plan(NAMES).code
    assert 0 == work.drain(EQCBATCH_DATABASE_URL=database_url).code
    assert set(NAMES) == set(standing(database_url))
    return work


def flush(eqcbatch: Run, url: str, *options: object) -> dict[str, int]:
    ran = eqcbatch("flush", "--ledger", LEDGER, "--json", *options, EQCBATCH_DATABASE_URL=url)
    assert 0 == ran.code, ran.err
    sent: dict[str, int] = json.loads(ran.out)
    return sent


def test_p11_rows_that_postgres_lost_are_sent_again_by_a_flush(
    work: Job, database_url: str, eqcbatch: Run
) -> None:
    """As after a crash without durable commits: the report tells how many, and twice changes nothing."""
    before = standing(database_url)
    execute(database_url, LOST)
    sent = flush(eqcbatch, database_url)
    assert (12, 12, before) == (sent["lost"], sent["flushed"], standing(database_url))
    assert "Lost by Postgres and sent again: 12 rows" in eqcbatch("report", "--ledger", LEDGER).out
    written = snapshot(database_url)
    assert 0 == flush(eqcbatch, database_url)["lost"]
    assert written == snapshot(database_url)


def test_p11_a_drain_sends_again_what_was_lost(work: Job, database_url: str) -> None:
    """Also where nothing is left to ask."""
    execute(database_url, LOST)
    ran = work.drain(EQCBATCH_DATABASE_URL=database_url)
    assert (0, set(NAMES)) == (ran.code, set(standing(database_url)))
    assert "Postgres lost 12 rows that had been flushed" in ran.err


def test_p11_a_plan_makes_due_again_what_was_lost(work: Job, database_url: str) -> None:
    """And says what sends it."""
    execute(database_url, LOST)
    ran = work.plan(NAMES, "--database-url", database_url)
    assert "Postgres lost 12 rows that had been flushed. Next: eqcbatch flush" in ran.err
    assert [] == ask(LEDGER, "SELECT 1 FROM names WHERE flushed_at IS NOT NULL")


def test_p11_a_restored_backup_gets_again_what_came_after_it(
    job: Callable[..., Job], database_url: str, eqcbatch: Run
) -> None:
    """What we replaced stands there again: it is replaced once more."""
    work = job(registry=OneEach())
    seed(database_url, (NAMES[0], "customer_name", "N", 0.5))
    work.plan(NAMES)
    work.drain(EQCBATCH_DATABASE_URL=database_url)
    after = standing(database_url)
    execute(database_url, LOST)
    seed(database_url, (NAMES[0], "customer_name", "N", 0.5))
    assert 12 == flush(eqcbatch, database_url)["lost"]
    assert after == standing(database_url)


def test_p11_a_lost_row_that_is_not_among_the_latest_is_found_by_verify(
    work: Job, database_url: str, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the latest stand only `--verify` reads all; where one is lost, all are looked at anyway."""
    monkeypatch.setattr("eqcbatch.verification.LATEST", 1)
    with open_ledger(LEDGER) as ledger:
        (kept,) = ledger.flushed.latest(1)
    execute(database_url, f"{LOST} WHERE lookup_key <> '{kept.lookup_key}'")
    assert 0 == flush(eqcbatch, database_url)["lost"]
    assert 11 == flush(eqcbatch, database_url, "--verify")["lost"]
    assert set(NAMES) == set(standing(database_url))
    execute(database_url, LOST)
    assert 12 == flush(eqcbatch, database_url)["lost"]


def test_what_others_wrote_since_is_no_loss(work: Job, database_url: str, eqcbatch: Run) -> None:
    """It stays as it is."""
    execute(database_url, "UPDATE enterprise.enrichment_index SET company_id = '9', confidence = 0.5")
    changed = snapshot(database_url)
    assert 0 == flush(eqcbatch, database_url, "--verify")["lost"]
    assert changed == snapshot(database_url)


BEFORE = PriorRow("1", 0.5, "manual", None)
OURS = Written("甲", "2", 0.9, BEFORE)


@pytest.mark.parametrize(
    ("flushed", "stands", "lost"),
    [
        (OURS, None, True),
        (OURS, BEFORE, True),
        (OURS, PriorRow("2", 0.9, "eqc_api", "eqcbatch"), False),
        (OURS, PriorRow("3", 0.5, "manual", None), False),
        (OURS, PriorRow("1", 0.5, "backflow", None), False),
        (Written("甲", "2", 0.9), None, True),
        (Written("甲", "2", 0.9), BEFORE, False),
    ],
)
def test_a_row_is_lost_where_nothing_stands_or_what_stood_before(
    flushed: Written, stands: PriorRow | None, lost: bool
) -> None:
    """The table of `is_lost`, row by row."""
    assert lost is is_lost(flushed, stands)
