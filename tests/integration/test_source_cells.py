"""Cells of real files as a person reads them: ids, plan codes, weights, names, and what names nobody."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eqcbatch.domain.model import Occurrence, RemarkKind
from eqcbatch.source import NameRule, SourceSpec, Tally, read
from tests.conftest import Run
from tests.ledgers import ask

LEDGER = Path("l.sqlite")
IDS = SourceSpec("m.csv", id_column="id")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)


def table(*rows: tuple[str, ...]) -> None:
    with Path("m.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def noticed(tally: Tally) -> dict[RemarkKind, tuple[str, int, tuple[str, ...]]]:
    return {remark.kind: (remark.column, remark.count, remark.first) for remark in tally.remarks.noticed}


def ids(tally: Tally) -> dict[str, str | None]:
    return {occurrence.raw: occurrence.known_id for occurrence in tally.occurrences}


# ids and plan codes


def test_ids_are_read_by_their_shown_form_or_are_none(eqcbatch: Run) -> None:
    """What a float, Excel and a thousands separator make of ids; an error's name is left to be asked."""
    table(
        ("客户名称", "id"),
        ("甲公司", "600000001"),
        ("乙公司", "600000002.0"),
        ("丙公司", "6.00000003E+08"),
        ("丁公司", "600,000,004"),
        ("戊公司", "#N/A"),
        ("己公司", "6E+08"),
        ("庚公司", ""),
    )
    known = {"甲公司": "600000001", "乙公司": "600000002", "丙公司": "600000003", "丁公司": "600000004"}
    tally = read(IDS)

    assert known | dict.fromkeys(("戊公司", "己公司", "庚公司")) == ids(tally)
    assert {
        RemarkKind.NO_IDS: ("id", 2, ("#N/A of 戊公司", "6E+08 of 己公司")),
        RemarkKind.CODES_IN_ANOTHER_FORM: (
            "id",
            3,
            (
                "600000002.0 read as 600000002",
                "6.00000003E+08 read as 600000003",
                "600,000,004 read as 600000004",
            ),
        ),
    } == noticed(tally)

    said = eqcbatch("plan", "m.csv", "--no-index", "--id-column", "id", "--ledger", LEDGER)
    assert "id: no id in 2 cells. First: #N/A of 戊公司, 6E+08 of 己公司.\n" in said.out
    assert ["己公司", "庚公司", "戊公司"] == ask(
        LEDGER, "SELECT lookup_key FROM names WHERE state = 'pending' ORDER BY lookup_key"
    )
    eqcbatch("apply", "m.csv", "-o", "o.csv", "--no-temp-ids", "--ledger", LEDGER)
    with Path("o.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ["600000001", "600000002", "600000003", "600000004", "", "", ""] == [
        row["company_id"] for row in rows
    ]
    assert "600000002.0" == rows[1]["id"]  # the source's own column stays as it is written


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_ids_that_a_file_keeps_as_numbers_are_those_numbers(kind: str) -> None:
    """Floats of a workbook, decimals of Parquet; a float that lost digits is no id."""
    names = ["甲公司", "乙公司", "丙公司"]
    if kind == "xlsx":
        book = openpyxl.Workbook()
        rows = [
            ("客户名称", "id"),
            *zip(names, (600000001.0, 123456789012345678, "６００００００２"), strict=True),
        ]
        for row in rows:
            book.worksheets[0].append(list(row))
        book.save("m.xlsx")
        expected = {"甲公司": "600000001", "乙公司": None, "丙公司": "60000002"}
    else:
        column = [Decimal("600000001.00"), None, Decimal("600000003.50")]
        pq.write_table(pa.table({"客户名称": names, "id": pa.array(column)}), "m.parquet")
        expected = {"甲公司": "600000001", "乙公司": None, "丙公司": None}

    assert expected == ids(read(SourceSpec(f"m.{kind}", id_column="id")))


def test_text_guards_are_no_part_of_names_codes_and_ids() -> None:
    """Excel shows the same in all these rows."""
    table(
        ("客户名称", "p", "id"),
        ('="甲公司"', '="0012"', '="0600"'),
        ("'甲公司", "'0012", "'0600"),
        ('=T("甲公司")', "\t0012", "0600\t"),
        ("甲公司", "0012", "0600"),
    )
    tally = read(SourceSpec("m.csv", plan_code_column="p", id_column="id"))

    assert (Occurrence("甲公司", "0012", "0600", 4, 4.0),) == tally.occurrences
    assert ("客户名称", 3, ('="甲公司"', "'甲公司", '=T("甲公司")')) == noticed(tally)[RemarkKind.FREED_NAMES]


def test_an_error_is_no_plan_code_and_no_name() -> None:
    """Of several columns the next one names the row."""
    table(("客户名称", "b", "p"), ("#N/A", "甲公司", "#REF!"), ("#VALUE!", "", "P1"))
    tally = read(SourceSpec("m.csv", ("客户名称", "b"), plan_code_column="p"))

    assert (Occurrence("", "P1", None, 1, 1.0), Occurrence("甲公司", None, None, 1, 1.0)) == tally.occurrences
    assert {
        RemarkKind.ERRORS_FOR_NAMES: ("客户名称", 2, ("#N/A", "#VALUE!")),
        RemarkKind.NO_PLAN_CODES: ("p", 1, ("#REF! of 甲公司",)),
    } == noticed(tally)


# weights


def test_a_weight_is_read_as_it_is_written_and_what_is_none_is_told() -> None:
    """The heaviest name is asked first, however its weight is written."""
    table(
        ("客户名称", "规模"),
        ("甲公司", "900.00"),
        ("乙公司", "9,000,000.00"),
        ("丙公司", "￥900万元"),
        ("丁公司", "约900万"),
        ("戊公司", "(9,000)"),
        ("己公司", ""),
        ("庚公司", "-"),
    )
    tally = read(SourceSpec("m.csv", weight_column="规模"))

    assert {"甲公司": 900.0, "乙公司": 9e6, "丙公司": 9e6} == {
        occurrence.raw: occurrence.weight for occurrence in tally.occurrences if occurrence.weight
    }
    assert {RemarkKind.NO_NUMBERS, RemarkKind.NEGATIVE_NUMBERS} == noticed(tally).keys()
    column, count, (first,) = noticed(tally)[RemarkKind.NO_NUMBERS]
    assert ("规模", 1, True) == (column, count, first.endswith(" 约900万"))


def test_a_unit_in_a_cell_counts_by_that_of_its_column() -> None:
    """Where the column says 万元, 900万元 are 900 of them, as a plain 900 is."""
    cells = ("900", "900万元", "0.09亿", "9000000元", "90%")
    table(("客户名称", "规模（万元）"), *((f"{number}公司", cell) for number, cell in enumerate(cells)))
    tally = read(SourceSpec("m.csv", weight_column="规模（万元）"))
    assert [900, 900, 900, 900, 0.9] == pytest.approx([seen.weight for seen in tally.occurrences])


def test_a_weight_beyond_all_sums_is_told() -> None:
    """It counts as the most that is counted: sums of such rows must stay whole numbers of the ledger."""
    table(("客户名称", "规模"), ("甲公司", "1e308"), ("乙公司", "1000000000000"))
    tally = read(SourceSpec("m.csv", weight_column="规模"))
    assert [1e12, 1e12] == [seen.weight for seen in tally.occurrences]
    assert ("规模", 1, ("row 2 1e308",)) == noticed(tally)[RemarkKind.HUGE_NUMBERS]


def test_dates_and_truths_hardly_are_names() -> None:
    """They are asked for all the same, and told: another column may be meant."""
    table(("客户名称",), ("2024-01-05 00:00:00",), ("True",), ("3M中国有限公司",))
    column, count, _ = noticed(read(SourceSpec("m.csv")))[RemarkKind.FILLERS]
    assert ("客户名称", 2) == (column, count)


def test_counts_may_have_thousands_separators() -> None:
    """A counted source is a sheet that people made."""
    table(("客户名称", "count"), ("甲公司", "1,234"), ("乙公司", "２"))
    assert {"甲公司": 1234, "乙公司": 2} == {
        occurrence.raw: occurrence.rows for occurrence in read(SourceSpec("m.csv", counted=True)).occurrences
    }


# names


def test_a_name_in_brackets_is_a_name() -> None:
    """0.2 took it for a remark before an empty name."""
    table(("客户名称",), ("（深圳市远山科技有限公司）",), ("(杭州青禾贸易有限公司)",), ("（已转出）",))
    assert ["", "杭州青禾贸易有限公司", "深圳市远山科技有限公司"] == [
        occurrence.raw for occurrence in read(SourceSpec("m.csv")).occurrences
    ]


def test_a_name_is_explained_as_it_is_written(eqcbatch: Run) -> None:
    """Whoever copies a cell finds what became of it."""
    table(("客户名称",), ("（甲公司）",))
    eqcbatch("plan", "m.csv", "--no-index", "--ledger", LEDGER)
    for written in ("（甲公司）", '="甲公司"', "'甲公司", "甲公司"):
        assert 0 == eqcbatch("report", "--name", written, "--ledger", LEDGER).code


FILLED = (("客户名称", "计划名称"), *[("0", "")] * 3, ("合计", "甲计划"), ("０", "0"), ("甲公司", "0"))


def test_what_hardly_is_a_name_is_told_and_asked_all_the_same() -> None:
    """The placeholders of the index's keys are a closed list."""
    table(*FILLED)
    tally = read(SourceSpec("m.csv"))
    assert {RemarkKind.FILLERS: ("客户名称", 5, ("'0'", "'合计'", "'０'"))} == noticed(tally)
    assert {"0", "０", "合计", "甲公司"} == {occurrence.raw for occurrence in tally.occurrences}


@pytest.mark.parametrize(
    ("how", "raws", "blank"),
    [
        ({"blank_names": ("0", "合计")}, {"": 4, "甲计划": 1, "甲公司": 1}, 4),
        (
            {"rules": (NameRule("客户名称", blank_names=("0", "合计")),)},
            {"": 3, "甲计划": 1, "0": 1, "甲公司": 1},
            3,
        ),
        ({"blank_names": ("甲公司",)}, {"0": 4, "合计": 1, "０": 1}, 0),
    ],
)
def test_blank_names_name_nobody(how: dict[str, object], raws: dict[str, int], blank: int) -> None:
    """In all columns or in one, widths aside; the next column counts, and the rows left blank are told."""
    table(*FILLED)
    tally = read(SourceSpec("m.csv", ("客户名称", "计划名称"), **how))  # type: ignore[arg-type]

    assert raws == {occurrence.raw: occurrence.rows for occurrence in tally.occurrences}
    assert blank == noticed(tally).get(RemarkKind.BLANK_NAMES, ("", 0, ()))[1]


def test_blank_names_are_options_of_a_profile_and_hold_for_apply(eqcbatch: Run) -> None:
    """The rows that they leave blank are told; `apply` goes by the plan."""
    table(*FILLED)
    Path("eqcbatch.yml").write_text('profiles: {month: {blank-names: ["0", 合计]}}\n', encoding="utf-8")
    said = eqcbatch("plan", "m.csv", "--no-index", "--profile", "month", "--ledger", LEDGER)
    assert "Planned m.csv as month: 6 rows, 5 blank, 1 distinct name in 1 spelling.\n" in said.out
    assert "客户名称: 5 rows without a name by --blank-names. First: 0, 合计, ０ and more.\n" in said.out

    applied = eqcbatch(
        "apply", "m.csv", "-o", "o.csv", "--json", "--ledger", LEDGER, EQCBATCH_TEMP_ID_SALT="s"
    )
    report = json.loads(applied.out)
    assert (6, 1, 5) == (report["rows"], report["temporary"], report["blank"])


def test_the_places_are_the_first_ones_however_a_file_is_counted(
    monkeypatch: pytest.MonkeyPatch, large: Callable[[], None]
) -> None:
    """By columns, as texts, or cell by cell."""
    table(("客户名称", "w"), *((f"{number}", "1") for number in range(7, 0, -1)))
    first = ("'7'", "'6'", "'5'")
    for spec in (SourceSpec("m.csv"), SourceSpec("m.csv", weight_column="w")):
        assert ("客户名称", 7, first) == noticed(read(spec))[RemarkKind.FILLERS]
    large()
    assert ("客户名称", 7, first) == noticed(read(SourceSpec("m.csv")))[RemarkKind.FILLERS]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets a file count as one that is counted by columns."""
    return lambda: monkeypatch.setattr("eqcbatch.source.csv_file._LARGE", 0)
