"""Tables in real files: titles above the header, unusual delimiters, several sheets, merged cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest

from eqcbatch.domain.model import Occurrence, Remark, RemarkKind, TableRead, UnreadSheet
from eqcbatch.errors import BadInput
from eqcbatch.source import Entry, Key, SourceSpec, Standing, read, write
from eqcbatch.source.entries import NOTHING
from tests.conftest import Ran, Run
from tests.integration.test_source import csv_of, names_in, refusal, workbook_of
from tests.ledgers import ask

LEDGER = Path("l.sqlite")
ADDED = "company_id,company_id_source,company_id_confidence"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plan(eqcbatch: Run) -> Callable[..., Ran]:
    """Run the command without an index."""
    return lambda *arguments: eqcbatch("plan", *arguments, "--no-index", "--ledger", LEDGER)


@pytest.fixture
def apply(eqcbatch: Run) -> Callable[..., Ran]:
    """Run the command with temporary ids."""
    return lambda *arguments: eqcbatch(
        "apply", *arguments, "--ledger", LEDGER, EQCBATCH_TEMP_ID_SALT="salt-marked-77c1"
    )


def entry_of(key: Key, _standing: Standing = NOTHING) -> Entry:
    """An entry that tells its row's name."""
    return Entry(f"id of {key[0]}", "eqc", 0.5)


def book_of(merged: dict[str, list[str]] | None = None, **sheets: list[list[Any]]) -> str:
    """Write a workbook of these sheets, with what is merged in them, and return its name."""
    name = workbook_of(**sheets)
    book = openpyxl.load_workbook(name)
    for title, ranges in (merged or {}).items():
        for cells in ranges:
            book[title].merge_cells(cells)
    book.save(name)
    return name


def hide(title: str, state: Literal["hidden", "veryHidden"] = "hidden") -> None:
    """Hide a sheet of the workbook."""
    book = openpyxl.load_workbook("x.xlsx")
    book[title].sheet_state = state
    book.save("x.xlsx")


def cells_of(name: str, title: str) -> list[list[object]]:
    """The cells of a sheet, row by row."""
    return [list(row) for row in openpyxl.load_workbook(name)[title].iter_rows(values_only=True)]


# Headers


TITLED = "2024年6月规模明细\r\n单位：万元\r\n\r\n客户名称,规模,备注\r\n甲公司,1,\r\n甲公司,2\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_file_may_have_titles_above_its_header(encoding: str) -> None:
    """With fewer fields than the header; empty lines are counted as spreadsheets do."""
    tally = read(SourceSpec(csv_of(TITLED, encoding), weight_column="规模"))

    assert (Occurrence("甲公司", None, None, 2, 3.0),) == tally.occurrences
    assert (TableRead(None, 4, 2),) == tally.remarks.read


def test_what_stands_above_the_header_stays_byte_for_byte() -> None:
    """The new columns are named in the header's row."""
    csv_of('"规模,明细"\r\n单位：万元 \r\n\r\n' + TITLED.partition("\r\n\r\n")[2], "utf-8-sig")

    remarks = write(SourceSpec("x.csv"), Path("out.csv"), entry_of)

    expected = (
        '"规模,明细"\r\n单位：万元 \r\n\r\n'
        f"客户名称,规模,备注,{ADDED}\r\n甲公司,1,,id of 甲公司,eqc,0.5\r\n甲公司,2,,id of 甲公司,eqc,0.5\r\n"
    )
    assert expected.encode("utf-8-sig") == Path("out.csv").read_bytes()
    assert (TableRead(None, 4, 2),) == remarks.read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("客户名称|计划代码\n甲公司|P0\n", {"甲公司": 1}),
        ("sep=;\n客户名称;规模\n甲,乙;1\n", {"甲,乙": 1}),
        ("SEP=|\r\n客户名称|规模\r\n甲公司|1\r\n", {"甲公司": 1}),
        ('"sep=^"\n客户名称^规模\n甲公司^1\n', {"甲公司": 1}),
        ("sep=\\t\n客户名称\t规模\n甲公司\t1\n", {"甲公司": 1}),
        ("sep=,\n标题\n客户名称,规模\n甲公司,1\n", {"甲公司": 1}),
        ("标题,\n客户名称;规模\n甲公司;1,5\n", {"甲公司": 1}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_delimiter_is_found_or_said_by_the_first_line(
    text: str, names: dict[str, int], encoding: str
) -> None:
    """Pipes are found as commas are; `sep=` is obeyed, and is left where it stands."""
    csv_of(text, encoding)
    write(SourceSpec("x.csv"), Path("out.csv"), entry_of)

    assert names == names_in(read(SourceSpec("x.csv")))
    before, after = (Path(name).read_text(encoding=encoding) for name in ("x.csv", "out.csv"))
    assert before.splitlines()[-2] in after
    assert before.partition("客户名称")[0] == after.partition("客户名称")[0]


def test_the_encoding_and_the_delimiter_are_told_where_they_are_not_the_usual_ones() -> None:
    """Nobody else knows them: they were found out."""
    told = []
    for text, encoding in (("客户名称|n\n甲公司|1\n", "gb18030"), ("客户名称,n\n甲公司,1\n", "utf-8")):
        csv_of(text, encoding)
        noticed = read(SourceSpec("x.csv")).remarks.noticed
        told += [remark.column for remark in noticed if remark.kind == "read_as"]
    assert ["GB18030, parted by |"] == told


def test_rows_are_counted_without_the_line_that_says_the_delimiter() -> None:
    """Spreadsheets do not show it."""
    csv_of("sep=;\nx;y\n客户名称;规模\n甲公司;1\n")
    assert (TableRead(None, 2, 1),) == read(SourceSpec("x.csv")).remarks.read
    assert {"甲公司": 1} == names_in(read(SourceSpec("x.csv", header_row=2)))


@pytest.mark.parametrize("sign", ["^", "~", "：", "；", "，", "^^"])
def test_a_sign_that_may_part_columns_is_asked_about(sign: str) -> None:
    """Instead of the whole line being proposed as a column."""
    message = refusal(csv_of(f"客户名称{sign}计划代码\n甲公司{sign}P0\n"))
    assert f"put a line `sep={sign[0]}` on top" in message
    assert "Did you mean" not in message
    csv_of(f"sep={sign[0]}\n客户名称{sign}计划代码\n甲公司{sign}P0\n")
    assert {"甲公司": 1} == names_in(read(SourceSpec("x.csv")))


def test_a_header_that_is_parted_otherwise_than_its_rows_is_refused() -> None:
    """Each row would be one name, whole."""
    message = refusal(csv_of("客户名称|计划代码\n甲公司;P1\n乙公司;P2\n"))
    assert "by '|' in the header, and by ';' below it" in message
    assert {"甲公司": 1, "乙公司;P2": 1} == names_in(
        read(SourceSpec(csv_of("客户名称|n\n甲公司\n乙公司;P2\n")))
    )


def test_a_whole_line_is_no_column() -> None:
    """Nor is it where somebody asks for it."""
    asked: dict[str, Any] = {"columns": ("客户名称|计划代码",)}
    assert "'|' parts '客户名称', '计划代码'." in refusal(csv_of("客户名称|计划代码\n甲公司|P0\n"), **asked)
    assert {"甲公司": 1} == names_in(read(SourceSpec(csv_of('"客户名称|计划代码"\n甲公司\n'), **asked)))


def test_the_header_s_row_may_be_said(plan: Callable[..., Ran], apply: Callable[..., Ran]) -> None:
    """Where an earlier row has the columns, too; apply then reads the same one."""
    csv_of("客户名称,全部\n,\n客户名称,规模\n甲公司,1\n")
    found, said = plan("x.csv", "--json"), plan("x.csv", "--header-row", 3, "--json")

    assert (
        {"sheet": None, "header_row": 1, "rows": 3},
        {"sheet": None, "header_row": 3, "rows": 1},
    ) == tuple(json.loads(ran.out)["sheets"]["read"][0] for ran in (found, said))
    assert 0 == apply("x.csv", "-o", "out.csv").code
    assert ["客户名称,全部", ",", f"客户名称,规模,{ADDED}"] == Path("out.csv").read_text(
        encoding="utf-8"
    ).splitlines()[:3]
    assert "Header in row 3 of x.csv." in plan("x.csv", "--header-row", 3).out
    assert "is not a row" in plan("x.csv", "--header-row", "0").err


@pytest.mark.parametrize("cell", [["甲公司"], {"名": "甲公司"}])
def test_a_cell_of_several_values_is_no_name(cell: object) -> None:
    """The text of a list would be asked for as a company."""
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(
        pa.table({"客户名称": [cell], "规模": [1.0]}), "m.parquet"
    )
    with pytest.raises(BadInput, match=r"several values in each cell of '客户名称'.*\nName a column"):
        read(SourceSpec("m.parquet"))


def test_a_parquet_file_has_no_row_of_names() -> None:
    """It names its columns in its schema."""
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pa.table({"客户名称": ["甲"]}), "x.parquet")
    assert "Leave --header-row out" in refusal("x.parquet", header_row=2)
    assert (TableRead(None, None, 1),) == read(SourceSpec("x.parquet")).remarks.read


TWO_ROWS: list[list[Any]] = [
    ["规模明细表", None, None],
    ["客户名称", "规模", None],
    [None, "期初", "期末"],
    ["甲公司", 1, 2],
    ["乙公司", 3, 4],
]


def test_a_workbook_may_name_its_columns_in_two_rows() -> None:
    """Groups above names; `apply` names its columns in the lower one, and leaves what is above."""
    book_of({"s": ["A1:C1", "A2:A3", "B2:C2"]}, s=TWO_ROWS)
    spec = SourceSpec("x.xlsx", weight_column="期末")

    assert [("乙公司", 4.0), ("甲公司", 2.0)] == [(one.raw, one.weight) for one in read(spec).occurrences]
    write(spec, Path("out.xlsx"), entry_of)
    rows = cells_of("out.xlsx", "s")
    assert [*TWO_ROWS[:2], [*TWO_ROWS[2], *ADDED.split(",")]] == [row[:3] for row in rows[:2]] + rows[2:3]
    assert ["甲公司", 1, 2, "id of 甲公司", "eqc", 0.5] == rows[3]


def test_a_header_far_down_is_told_how_to_be_named(plan: Callable[..., Ran]) -> None:
    """Of the one sheet that holds anything the rows are shown, and what says where the names are."""
    notes = [[f"说明{number}"] for number in range(1, 25)]
    workbook_of(规模明细=[*notes, ["客户名称"], ["甲公司"]], 空=[])
    refused = plan("x.xlsx")
    assert (2, True) == (refused.code, "sheet '规模明细' of x.xlsx has no column '客户名称'" in refused.err)
    assert "in row 2 '说明2'" in refused.err
    assert "--header-row N says where the columns are named." in refused.err
    assert "There is nothing in row 27 of" in plan("x.xlsx", "--header-row", 27).err
    assert 0 == plan("x.xlsx", "--header-row", 25).code, "that the other sheet has no such row is no matter"


@pytest.mark.parametrize(
    ("written", "read_as"), [("big5", "gb18030"), ("utf-8", "gb18030"), ("utf-8", "latin-1")]
)
def test_names_of_another_encoding_are_told(plan: Callable[..., Ran], written: str, read_as: str) -> None:
    """They are asked for as they are, and surely not found: the plan says what is to be done."""
    garbled = "臺灣積體電路製造股份有限公司".encode(written).decode(read_as, "replace")
    workbook_of(规模明细=[["客户名称"], [garbled], ["甲公司"]])
    assert "客户名称: 1 cell garbled, as of another encoding" in plan("x.xlsx").out


def test_plan_says_where_the_header_stands(plan: Callable[..., Ran]) -> None:
    """If it is not the first row."""
    workbook_of(规模明细=[["规模明细表"], ["单位：万元"], ["客户名称"], ["甲公司"]])
    first, second, *_ = plan("x.xlsx").out.splitlines()
    assert first.startswith("Planned x.xlsx, sheet 规模明细: 1 row, ")
    assert "Header in row 3 of 规模明细." == second


def test_a_header_that_comes_again_is_no_customer(
    plan: Callable[..., Ran], apply: Callable[..., Ran]
) -> None:
    """As pages have it that were joined: its rows name nobody, and that is said."""
    csv_of("客户名称,计划\n甲公司,1\n客户名称,计划\n客户名称 ,计划\n乙公司,2\n")
    tally = read(SourceSpec("x.csv"))

    assert {"甲公司": 1, "乙公司": 1, "": 2} == names_in(tally)
    assert (Remark(RemarkKind.REPEATED_HEADERS, "客户名称", 2),) == tally.remarks.noticed
    assert "客户名称: 2 rows with the header once more, which name nobody." in plan("x.csv").out
    assert 0 == apply("x.csv", "-o", "out.csv").code
    assert "客户名称,计划,,," == Path("out.csv").read_text(encoding="utf-8").splitlines()[2]


# Sheets


MONTH: dict[str, list[list[Any]]] = {
    "规模明细": [["客户名称", "计划代码"], ["甲公司", "P1"], ["乙公司", "P2"]],
    "收入明细": [["标题"], ["计划代码", "客户名称", "收入"], ["P1", "甲公司", 1], ["P9", "丙公司", 2]],
    "封面": [["说明"]],
    "模板": [["客户名称"], ["旧公司"]],
}


@pytest.fixture
def month() -> str:
    """A month in two sheets, with a cover and a hidden template."""
    workbook_of(**MONTH)
    hide("模板", "veryHidden")
    return "x.xlsx"


def test_of_several_sheets_the_first_that_shows_is_read(plan: Callable[..., Ran]) -> None:
    """The others that have the column are named, and said to be hidden."""
    workbook_of(**{title: MONTH[title] for title in ("模板", "规模明细", "收入明细", "封面")})
    hide("模板", "veryHidden")

    tally = read(SourceSpec("x.xlsx"))

    assert {"甲公司": 1, "乙公司": 1} == names_in(tally)
    assert (UnreadSheet("模板", True, None), UnreadSheet("收入明细", False, None)) == tally.remarks.unread
    assert (
        "Not read, though with the column, too: 模板 (hidden), 收入明细. "
        "--sheet NAME reads one, --sheet '*' all that show."
    ) in plan("x.xlsx").out


def test_a_sheet_that_does_not_show_is_read_where_it_is_named(month: str) -> None:
    """And never else: if it is the only one, it is named."""
    assert {"旧公司": 1} == names_in(read(SourceSpec(month, sheets=("模板",))))
    workbook_of(模板=MONTH["模板"], 封面=MONTH["封面"])
    hide("模板")
    for sheets in ((), ("*",)):
        message = refusal("x.xlsx", sheets=sheets)
        assert "in sheets only that do not show: '模板'." in message
        assert "--sheet 模板" in message


@pytest.mark.parametrize(
    ("sheets", "names", "titles"),
    [
        (("*",), {"丙公司": 1, "乙公司": 1, "甲公司": 2}, ["规模明细", "收入明细"]),
        (("收入明细", "规模明细"), {"丙公司": 1, "乙公司": 1, "甲公司": 2}, ["规模明细", "收入明细"]),
        (
            ("*", "模板"),
            {"丙公司": 1, "乙公司": 1, "旧公司": 1, "甲公司": 2},
            ["规模明细", "收入明细", "模板"],
        ),
        (("收入明细",), {"丙公司": 1, "甲公司": 1}, ["收入明细"]),
        (("收入明细 ", "收入明细"), {"丙公司": 1, "甲公司": 1}, ["收入明细"]),
    ],
)
def test_several_sheets_are_one_source(
    month: str, sheets: tuple[str, ...], names: dict[str, int], titles: list[str]
) -> None:
    """In the order of their tabs, each with its own header; what reads the same is one occurrence."""
    tally = read(SourceSpec(month, sheets=sheets, plan_code_column=None))

    assert names == names_in(tally)
    assert titles == [table.sheet for table in tally.remarks.read]
    assert tally.rows == sum(table.rows for table in tally.remarks.read)


def test_a_sheet_that_is_named_must_have_the_columns(month: str) -> None:
    """`*` passes over those that lack one."""
    assert "sheet '封面' of x.xlsx has no column '客户名称'" in refusal(month, sheets=("规模明细", "封面"))
    assert "has no sheet '明细'" in refusal(month, sheets=("*", "明细"))
    assert {"甲公司": 1, "丙公司": 1} == names_in(
        read(SourceSpec(month, sheets=("*",), weight_column="收入"))
    )


def test_sheets_go_with_workbooks() -> None:
    """What is asked for and cannot be is said."""
    assert "has no sheets" in refusal(csv_of("客户名称\n甲\n"), sheets=("*",))
    with pytest.raises(BadInput, match="goes with a file"):
        SourceSpec("", query="SELECT 1", sheets=("*",))


def test_all_sheets_are_planned_and_applied_in_one_command_each(
    month: str, plan: Callable[..., Ran], apply: Callable[..., Ran]
) -> None:
    """One run; `apply` writes all of them into one output, with the ids of their rows, too."""
    Path("o.yml").write_text("plan_code: {P1: '600000001', P9: '600000009'}\n乙公司: '600000002'\n")
    planned = plan(month, "--sheet", "*", "--plan-code-column", "计划代码", "--overrides", "o.yml", "--json")
    applied = apply(month, "--sheet", "*", "-o", "out.xlsx", "--json")

    assert [(1, 1)] == ask(LEDGER, "SELECT count(*), sum(current) FROM runs")
    for ran in (planned, applied):
        assert {
            "read": [
                {"sheet": "规模明细", "header_row": 1, "rows": 2},
                {"sheet": "收入明细", "header_row": 2, "rows": 2},
            ],
            "unread": [{"sheet": "模板", "hidden": True, "lacks": "计划代码"}],
        } == json.loads(ran.out)["sheets"]
    assert [
        ["客户名称", "计划代码", *ADDED.split(",")],
        ["甲公司", "P1", "600000001", "override", None],
        ["乙公司", "P2", "600000002", "override", 1],
    ] == cells_of("out.xlsx", "规模明细")
    assert [
        ["P1", "甲公司", 1, "600000001", "override", None],
        ["P9", "丙公司", 2, "600000009", "override", None],
    ] == cells_of("out.xlsx", "收入明细")[2:]
    assert MONTH["模板"] == cells_of("out.xlsx", "模板")
    assert {"override": 4} == json.loads(applied.out)["filled"]


def test_apply_takes_the_sheets_of_the_plan(
    month: str, plan: Callable[..., Ran], apply: Callable[..., Ran]
) -> None:
    """Where nobody says otherwise, and there is one plan of the file."""
    plan(month, "--sheet", "*")
    ran = apply(month, "-o", "out.xlsx", "--json")

    assert ["规模明细", "收入明细"] == [it["sheet"] for it in json.loads(ran.out)["sheets"]["read"]]
    plan(month, "--sheet", "收入明细")
    assert "was planned in several ways" in (told := apply(month, "-o", "out.xlsx").err)
    assert "--sheet '*' or --sheet '收入明细'" in told


def test_sheets_come_from_the_environment_line_by_line(month: str, eqcbatch: Run) -> None:
    """A title may hold blanks."""
    workbook_of(**{"Sheet 1": [["客户名称"], ["甲"]], "Sheet 2": [["客户名称"], ["乙"]]})
    ran = eqcbatch(
        *("plan", "x.xlsx", "--no-index", "--json", "--ledger", LEDGER),
        EQCBATCH_PLAN_SHEET="Sheet 2\nSheet 1",
    )
    assert ["Sheet 1", "Sheet 2"] == [it["sheet"] for it in json.loads(ran.out)["sheets"]["read"]]


# Merged cells


def test_a_merged_name_names_all_its_rows() -> None:
    """Plan codes, ids and conditions likewise; a weight counts once."""
    rows: list[list[Any]] = [
        ["客户名称", "计划代码", "规模"],
        ["甲公司", "P1", 10],
        [None, None, None],
        [None, "P3", None],
        ["乙公司", "P4", 7],
        [None, None, None],
    ]
    book_of({"s": ["A2:A4", "B2:B3", "C2:C4", "A5:A6"]}, s=rows)
    spec = SourceSpec("x.xlsx", plan_code_column="计划代码", weight_column="规模")

    tally = read(spec)

    assert (
        Occurrence("乙公司", None, None, 1, 0.0),
        Occurrence("乙公司", "P4", None, 1, 7.0),
        Occurrence("甲公司", "P1", None, 2, 10.0),
        Occurrence("甲公司", "P3", None, 1, 0.0),
    ) == tally.occurrences
    assert (
        Remark(RemarkKind.MERGED_CELLS, "客户名称", 2, ("A2:A4", "A5:A6")),
        Remark(RemarkKind.MERGED_CELLS, "计划代码", 1, ("B2:B3",)),
    ) == tally.remarks.noticed
    write(spec, Path("out.xlsx"), entry_of)
    assert ["id of 甲公司"] * 3 + ["id of 乙公司"] * 2 == [row[3] for row in cells_of("out.xlsx", "s")[1:]]


def test_what_is_merged_across_columns_stays_where_it_stands() -> None:
    """A line of totals is no name of the column that it covers."""
    book_of({"s": ["A3:B3"]}, s=[["序号", "客户名称", "规模"], [1, "甲公司", 2], ["合计", None, 2]])
    assert {"甲公司": 1, "": 1} == names_in(read(SourceSpec("x.xlsx")))


def test_the_header_s_own_merges_name_no_row() -> None:
    """A header over two rows is no customer."""
    book_of({"s": ["A1:A2"]}, s=[["客户名称", "规模"], [None, "期初"], ["甲公司", 1]])
    assert {"甲公司": 1} == names_in(read(SourceSpec("x.xlsx")))
