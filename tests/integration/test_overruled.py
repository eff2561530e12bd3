"""What others keep in the index against a person's decision is told by each command that looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.drains import LEDGER
from tests.indexes import execute, seed, snapshot, standing
from tests.ledgers import ask, plan_names, resolve, verdict
from tests.schemas import checked

pytestmark = pytest.mark.every_schema

GIVEN, NONE, LEFT = "北京长城科技有限公司", "黄河实业有限公司", "长江贸易有限公司"
KEPT = f"""UPDATE enterprise.enrichment_index
SET company_id = '600000099', source = 'eqc_api', source_domain = 'other' WHERE lookup_key = '{GIVEN}'"""
HEADLINE = "Decided by people, and otherwise in the index"


@pytest.fixture
def run(eqcbatch: Run, database_url: str) -> Callable[..., Ran]:
    """Run a command on the ledger and the index."""
    return lambda *words: eqcbatch(*words, "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)


@pytest.fixture
def url(run: Callable[..., Ran], database_url: str) -> str:
    """Three flushed names, of which a person gave one another id, and one none."""
    Path("m.csv").write_text(f"客户名称\n{GIVEN}\n{NONE}\n{LEFT}\n", encoding="utf-8")
    plan_names(LEDGER, GIVEN, NONE, LEFT)
    for number, name in enumerate((GIVEN, NONE, LEFT), 1):
        resolve(LEDGER, name, verdict(f"60000000{number}"))
    assert 0 == run("flush").code
    for name, decision in ((GIVEN, "600000007"), (NONE, "none")):
        ran = run("review", "set", name, decision, "--force", "--by", "anna")
        assert (0, False) == (ran.code, HEADLINE in ran.out), ran.err
    return database_url


def plan(run: Callable[..., Ran], *options: str) -> Ran:
    ran = run("plan", "m.csv", "--as", "month", *options)
    assert 0 == ran.code, ran.err
    return ran


def told(ran: Ran, schema: str) -> dict[str, tuple[Any, ...]]:
    """What is told of each name: what was decided, by whom, and what the index has."""
    return {
        one["lookup_key"]: (one["decided_id"], one["decided_by"], one["index_id"], one["index_source"])
        for one in checked(schema, ran.out)["overruled"]
    }


def overwrite(url: str) -> None:
    """Another id in the place of the one that was given, and one for the name that has none."""
    execute(url, KEPT)
    seed(url, (NONE, "customer_name", "600000002", 0.8), source="eqc_api")


KEEPS = {
    GIVEN: ("600000007", "anna", "600000099", "eqc_api"),
    NONE: (None, "anna", "600000002", "eqc_api"),
}


def test_nothing_is_told_where_the_index_has_what_people_decided(run: Callable[..., Ran], url: str) -> None:
    """Nor where it has nothing, what nobody takes for an id, or the id between blanks."""
    execute(
        url, f"UPDATE enterprise.enrichment_index SET company_id = ' 600000007 ' WHERE lookup_key = '{GIVEN}'"
    )
    seed(url, (NONE, "customer_name", "N/A", 0.8), source="eqc_api")
    assert {} == told(plan(run, "--json"), "plan")
    assert {} == told(run("flush", "--json"), "flush")
    assert HEADLINE not in run("report").out


def test_what_others_keep_is_told_by_each_that_looks(run: Callable[..., Ran], url: str) -> None:
    """The index stays as they left it; the report tells what was seen last, without looking."""
    overwrite(url)
    before = snapshot(url)
    assert KEEPS == told(plan(run, "--json"), "plan")
    assert KEEPS == told(run("flush", "--json"), "flush")
    assert before == snapshot(url)
    assert KEEPS == told(run("report", "--json"), "report")
    for ran in (plan(run), run("flush"), run("report")):
        assert f"{HEADLINE}: 2 names." in ran.out
        assert "no company  anna  600000002" in " ".join(ran.out.replace("    ", "  ").split("\n"))
    assert f"{HEADLINE}: 2 names" in run("report", "--markdown").out
    assert "600000099, 1.00, eqc_api, other; seen " in run("report", "--name", GIVEN).out


def test_a_row_that_says_nothing_of_who_wrote_it_is_told_too(run: Callable[..., Ran], url: str) -> None:
    """Where the table of others lets it."""
    overwrite(url)
    execute(
        url,
        "ALTER TABLE enterprise.enrichment_index ALTER source DROP NOT NULL",
        f"UPDATE enterprise.enrichment_index SET source = NULL WHERE lookup_key = '{GIVEN}'",
    )
    for ran in (run("flush", "--json"), run("flush", "--json")):
        assert (0, ("600000007", "anna", "600000099", "")) == (ran.code, told(ran, "flush")[GIVEN]), ran.err


def test_it_is_told_until_it_is_gone(run: Callable[..., Ran], url: str) -> None:
    """Looking again changes nothing; a row that is mended, lost, or decided anew is told no more."""
    overwrite(url)
    plan(run)
    seen = ask(LEDGER, "SELECT * FROM overruled")
    assert 0 == run("flush").code
    assert seen == ask(LEDGER, "SELECT * FROM overruled")
    execute(url, f"DELETE FROM enterprise.enrichment_index WHERE lookup_key = '{GIVEN}'")
    assert {NONE: KEEPS[NONE]} == told(run("flush", "--json"), "flush")
    assert ("600000007", 1.0, "manual") == standing(url)[GIVEN]  # what was lost is sent again
    assert 0 == run("review", "set", NONE, "600000002").code
    assert [] == ask(LEDGER, "SELECT * FROM overruled")


def test_a_decision_that_others_keep_no_row_for_is_told_at_once(run: Callable[..., Ran], url: str) -> None:
    """No company, and a row of theirs stays: whoever decides so hears of it."""
    seed(url, ("珠江物流有限公司", "customer_name", "600000009", 1.0), source="eqc_api")
    plan_names(LEDGER, "珠江物流有限公司", source="other")
    ran = run("review", "set", "珠江物流有限公司", "none")
    assert (0, True) == (ran.code, f"{HEADLINE}: 1 name." in ran.out)
    again = told(run("review", "set", "珠江物流有限公司", "none", "--json"), "review-set")
    assert {"珠江物流有限公司"} == again.keys()


def test_an_audit_takes_a_decision_for_what_it_is(run: Callable[..., Ran], url: str) -> None:
    """What contradicts it is wrong, and nobody is asked again: neither EQC nor a person."""
    overwrite(url)
    content = checked("audit", run("audit", "--json", "--sheet", "a.csv").out)
    ranked = {one["lookup_key"]: one for one in content["ranked"]}
    assert {"overruled"} == {ranked[name]["verdict"] for name in (GIVEN, NONE)}
    assert ([{"company_id": "600000007", "official_name": None}], []) == tuple(
        ranked[name]["instead"] for name in (GIVEN, NONE)
    )
    assert [2] == [one["rows"] for one in content["verdicts"] if one["verdict"] == "overruled"]
    assert 10 == run("audit", "--fail-over", "0.1").code
    sheet = Path("a.csv").read_text(encoding="utf-8")
    assert GIVEN not in sheet
    assert NONE not in sheet


def test_who_has_no_postgres_hears_what_was_seen_last(
    run: Callable[..., Ran], url: str, eqcbatch: Run
) -> None:
    """An outage neither loses nor invents anything."""
    overwrite(url)
    plan(run)
    down = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL="postgresql://user@127.0.0.1:1/name")
    assert 7 == down.code
    assert KEEPS == told(run("report", "--json"), "report")
