"""What `eqcbatch audit` writes: a page, and a sheet whose decisions correct the index, and back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import psycopg
import pytest

from tests.conftest import Ran, Run
from tests.drains import LEDGER, write_names
from tests.indexes import execute, seed, snapshot, standing
from tests.integration.test_hostile import HOSTILE
from tests.ledgers import ask, states
from tests.pages import Page
from tests.schemas import checked

FAR, NEAR, HERON = "北京市远山科技有限公司", "上海市远山科技有限公司", "成都白鹭环保有限公司"
ROWS = (
    (FAR, "customer_name", "600000001", 0.8),
    (NEAR, "customer_name", "600000001", 0.8),
    (HERON, "customer_name", "600000002", 0.8),
    ("P1", "plan_code", "600000002", 1.0),
)


def fill(url: str, *more: tuple[str, str, str, float]) -> None:
    seed(url, *ROWS, *more, source="eqc_api")
    companies = [("600000001", FAR), ("600000002", NEAR), ("600000003", HERON)]
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(
            "INSERT INTO enterprise.base_info (company_id, company_full_name) VALUES (%s, %s)", companies
        )


@pytest.fixture
def run(eqcbatch: Run, database_url: str) -> Callable[..., Ran]:
    """Run a command on the ledger, which has one name of the index, and on the database."""
    fill(database_url)
    url = {"EQCBATCH_DATABASE_URL": database_url}
    assert 0 == eqcbatch("plan", write_names([NEAR]), "--ledger", LEDGER, **url).code
    return lambda *words: eqcbatch(*words, "--ledger", LEDGER, **url)


def rows_of(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def decide(path: str, **decisions: str) -> None:
    """Fill in the sheet."""
    lines = rows_of(path)
    for line in lines:
        line["decision"] = decisions.get(line["lookup_key"], "")
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)


def test_the_sheet_has_the_names_that_something_speaks_against(run: Callable[..., Ran]) -> None:
    """In the form of a review's sheet, the row's own company first; plan codes are not decided by name."""
    ran = run("audit", "--sheet", "wrong.csv")
    assert (0, True) == (ran.code, "Next: eqcbatch review import wrong.csv" in ran.out), ran.err
    lines = rows_of("wrong.csv")
    assert [NEAR, HERON] == [line["lookup_key"] for line in lines]
    told = ("verdict", "lookup_type", "index_id", "id_1", "name_1", "id_2", "name_2")
    assert [
        ("contradiction:region", "customer_name", "600000001", "600000001", FAR, "600000002", NEAR),
        ("contradiction:region", "customer_name", "600000002", "600000002", NEAR, "600000003", HERON),
    ] == [tuple(line[column] for column in told) for line in lines]
    assert {"region"} == {line["contradicts_1"].partition(",")[0] for line in lines}


def test_its_decisions_correct_the_index_and_can_be_taken_back(
    run: Callable[..., Ran], database_url: str
) -> None:
    """Of a name of the sources, and of one that only the index has; opened again, all is as it was."""
    before = standing(database_url)
    run("audit", "--sheet", "wrong.csv")
    assert {NEAR: "cached", HERON: "cached"} == states(LEDGER)
    decide("wrong.csv", **{NEAR: "600000002", HERON: "600000003"})
    imported = run("review", "import", "wrong.csv")
    assert 0 == imported.code, imported.err
    corrected = {NEAR: ("600000002", 1.0, "manual"), HERON: ("600000003", 1.0, "manual")}
    assert before | corrected == standing(database_url)
    again = run("audit", "--sheet", "again.csv", "--json")
    assert 0 == again.code, again.err
    assert [] == rows_of("again.csv")
    for name in (NEAR, HERON):
        assert 0 == run("review", "set", name, "reopen").code
    run("flush")
    assert before == standing(database_url)


@pytest.mark.parametrize("whose", ["ours", "of another ledger"])
def test_what_a_person_decided_is_not_accused(run: Callable[..., Ran], whose: str) -> None:
    """Whatever base_info has of the company; neither the gate nor the sheet asks for a decision anew."""
    run("audit", "--sheet", "asked.csv")
    for name, company in ((NEAR, "600000001"), (HERON, "600000002")):  # that bear other names
        decided = run("review", "set", name, company, "--force", "--by", "Ann")
        assert 0 == decided.code, decided.err
    if whose == "of another ledger":
        LEDGER.unlink()
        assert 0 == run("plan", write_names([FAR])).code
    ran = run("audit", "--fail-over", "0.005", "--sheet", "wrong.csv")
    assert 0 == ran.code, ran.err
    assert [] == rows_of("wrong.csv")
    assert "report --name" in ran.out
    found = checked("audit", run("audit", "--json").out)
    assert [2] == [one["rows"] for one in found["verdicts"] if one["verdict"] == "decided"]


def test_a_decision_speaks_for_its_own_id_only(run: Callable[..., Ran], database_url: str) -> None:
    """Where the row has another one still, it is accused, and nobody is asked for the decision again."""
    execute(database_url, "UPDATE enterprise.enrichment_index SET confidence = 1")
    assert 0 == run("review", "set", NEAR, "600000003", "--force").code
    found = checked("audit", run("audit", "--json", "--sheet", "wrong.csv").out)
    accused = [one for one in found["ranked"] if one["lookup_key"] == NEAR and one["verdict"] == "overruled"]
    assert [["600000003"]] == [[other["company_id"] for other in one["instead"]] for one in accused]
    assert NEAR not in {line["lookup_key"] for line in rows_of("wrong.csv")}


def test_a_sheet_with_decisions_is_not_written_over(run: Callable[..., Ran]) -> None:
    """Exit 2, and nothing is lost."""
    run("audit", "--sheet", "wrong.csv")
    decide("wrong.csv", **{NEAR: "600000002"})
    ran = run("audit", "--sheet", "wrong.csv")
    assert (2, True) == (ran.code, "holds 1 decision not imported yet" in ran.err)
    assert "600000002" == rows_of("wrong.csv")[0]["decision"]


def test_a_sheet_needs_a_ledger(eqcbatch: Run, database_url: str) -> None:
    """Before anything is read."""
    ran = eqcbatch("audit", "--sheet", "wrong.csv", EQCBATCH_DATABASE_URL=database_url)
    assert (2, True) == (ran.code, "--sheet needs a ledger" in ran.err)


def test_the_accounts_balance_with_the_names_of_a_sheet(run: Callable[..., Ran]) -> None:
    """They are retired: in no source, and counted apart."""
    run("audit", "--sheet", "wrong.csv")
    assert 0 == run("report", "--check").code
    assert "Retired (in no current run): 1 name" in run("report").out
    assert [(HERON, 0, "index:customer_name")] == ask(
        LEDGER, "SELECT lookup_key, rows, source FROM names WHERE rows = 0"
    )


def test_no_cell_of_a_sheet_is_a_formula(run: Callable[..., Ran], database_url: str) -> None:
    """Nor does a hostile text act in the page: keys and names of others are text."""
    names = [name for name in HOSTILE if len(name) < 200]
    seed(database_url, *[(name, "customer_name", "600000001", 0.8) for name in names], source="=1+1")
    for file in ("hostile.csv", "hostile.xlsx"):
        ran = run("audit", "--sheet", file, "--html", "a.html")
        assert 0 == ran.code, ran.err
    with Path("hostile.csv").open(encoding="utf-8-sig", newline="") as written:
        cells = [cell for row in csv.reader(written) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    book = openpyxl.load_workbook("hostile.xlsx")
    assert not [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]
    page = Page.of("a.html")
    assert [] == page.unclosed
    assert 1 == len(page.attributes["script"])
    assert "<red>标记</red>公司" in page.texts["ranked"]
    assert not set(Path("a.html").read_text(encoding="utf-8")) & {"\x1b", "\u202e"}


def test_the_page_says_what_the_text_says(run: Callable[..., Ran], database_url: str) -> None:
    """Verdicts, the rows worth a look, and that no sample was asked; nothing is written elsewhere."""
    before = snapshot(database_url)
    ran = run("audit", "--html", "a.html")
    assert (0, True) == (ran.code, "Wrote a.html" in ran.out), ran.err
    page = Page.of("a.html")
    assert "66.7\xa0% of the rows judged are suspicious" in page.texts[""]
    assert "contradiction:region" in page.texts["verdicts"]
    assert NEAR in page.texts["ranked"]
    assert "EQC was not asked yet" in page.texts["sample"]
    assert before == snapshot(database_url)


def test_a_page_of_an_empty_index(eqcbatch: Run, database_url: str) -> None:
    """It says so."""
    ran = eqcbatch("audit", "--html", "a.html", EQCBATCH_DATABASE_URL=database_url)
    assert 0 == ran.code, ran.err
    assert "The index has no rows" in Page.of("a.html").texts[""]
