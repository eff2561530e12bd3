"""Review: what is held goes out as a sheet, decisions come back, stored answers are judged anew."""

from __future__ import annotations

import csv
import json
import re
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest

from eqcbatch.cli.app import app
from eqcbatch.cli.command_tree import runnable
from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import Candidate, Endpoint, ExitReason, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key
from eqcbatch.ledger import open_ledger
from eqcbatch.settings import ConfidenceRule
from tests.conftest import Ran, Run
from tests.indexes import execute, seed, snapshot, standing
from tests.ledgers import ANSWERED, ask, change, dump, pending, plan_names, states
from tests.processes import CHECKOUT

NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/name"
WALL, RIVER, PEAK = "北京长城科技有限公司", "黄河实业", "泰山矿业有限公司"
Line = dict[str, Any]


def company(rank: int, company_id: str, name: str, kind: str = "模糊匹配") -> Candidate:
    return Candidate(rank, company_id, name, kind, registered_status="存续")


def answer(path: Path, raw: str, *offered: Candidate, decided: Verdict | None = None) -> None:
    """Let EQC offer these for a pending name; `decided` is the verdict of other rules than today's."""
    with open_ledger(path) as ledger:
        name = pending(ledger, raw)
        verdict = decided or judge(Asked(name.lookup_key, name.query, (raw,)), offered, ConfidenceRule())
        session = ledger.sessions.open(budget=1)
        request = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
        ledger.names.record_answer(
            name, ANSWERED, offered, verdict, request_id=request, session_id=session.id
        )
        ledger.sessions.end(session.id, ExitReason.BUDGET, 0.0, 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with two held names, the first of three rows, one confident name and a pending one."""
    path = tmp_path / "l.sqlite"
    plan_names(path, WALL, WALL, WALL, RIVER, RIVER, PEAK, "东海")
    answer(
        path,
        WALL,
        company(0, "600000001", "上海长城科技有限公司"),
        company(1, "600000002", "北京长城贸易有限公司"),
    )
    answer(path, RIVER, company(0, "0600000003", "黄河实业有限公司", "拼音"))
    answer(path, PEAK, company(0, "600000004", PEAK, "全称精确匹配"))
    return path


@pytest.fixture
def review(path: Path, eqcbatch: Run) -> Callable[..., Ran]:
    """Run `eqcbatch review` on the ledger: `review("import", sheet, url=...)`."""

    def run(*arguments: object, url: str | None = None, **environment: str) -> Ran:
        given = {"EQCBATCH_DATABASE_URL": url} if url else {}
        return eqcbatch("review", *arguments, "--ledger", path, **given, **environment)

    return run


def read(sheet: Path) -> list[Line]:
    """The lines of a sheet, by libraries of others."""
    if sheet.suffix == ".csv":
        with sheet.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    rows = openpyxl.load_workbook(sheet).worksheets[0].values
    header = next(rows)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def decide(sheet: Path, decisions: dict[str, str]) -> Path:
    """Fill in decisions by lookup key, as people do in a spreadsheet."""
    if sheet.suffix == ".csv":
        lines = [line | {"decision": decisions.get(line["lookup_key"], "")} for line in read(sheet)]
        with sheet.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        return sheet
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    column = [cell.value for cell in page[1]].index("decision") + 1
    for number in range(2, page.max_row + 1):
        page.cell(number, column).value = decisions.get(str(page.cell(number, 1).value))
    book.save(sheet)
    return sheet


def write(sheet: Path, *lines: tuple[str, str]) -> Path:
    """A sheet with nothing but keys and decisions."""
    text = "".join(f"{key},{decision}\n" for key, decision in lines)
    sheet.write_text(f"lookup_key,decision\n{text}", encoding="utf-8")
    return sheet


def decided(path: Path, raw: str) -> Any:
    """State, id, confidence, verdict, held and source of a name."""
    (row,) = ask(
        path,
        "SELECT state, company_id, confidence, verdict, held, source FROM names WHERE lookup_key = ?",
        [lookup_key(raw)],
    )
    return row


# Export


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_sheet_has_one_line_a_held_name_likeliest_first(
    path: Path, review: Callable[..., Ran], ending: str
) -> None:
    """With its query, rows, weight, proposal, and every candidate with what agrees and what contradicts."""
    sheet = Path(f"held.{ending}")
    ran = review("export", sheet, "--json")

    second, first = read(sheet)
    assert (0, {"file": str(sheet), "held": 2, "changed": 0, "controls": 0}) == (
        ran.code,
        json.loads(ran.out),
    )
    assert "0600000003" == second["proposal"]
    assert 0.5 < float(second["sure"]) < 1
    assert [(WALL, "match", "3"), (RIVER, "match", "2")] == [
        (line["query"], line["held"], str(line["rows"])) for line in (first, second)
    ]
    assert ("600000001", "上海长城科技有限公司", "region") == tuple(
        first[name] for name in ("id_1", "name_1", "contradicts_1")
    )
    assert ("600000002", "core") == (first["id_2"], first["contradicts_2"])
    assert ("core, form", "region, form") == (first["agrees_1"], first["agrees_2"])
    assert ("0600000003", "拼音", "存续") == tuple(second[name] for name in ("id_1", "type_1", "status_1"))
    assert not any((first["decision"], second["decision"], second["id_2"], second["contradicts_1"]))


def test_a_sheet_with_decisions_is_not_written_over(path: Path, review: Callable[..., Ran]) -> None:
    """Exit 2 until they are imported; then the next export takes its place."""
    sheet = Path("held.xlsx")
    review("export", sheet)
    decide(sheet, {lookup_key(WALL): "600000001"})

    refused = review("export", sheet)
    imported = review("import", sheet)
    again = review("export", sheet)

    assert (2, 0, 0) == (refused.code, imported.code, again.code)
    assert "holds 1 decision not imported yet" in refused.err
    assert [RIVER] == [line["query"] for line in read(sheet)]


def test_a_file_of_another_kind_or_place_is_refused(path: Path, review: Callable[..., Ran]) -> None:
    """Exit 2, saying which endings there are, or which directory there is not."""
    kind, place = review("export", "held.txt"), review("export", "nowhere/held.csv")
    missing = review("import", "none.csv")
    assert (2, 2, 2) == (kind.code, place.code, missing.code)
    assert ".xlsx or .csv" in kind.err
    assert "There is no directory nowhere" in place.err
    assert "There is no file none.csv" in missing.err


# Import


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_decisions_make_the_round_trip_to_postgres(
    path: Path, database_url: str, review: Callable[..., Ran], ending: str
) -> None:
    """Export, fill in, import: source `manual`, confidence 1.00, flushed; ids keep their zeros."""
    sheet = Path(f"held.{ending}")
    review("export", sheet)
    decide(sheet, {lookup_key(WALL): "600000002", lookup_key(RIVER): "0600000003"})

    ran = review("import", sheet, "--json", url=database_url)

    assert 0 == ran.code, ran.err
    assert {
        "lines": 2,
        "undecided": 0,
        "decided": 2,
        "rejected": 0,
        "reopened": 0,
        "unchanged": 0,
        "controls_confirmed": 0,
        "controls_corrected": 0,
        "overruled": [],
    } | {
        "forced": [],
        "changed": [],
        "flushed": 3,
        "refused": 0,
    } == json.loads(ran.out)
    assert ("resolved", "600000002", 1.0, "manual", None, "manual") == decided(path, WALL)
    assert {
        lookup_key(WALL): ("600000002", 1.0, "manual"),
        lookup_key(RIVER): ("0600000003", 1.0, "manual"),
        lookup_key(PEAK): ("600000004", 1.0, "eqc_api"),
    } == standing(database_url)
    assert ["北京长城贸易有限公司"] == ask(
        path, "SELECT official_name FROM names WHERE lookup_key = ?", [lookup_key(WALL)]
    )


def test_an_import_twice_changes_nothing(path: Path, database_url: str, review: Callable[..., Ran]) -> None:
    """Neither in the ledger nor in Postgres; decisions by --force and `none` need nothing further."""
    sheet = write(Path("d.csv"), (lookup_key(WALL), "700000777"), (lookup_key(RIVER), "none"))
    review("import", sheet, "--force", url=database_url)
    before = dump(path), snapshot(database_url)

    again = review("import", sheet, "--json", url=database_url)

    assert 0 == again.code, again.err
    assert (2, 0, 0, 0) == tuple(
        json.loads(again.out)[name] for name in ("unchanged", "decided", "rejected", "flushed")
    )
    assert before == (dump(path), snapshot(database_url))


@pytest.mark.parametrize(
    ("key", "decision", "problem"),
    [
        ("某公司", "600000001", "line 2: the ledger has no name with the key '某公司'"),
        ("某公司", "", "line 2: the ledger has no name with the key '某公司'"),
        ("", "600000001", "line 2: it has no lookup_key"),
        (WALL, "600000009", f"line 2: '600000009' is not among the candidates of '{WALL}'; `yes` in its"),
        (
            WALL,
            "6000009",
            "line 2: '6000009' does not look like a company id: those that are known have 9 to",
        ),
        (WALL, "N/A", "line 2: 'N/A' is no company id"),
        (WALL, "INABCDEFGHIJKLMNOP", "line 2: 'INABCDEFGHIJKLMNOP' is no company id"),
        (RIVER, "0600000003", f"line 3: '{RIVER}' stands in line 2 already"),
    ],
)
def test_a_line_that_cannot_be_used_stops_the_whole_sheet(
    path: Path, review: Callable[..., Ran], key: str, decision: str, problem: str
) -> None:
    """Exit 2, naming the line and what is wrong with it; the good line next to it does not count either."""
    sheet = write(Path("d.csv"), (key, decision), (RIVER, "0600000003"))
    before = dump(path)
    ran = review("import", sheet)
    assert (2, True) == (ran.code, problem in ran.err), ran.err
    assert before == dump(path)


def test_all_problems_of_a_sheet_are_told_at_once(path: Path, review: Callable[..., Ran]) -> None:
    """The first twenty, and how many more."""
    ran = review("import", write(Path("d.csv"), *((f"第{number}公司", "") for number in range(23))))
    assert (2, 20) == (ran.code, ran.err.count("the ledger has no name"))
    assert "and 3 more" in ran.err


def test_a_sheet_without_its_columns_is_refused(path: Path, review: Callable[..., Ran]) -> None:
    """Exit 2, naming the column."""
    Path("d.csv").write_text("客户名称,decision\n甲,1\n", encoding="utf-8")
    ran = review("import", "d.csv")
    assert (2, True) == (ran.code, "'lookup_key'" in ran.err)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_sheet_is_read_as_spreadsheets_save_it(
    path: Path, review: Callable[..., Ran], encoding: str
) -> None:
    """In Chinese Windows' encoding, as Unicode text with tabs, and with semicolons."""
    delimiter = {"utf-16": "\t", "utf-8-sig": ";"}.get(encoding, ",")
    text = f"lookup_key,decision\n{WALL},600000001\n\n,\n".replace(",", delimiter)
    Path("d.csv").write_text(text, encoding=encoding)
    ran = review("import", "d.csv", "--json")
    assert (0, 1) == (ran.code, json.loads(ran.out)["decided"]), ran.err


def test_an_id_that_was_not_offered_takes_force(path: Path, review: Callable[..., Ran]) -> None:
    """With --force it counts like any other, but not one that is no id."""
    forced = review("import", write(Path("d.csv"), (WALL, "700000777")), "--force")
    no_id = review("import", write(Path("d.csv"), (RIVER, "NULL")), "--force")
    assert (0, 2) == (forced.code, no_id.code)
    assert ("resolved", "700000777", 1.0, "manual", None, "manual") == decided(path, WALL)


def test_none_is_a_decision(path: Path, eqcbatch: Run, review: Callable[..., Ran]) -> None:
    """The name is failed for a reason of its own, no longer held, counted apart, and the accounts balance."""
    ran = review("import", write(Path("d.csv"), (WALL, "none")), "--json")
    assert (0, 1) == (ran.code, json.loads(ran.out)["rejected"])
    assert ("failed", None, None, "manual", None, None) == decided(path, WALL)
    assert "failed/no_company" == states(path)[WALL]
    assert 0 == eqcbatch("report", "--check", "--ledger", path).code
    assert "failed (no_company, decided by hand)" in eqcbatch("report", "--name", WALL, "--ledger", path).out
    told = eqcbatch("report", "--ledger", path).out, eqcbatch("report", "--markdown", "--ledger", path).out
    assert ["No company, as a person decided: 1 name" in text for text in told] == [True, True]
    assert not any("Failed: " in text for text in told)
    assert {"no_company": 1} == json.loads(eqcbatch("report", "--json", "--ledger", path).out)[
        "failed_by_reason"
    ]
    assert 0 == eqcbatch("report", "--html", "r.html", "--ledger", path).code
    assert "a person decided: no company" in Path("r.html").read_text(encoding="utf-8")


def test_a_key_that_looks_like_a_formula_makes_the_round_trip(
    tmp_path: Path, review: Callable[..., Ran], path: Path
) -> None:
    """No spreadsheet takes it for one, and the import knows it again."""
    raws = ("=HYPERLINK(1)长城公司", "+长城公司", "'-长城公司")
    plan_names(path, *raws, source="other")
    for number, raw in enumerate(raws):
        answer(path, raw, company(0, f"80{number}", "上海完全不同贸易有限公司"))
    for ending in ("csv", "xlsx"):
        sheet = Path(f"held.{ending}")
        review("export", sheet)
        keys = {line["lookup_key"] for line in read(sheet)}
        decide(sheet, {line["lookup_key"]: line["id_1"] for line in read(sheet)})
        assert ending == "xlsx" or not any(key[0] in "=+-@" for key in keys)
        ran = review("import", sheet)
        assert 0 == ran.code, ran.err
        assert ["80" + str(number) for number in range(3)] == ask(
            path, "SELECT company_id FROM names WHERE company_id LIKE '80%' ORDER BY 1"
        )
        assert ["manual"] == ask(path, "SELECT DISTINCT source FROM names WHERE company_id LIKE '80%'")
        change(
            path,
            """UPDATE names SET source = 'eqc', held = 'ambiguous', verdict = 'ambiguous'
               WHERE company_id LIKE '80%'""",
        )


def test_a_postgres_that_is_away_loses_no_decision(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran]
) -> None:
    """Exit 7 with the decisions in the ledger; `eqcbatch flush` sends them."""
    away = review("import", write(Path("d.csv"), (WALL, "600000001")), url=NOWHERE)
    flushed = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    assert (7, 0) == (away.code, flushed.code)
    assert "1 name decided by hand" in away.out
    assert "hunter2" not in away.err
    assert ("600000001", 1.0, "manual") == standing(database_url)[lookup_key(WALL)]


# Correction


@pytest.mark.parametrize(
    ("meanwhile", "left"),
    [
        ("", ("700000777", 1.0, "manual")),
        ("company_id = '700000001'", ("700000001", 1.0, "eqc_api")),
        ("source = 'yaml'", ("600000004", 1.0, "yaml")),
        ("source = 'manual', source_domain = NULL", ("600000004", 1.0, "manual")),
        ("confidence = 0.95", ("700000777", 1.0, "manual")),  # by the upsert rule: a higher one wins
    ],
)
def test_a_row_is_corrected_only_where_it_stands_as_flushed(
    path: Path,
    database_url: str,
    eqcbatch: Run,
    review: Callable[..., Ran],
    meanwhile: str,
    left: tuple[str, float, str],
) -> None:
    """A reviewer overturns an exact answer of EQC; whatever others wrote there meanwhile is left alone."""
    eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    if meanwhile:
        execute(database_url, f"UPDATE enterprise.enrichment_index SET {meanwhile}")

    ran = review("import", write(Path("d.csv"), (PEAK, "700000777")), "--force", "--json", url=database_url)

    stays = "700000777" != left[0]
    assert (0, not stays, stays) == (ran.code, *(json.loads(ran.out)[n] == 1 for n in ("flushed", "refused")))
    assert left == standing(database_url)[PEAK]
    errors = ask(path, "SELECT flush_error FROM names WHERE flush_error IS NOT NULL")
    assert stays == bool(errors)


def test_a_reviewer_can_overturn_a_reviewer(
    path: Path, database_url: str, review: Callable[..., Ran]
) -> None:
    """Our own manual row is corrected though its confidence is no lower; somebody else's is not."""
    review("import", write(Path("d.csv"), (WALL, "600000001")), url=database_url)
    review("import", write(Path("d.csv"), (WALL, "600000002")), "--change-decisions", url=database_url)
    assert ("600000002", 1.0, "manual") == standing(database_url)[WALL]

    seed(database_url, (RIVER, "customer_name", "0600000003", 1.0))
    review("import", write(Path("d.csv"), (RIVER, "0600000003")), url=database_url)
    options = ("--force", "--change-decisions", "--json")
    ran = review("import", write(Path("d.csv"), (RIVER, "700000888")), *options, url=database_url)
    assert ("0600000003", 1.0, "manual") == standing(database_url)[RIVER]
    assert 1 == json.loads(ran.out)["refused"]


@pytest.mark.parametrize("meanwhile", ["", "company_id = '700000001'", "source_domain = 'other'"])
def test_a_row_is_taken_back_only_where_it_stands_as_flushed(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran], meanwhile: str
) -> None:
    """What `none` overturns leaves Postgres, unless others have written there meanwhile."""
    eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    if meanwhile:
        execute(database_url, f"UPDATE enterprise.enrichment_index SET {meanwhile}")

    ran = review("import", write(Path("d.csv"), (PEAK, "none")), url=database_url)

    assert 0 == ran.code, ran.err
    assert bool(meanwhile) == (PEAK in standing(database_url))
    assert [(None, None)] == ask(
        path, "SELECT flushed_company_id, flushed_confidence FROM names WHERE lookup_key = ?", [PEAK]
    )


@pytest.mark.parametrize("stood_before", [True, False])
def test_none_after_an_id_leaves_nothing_of_ours_in_postgres(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran], stood_before: bool
) -> None:
    """Neither the id, nor EQC's own answer that it corrected; what others had there stands again."""
    if stood_before:
        seed(database_url, (PEAK, "customer_name", "700000001", 0.5))
    before = standing(database_url)
    eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    for decision in ("700000777", "700000888", "none"):
        sheet = write(Path("d.csv"), (PEAK, decision))
        review("import", sheet, "--force", "--change-decisions", url=database_url)

    assert before == standing(database_url)


@pytest.mark.parametrize("decision", ["700000777", "none"])
def test_a_kill_between_postgres_and_ledger_is_made_good(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran], decision: str
) -> None:
    """Corrected or taken back in Postgres, not marked: the next flush changes nothing there, and marks it."""
    eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    change(
        path,
        """CREATE TRIGGER disk_full BEFORE UPDATE OF flushed_company_id ON names
           BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END""",
    )

    killed = review("import", write(Path("d.csv"), (PEAK, decision)), "--force", url=database_url)
    between = snapshot(database_url)
    change(path, "DROP TRIGGER disk_full")
    again = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)

    assert (9, 0) == (killed.code, again.code), killed.err
    assert between == snapshot(database_url)
    wanted = ("700000777", 1.0, "manual") if decision == "700000777" else None
    assert wanted == standing(database_url).get(PEAK)
    assert [wanted and wanted[0]] == ask(
        path, "SELECT flushed_company_id FROM names WHERE lookup_key = ?", [PEAK]
    )


# Rescore


def test_a_rescore_shows_what_changes_and_changes_nothing(path: Path, review: Callable[..., Ran]) -> None:
    """Newly confident, newly held and changed ids, in text and JSON."""
    plan_names(path, "华山建设有限公司", "秦岭", source="other")
    right = company(1, "600000006", "华山建设有限公司")
    wrong = company(0, "600000005", "华山建设有限公司工会委员会")
    answer(path, "华山建设有限公司", wrong, right, decided=Verdict(wrong, 0.8, VerdictRule.FIRST_CANDIDATE))
    before = dump(path)

    at_most = json.loads(review("rescore", "--min-confidence", "0.5", "--json").out)
    at_least = json.loads(review("rescore", "--min-confidence", "1", "--json").out)
    told = review("rescore")

    def keys(changes: list[Line]) -> list[str]:
        return [one["lookup_key"] for one in changes]

    assert ([RIVER], [], ["华山建设有限公司"]) == tuple(
        keys(at_most[kind]) for kind in ("newly_confident", "newly_held", "changed_id")
    )
    assert [] == at_least["newly_confident"] == at_least["newly_held"]
    assert ("600000005", "600000006") == tuple(
        at_most["changed_id"][0][side]["company_id"] for side in ("before", "now")
    )
    assert (4, 0, False) == (at_most["names"], at_most["unjudged"], at_most["applied"])
    assert "Changed id: 1" in told.out
    assert "Next: eqcbatch review rescore --apply" in told.out
    assert before == dump(path)


def test_an_applied_rescore_corrects_postgres(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran]
) -> None:
    """Another id replaces ours, what is held now is taken back, and what is confident now goes there."""
    plan_names(path, "华山建设有限公司", "秦岭贸易", source="other")
    wrong = company(0, "600000005", "华山建设有限公司工会委员会")
    right = company(1, "600000006", "华山建设有限公司")
    answer(path, "华山建设有限公司", wrong, right, decided=Verdict(wrong, 1.0, VerdictRule.EXACT_NAME))
    low = company(0, "600000007", "秦岭贸易有限公司", "拼音")
    answer(path, "秦岭贸易", low, decided=Verdict(low, 0.6, VerdictRule.FIRST_CANDIDATE))
    eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    assert {"华山建设有限公司", "秦岭贸易", PEAK} == set(standing(database_url))

    applied = review("rescore", "--apply", "--json", url=database_url)
    stands = standing(database_url)
    state = dump(path), snapshot(database_url)
    again = review("rescore", "--apply", "--json", url=database_url)

    assert (0, 0) == (applied.code, again.code), applied.err
    assert {"华山建设有限公司": ("600000006", 1.0, "eqc_api"), PEAK: ("600000004", 1.0, "eqc_api")} == stands
    assert state == (dump(path), snapshot(database_url))
    assert ([], [], [], 0) == tuple(
        json.loads(again.out)[kind] for kind in ("newly_confident", "newly_held", "changed_id", "otherwise")
    )

    lower = review("rescore", "--apply", "--min-confidence", "0.5", "--json", url=database_url)
    assert 2 == json.loads(lower.out)["flushed"]
    assert ("600000007", 0.6, "eqc_api") == standing(database_url)["秦岭贸易"]


def test_a_rescore_lets_a_reverted_night_go_again(
    path: Path, database_url: str, eqcbatch: Run, review: Callable[..., Ran]
) -> None:
    """Once the rules are mended, what the stored answers amount to goes to Postgres."""
    environment = {"EQCBATCH_DATABASE_URL": database_url}
    eqcbatch("flush", "--ledger", path, **environment)
    flushed = standing(database_url)
    (session,) = ask(path, "SELECT DISTINCT flushed_session FROM names WHERE flushed_at IS NOT NULL")
    eqcbatch("flush", "--revert", session, "--ledger", path, **environment)
    assert ({}, True) == (standing(database_url), bool(flushed))

    review("rescore", "--apply", url=database_url)

    assert flushed == standing(database_url)


def test_a_rescore_leaves_what_was_decided_by_hand(path: Path, review: Callable[..., Ran]) -> None:
    """A reviewer's id stays, whatever the rules say."""
    review("import", write(Path("d.csv"), (WALL, "600000002"), (RIVER, "none")))
    before = decided(path, WALL), decided(path, RIVER)
    review("rescore", "--apply", "--min-confidence", "0")
    assert before == (decided(path, WALL), decided(path, RIVER))


def test_a_rescore_of_five_thousand_names_sends_no_request(
    tmp_path: Path, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection is made, no request booked, and it is done in seconds."""
    path = tmp_path / "many.sqlite"
    raws = [f"北京第{number}实业有限公司" for number in range(5_000)]
    plan_names(path, *raws)
    fill(path, raws)

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    began = time.monotonic()
    ran = eqcbatch("review", "rescore", "--apply", "--json", "--ledger", path)
    took_s = time.monotonic() - began

    found = json.loads(ran.out)
    assert (0, 5_000, 2_500) == (ran.code, found["names"], len(found["changed_id"]))
    assert [0] == ask(path, "SELECT count(*) FROM requests")
    assert 2_500 == sum(one["now"]["company_id"].startswith("2") for one in found["changed_id"])
    assert took_s < 60


def fill(path: Path, raws: list[str]) -> None:
    """Resolve names as bygone rules did, by the first of five candidates; for every other that is wrong."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, raw in enumerate(raws):
            right = 4 if number % 2 else 0
            names = [raw if rank == right else f"上海第{number}实业有限公司" for rank in range(5)]
            connection.executemany(
                """INSERT INTO candidates (lookup_key, rank, company_id, official_name, type)
                   VALUES (?, ?, ?, ?, '模糊匹配')""",
                [
                    (raw, rank, f"{2 if rank == right else 1}{number:08}{rank}", name)
                    for rank, name in enumerate(names)
                ],
            )
            connection.execute(
                """UPDATE names SET state = 'resolved', confidence = 0.8, verdict = 'first_candidate',
                          source = 'eqc', company_id = (SELECT company_id FROM candidates c
                                                        WHERE c.lookup_key = names.lookup_key AND rank = 0)
                   WHERE lookup_key = ?""",
                [raw],
            )


# Options


def test_options_of_the_group_come_from_environment_and_config(path: Path, eqcbatch: Run) -> None:
    """EQCBATCH_REVIEW_RESCORE_<OPTION>, and a section `review` beside those of other commands."""
    Path("eqcbatch.yml").write_text(
        f"ledger: {path}\ndrain:\n  budget: 600\nreview:\n  min-confidence: 0.5\n", encoding="utf-8"
    )
    by_file = eqcbatch("review", "rescore", "--json")
    by_variable = eqcbatch("review", "rescore", "--json", EQCBATCH_REVIEW_RESCORE_MIN_CONFIDENCE="0.9")
    assert 0 == by_file.code, by_file.err
    assert 1 == len(json.loads(by_file.out)["newly_confident"])
    assert 0 == len(json.loads(by_variable.out)["newly_confident"])
    assert 0 == eqcbatch("report").code
    Path("eqcbatch.yml").write_text("review:\n  min-confidenc: 0.5\n", encoding="utf-8")
    assert "Did you mean 'min-confidence'?" in eqcbatch("review", "export", "x.csv").err


@pytest.mark.parametrize("words", runnable(app.commands["review"]))
def test_every_command_of_the_group_is_like_the_others(words: str) -> None:
    """Help for itself and each option, a variable for each, and the options that all commands share."""
    command = runnable(app.commands["review"])[words]
    options = [option for option in command.params if isinstance(option, click.Option)]
    named = {max(option.opts, key=len): option for option in options}
    assert command.help
    assert {"--ledger", "--json", "--log-file", "--verbose", "--quiet", "--config"} <= set(named)
    for name, option in named.items():
        variable = f"EQCBATCH_{words}_{name[2:]}".replace("-", "_").replace(" ", "_").upper()
        assert variable == (option.envvar or [""])[0]
        assert re.search(r"[.\]]$", option.help or ""), name


def test_the_reference_has_the_help_of_every_command_of_the_group() -> None:
    """One block each, called as it is typed."""
    text = (CHECKOUT / "docs/reference.md").read_text(encoding="utf-8")
    for name in ("export", "import", "set", "rescore", "calibrate"):
        assert f"<code>eqcbatch review {name} --help</code>" in text
        assert f"Usage: eqcbatch review {name} [OPTIONS]" in text
