"""Apply: real files of every kind gain the ids of their rows, and nothing else about them changes."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import signal
import subprocess
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font, PatternFill

from eqcbatch.domain.model import Held, Reason
from eqcbatch.domain.names import lookup_key, temporary_id
from eqcbatch.errors import BadInput
from eqcbatch.source import Entry, Key, SourceSpec, Standing, write
from eqcbatch.source.entries import NOTHING
from tests.conftest import Ran, Run
from tests.integration.test_source import OLD_WORKBOOK
from tests.ledgers import decide, fail, plan_names, resolve, verdict

SALT = "salt-marked-77c1"
LEDGER = Path("l.sqlite")
KNOWN, LONG, HELD, FAILED = "甲公司", "乙公司", "丙公司", "丁公司"
KNOWN_ID, LONG_ID = "0012345", "12345678901234567890"
ADDED = ["company_id", "company_id_source", "company_id_confidence"]


@pytest.fixture
def ledger() -> Path:
    """A ledger that knows the four names."""
    plan_names(LEDGER, KNOWN, LONG, HELD, FAILED)
    resolve(LEDGER, KNOWN, verdict(KNOWN_ID))
    resolve(LEDGER, LONG, verdict(LONG_ID, confidence=0.8))
    resolve(LEDGER, HELD, verdict("600000003", confidence=0.6, held=Held.LOW_CONFIDENCE))
    fail(LEDGER, FAILED, Reason.NOT_FOUND)
    return LEDGER


@pytest.fixture
def apply(eqcbatch: Run, ledger: Path) -> Callable[..., Ran]:
    """Run the command on a source of the ledger's names."""

    def run(source: str, out: str, *options: object, salt: str = SALT) -> Ran:
        return eqcbatch(
            *("apply", source, "-o", out, "--ledger", ledger, *options), EQCBATCH_TEMP_ID_SALT=salt
        )

    return run


def temporary(raw: str) -> str:
    """The temporary id of a name."""
    made = temporary_id(lookup_key(raw), SALT)
    assert made
    return made


def written(source: bytes, name: str = "x.csv") -> str:
    """Write a file and return its name."""
    Path(name).write_bytes(source)
    return name


def workbook(rows: Iterable[Iterable[object]], name: str = "x.xlsx") -> str:
    """Write a workbook with a cover sheet and these rows, of which the header and a column are styled."""
    book = openpyxl.Workbook()
    cover = book.worksheets[0]
    cover.title = "封面"
    cover.append(["说明"])
    sheet = book.create_sheet("规模明细")
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFCC00")
    sheet.column_dimensions["A"].width = 33
    sheet.freeze_panes = "A2"
    book.save(name)
    return name


def edit(name: str, change: Callable[[str], str], part: str = "xl/worksheets/sheet2.xml") -> str:
    """Change the text of a part of a workbook, as other programs than openpyxl would have written it."""
    with zipfile.ZipFile(name) as old:
        parts = {item: old.read(item) for item in old.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as new:
        for item, content in parts.items():
            new.writestr(item, content)
    return name


def parts(name: str) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(name) as book:
        return {item: book.read(item) for item in book.namelist()}


def looks(cell: openpyxl.cell.Cell) -> tuple[object, ...]:
    """What a cell holds and how it is shown."""
    return cell.value, cell.data_type, cell.number_format, cell.font.b, cell.fill.fgColor.rgb


def frame(name: str) -> pd.DataFrame:
    """The sheet of rows as text, as a pipeline reads it."""
    return pd.read_excel(
        name, sheet_name="规模明细", dtype=str, engine="calamine", keep_default_na=False, na_values=[]
    )


def numbered(key: Key, _standing: Standing = NOTHING) -> Entry:
    """An entry that tells its row's name."""
    return Entry(f"id of {key[0]}", "test", 0.5)


# CSV


CSV_WAYS = {
    "utf-8": ("客户名称,n\n甲公司,1\n", "utf-8", "客户名称,n{h}\n甲公司,1{k}\n"),
    "BOM and CRLF": ("\ufeff客户名称,n\r\n甲公司,1\r\n", "utf-8", "\ufeff客户名称,n{h}\r\n甲公司,1{k}\r\n"),
    "gb18030": ("客户名称,n\n甲公司,𠮷\n", "gb18030", "客户名称,n{h}\n甲公司,𠮷{k}\n"),
    "utf-16-le": ("\ufeff客户名称,n\n甲公司,1\n", "utf-16-le", "\ufeff客户名称,n{h}\n甲公司,1{k}\n"),
    "utf-16-be": ("\ufeff客户名称,n\n甲公司,1\n", "utf-16-be", "\ufeff客户名称,n{h}\n甲公司,1{k}\n"),
    "no last line break": ("n,客户名称\n1,甲公司", "utf-8", "n,客户名称{h}\n1,甲公司{k}"),
    "a quoted line break": (
        '客户名称,n\n甲公司,"1,\r\n ""2"""\n',
        "utf-8",
        '客户名称,n{h}\n甲公司,"1,\r\n ""2"""{k}\n',
    ),
    "quotes where none are needed": (
        '客户名称,"n"\n"甲公司",1\n',
        "utf-8",
        '客户名称,"n"{h}\n"甲公司",1{k}\n',
    ),
    "empty lines": ("\n客户名称,n\n\n甲公司,1\n\n", "utf-8", "\n客户名称,n{h}\n\n甲公司,1{k}\n\n"),
    "a short record": ("客户名称,n,m\n甲公司\n", "utf-8", "客户名称,n,m{h}\n甲公司,,{k}\n"),
    "a record with empty fields too many": (
        "客户名称,n\n甲公司,1,,\n",
        "utf-8",
        "客户名称,n{h}\n甲公司,1{k}\n",
    ),
}


@pytest.mark.parametrize(("source", "encoding", "expected"), CSV_WAYS.values(), ids=CSV_WAYS)
def test_a_csv_file_keeps_every_byte_and_gains_columns(
    source: str, encoding: str, expected: str, apply: Callable[..., Ran]
) -> None:
    """Encoding, byte order mark, line breaks, quotes and empty lines are those of the source."""
    ran = apply(written(source.encode(encoding)), "out.csv")

    assert 0 == ran.code, ran.err
    assert (
        expected.format(h="".join(f",{name}" for name in ADDED), k=f",{KNOWN_ID},eqc,1").encode(encoding)
        == Path("out.csv").read_bytes()
    )


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_the_source_s(delimiter: str, apply: Callable[..., Ran]) -> None:
    """A file of semicolons or tabs stays one."""
    apply(written(f"客户名称{delimiter}n\n乙公司{delimiter}1,5\n".encode()), "out.csv")

    lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert [
        delimiter.join(["客户名称", "n", *ADDED]),
        delimiter.join(["乙公司", "1,5", LONG_ID, "eqc", "0.8"]),
    ] == lines


def test_a_file_that_quotes_everything_has_quoted_ids(apply: Callable[..., Ran]) -> None:
    """The new cells are quoted as the header is."""
    apply(written('"客户名称","n"\n"甲公司","1"\n"","2"\n'.encode()), "out.csv")

    assert (
        '"客户名称","n","company_id","company_id_source","company_id_confidence"\n'
        f'"甲公司","1","{KNOWN_ID}","eqc","1"\n"","2","","",""\n'
    ) == Path("out.csv").read_text(encoding="utf-8")


TEXT = st.text(st.sampled_from('甲乙 ab,;"\n\t=0'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_whatever_a_csv_file_holds_its_fields_stay(
    rows: list[tuple[str, str, str]], delimiter: str, line_break: str, quoting: int
) -> None:
    """Read back, every record is the source's and its own entry."""
    buffer = io.StringIO()
    csv.writer(
        buffer,
        delimiter=delimiter,
        lineterminator=line_break,
        quoting=quoting,  # type: ignore[arg-type]
    ).writerows([("a", "客户名称", "b"), *rows])
    seen: list[Key] = []

    def entry_of(key: Key, _standing: Standing = NOTHING) -> Entry:
        seen.append(key)
        return numbered(key)

    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "x.csv", Path(folder) / "out.csv"
        source.write_bytes(buffer.getvalue().encode())
        write(SourceSpec(source), out, entry_of)
        with out.open(encoding="utf-8", newline="") as file:
            records = list(csv.reader(file, delimiter=delimiter))

    entries = [[str(cell) for cell in numbered(key)] for key in seen]
    assert [["a", "客户名称", "b", *ADDED]] + [
        [*row, *entry] for row, entry in zip(rows, entries, strict=True)
    ] == records


def test_memory_does_not_grow_with_the_rows_of_a_csv_file() -> None:
    """Six times the rows take no more memory: they are written as they are read."""

    def peak(rows: int) -> int:
        with Path("big.csv").open("w", encoding="utf-8") as file:
            file.write("客户名称,n\n")
            file.writelines(f"公司{number % 50},{number:020}\n" for number in range(rows))
        tracemalloc.start()
        write(SourceSpec("big.csv"), Path("out.csv"), numbered)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)
    small, large = peak(10_000), peak(60_000)

    assert large < small * 1.2
    assert 60_001 == len(Path("out.csv").read_text(encoding="utf-8").splitlines())


# workbooks


def test_a_workbook_has_its_ids_as_text(apply: Callable[..., Ran]) -> None:
    """Leading zeros and twenty digits come out whole, for openpyxl as for pandas; the format is text."""
    ran = apply(workbook([["客户名称", "n"], [KNOWN, 1], [LONG, 2], [None, 3]]), "out.xlsx")

    sheet = openpyxl.load_workbook("out.xlsx")["规模明细"]
    assert 0 == ran.code, ran.err
    assert ["客户名称", "n", *ADDED] == [cell.value for cell in sheet[1]]
    assert [KNOWN_ID, LONG_ID, None] == [cell.value for cell in sheet["C"][1:]]
    assert {("s", "@")} == {(cell.data_type, cell.number_format) for cell in sheet["C"][1:3]}
    assert [1, 0.8, None] == [cell.value for cell in sheet["E"][1:]]
    assert [KNOWN_ID, LONG_ID, ""] == frame("out.xlsx")["company_id"].to_list()
    streamed = openpyxl.load_workbook("out.xlsx", read_only=True)
    assert 5 == streamed["规模明细"].max_column
    streamed.close()


def test_all_else_in_a_workbook_stays_as_it_is(apply: Callable[..., Ran]) -> None:
    """Only the sheet and the formats differ; in these, widths, panes, fonts, fills and rows are as before."""
    source = workbook([["客户名称", "n"], [KNOWN, 1.5], [HELD, "007"]])

    apply(source, "out.xlsx")

    before, after = parts(source), parts("out.xlsx")
    assert list(before) == list(after)
    assert {"xl/worksheets/sheet2.xml", "xl/styles.xml"} == {
        name for name in before if before[name] != after[name]
    }
    old, new = openpyxl.load_workbook(source)["规模明细"], openpyxl.load_workbook("out.xlsx")["规模明细"]
    assert (33, "A2") == (new.column_dimensions["A"].width, new.freeze_panes)
    for mine, theirs in zip(old["A1:B3"], new["A1:B3"], strict=True):
        assert list(map(looks, mine)) == list(map(looks, theirs))
    assert frame(source).equals(frame("out.xlsx")[["客户名称", "n"]])


def test_formulas_keep_their_computed_values(apply: Callable[..., Ran]) -> None:
    """A program that does not compute, as pandas, reads what Excel had computed."""
    source = workbook([["客户名称", "n", "m"], [KNOWN, 21, "=B2*2"]])
    edit(source, lambda xml: xml.replace("<v />", "<v>42</v>").replace("<v></v>", "<v>42</v>"))

    apply(source, "out.xlsx")

    assert ["42"] == frame("out.xlsx")["m"].to_list()
    assert "=B2*2" == openpyxl.load_workbook("out.xlsx")["规模明细"]["C2"].value


def test_columns_of_these_names_are_replaced_where_they_stand(apply: Callable[..., Ran]) -> None:
    """An old id, formula or not, goes; a column that stands amid others stays there; new ones come last."""
    source = workbook(
        [["company_id", "客户名称", "n"], ["old", KNOWN, 1], ["=B3", None, 2], ["older", HELD, 3]]
    )
    chain = '<Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>'
    edit(source, lambda xml: xml.replace("</Types>", chain), "[Content_Types].xml")
    with zipfile.ZipFile(source, "a") as book:
        book.writestr("xl/calcChain.xml", "<calcChain/>")

    apply(source, "out.xlsx", "--overwrite")
    apply("out.xlsx", "again.xlsx")

    table = frame("out.xlsx")
    assert ["company_id", "客户名称", "n", *ADDED[1:]] == list(table.columns)
    assert [KNOWN_ID, "", temporary(HELD)] == table["company_id"].to_list()
    assert ["1", "2", "3"] == table["n"].to_list()
    assert table.equals(frame("again.xlsx"))
    assert not [
        name for name, text in parts("out.xlsx").items() if "calcChain" in name or b"calcChain" in text
    ]


def test_a_csv_file_has_its_columns_replaced_where_they_stand(apply: Callable[..., Ran]) -> None:
    """To apply once more changes nothing."""
    apply(written("company_id,客户名称\nold,甲公司\n,无\n".encode()), "out.csv", "--overwrite")
    apply("out.csv", "again.csv")

    assert (
        f"company_id,客户名称,company_id_source,company_id_confidence\n{KNOWN_ID},甲公司,eqc,1\n,无,,\n"
        == Path("out.csv").read_text(encoding="utf-8")
    )
    assert Path("out.csv").read_bytes() == Path("again.csv").read_bytes()


OTHER_WRITERS: dict[str, Callable[[str], str]] = {
    "with a prefix": lambda xml: re.sub(r"(</?)(?=\w)", r"\1x:", xml).replace("xmlns=", "xmlns:x="),
    "without positions": lambda xml: re.sub(r'(<(?:row|c))((?: \w+="\w*")*?) r="\w+"', r"\1\2", xml),
    "with spans": lambda xml: xml.replace("<row ", '<row spans="1:2" '),
    "without a dimension": lambda xml: re.sub("<dimension [^>]*>", "", xml),
    "with formatted cells behind": lambda xml: xml.replace("</row>", '<c r="C2" s="1"/></row>', 2).replace(
        '<c r="C2" s="1"/></row>', "</row>", 1
    ),
}


@pytest.mark.parametrize("change", OTHER_WRITERS.values(), ids=OTHER_WRITERS)
def test_a_workbook_may_come_from_any_program(
    change: Callable[[str], str], apply: Callable[..., Ran]
) -> None:
    """What other programs write differently, and may, makes no difference."""
    source = workbook([["客户名称", "n"], [KNOWN, 1], [LONG, 2]])
    before = parts(source)
    edit(source, change)
    assert before != parts(source)

    ran = apply(source, "out.xlsx")

    assert 0 == ran.code, ran.err
    cells = openpyxl.load_workbook("out.xlsx")["规模明细"].iter_rows(values_only=True)
    assert [
        ("客户名称", "n", *ADDED),
        (KNOWN, 1, KNOWN_ID, "eqc", 1),
        (LONG, 2, LONG_ID, "eqc", 0.8),
    ] == list(cells)
    assert [KNOWN_ID, LONG_ID] == frame("out.xlsx")["company_id"].to_list()


def test_a_table_may_begin_anywhere_in_its_sheet(apply: Callable[..., Ran]) -> None:
    """Empty rows and columns before it and empty rows in it keep every id beside its name."""
    rows: list[list[object]] = [
        [],
        [None, None, "n", "客户名称"],
        [None, None, 1, LONG],
        [],
        [None, None, 2, KNOWN],
    ]

    apply(workbook([[None], *rows[1:]]), "out.xlsx")

    sheet = openpyxl.load_workbook("out.xlsx")["规模明细"]
    assert ["company_id", LONG_ID, None, KNOWN_ID] == [sheet[f"E{row}"].value for row in (2, 3, 4, 5)]


def test_an_old_workbook_is_written_as_xlsx_by_its_values(apply: Callable[..., Ran]) -> None:
    """The cells are those of the .xls; to write an .xls is refused with what to do."""
    source = written(zlib.decompress(base64.b85decode(OLD_WORKBOOK)), "old.xls")
    plan_names(LEDGER, "某公司", source="another")

    refused, unasked = apply(source, "out.xls"), apply(source, "out.xlsx")
    ran = apply(source, "out.xlsx", "--values-only")

    assert (2, 2) == (refused.code, unasked.code)
    assert "without formulas, formats and charts" in unasked.err
    assert ".xlsx" in refused.err
    assert ".csv" in refused.err
    assert 0 == ran.code, ran.err
    (sheet,) = openpyxl.load_workbook("out.xlsx").worksheets
    assert [
        ("客户名称", "计划代码", *ADDED),
        ("某公司", 123, temporary("某公司"), "temporary", None),
        ("某公司", 123, temporary("某公司"), "temporary", None),
    ] == list(sheet.iter_rows(values_only=True))[:3]


def test_a_month_s_workbook_takes_seconds(apply: Callable[..., Ran]) -> None:
    """30,986 rows come out as they went in, each with the id of its name."""
    rows = [[f"P{n % 1104:04}", (KNOWN, LONG, HELD, None)[n % 4], n / 4, f"文本{n}"] for n in range(30_986)]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("规模明细")
    for row in [["计划代码", "客户名称", "规模", "备注"], *rows]:
        sheet.append(row)
    book.save("x.xlsx")
    begin = time.monotonic()

    ran = apply("x.xlsx", "out.xlsx", "--json")

    assert time.monotonic() - begin < 60
    assert {"rows": 30_986, "temporary": 7_746, "unresolved": 0, "blank": 7_746} == {
        name: value
        for name, value in json.loads(ran.out).items()
        if name not in ("output", "filled", "sheets", "remarks")
    }
    table = frame("out.xlsx")
    assert frame("x.xlsx").equals(table[["计划代码", "客户名称", "规模", "备注"]])
    ids = {KNOWN: KNOWN_ID, LONG: LONG_ID, HELD: temporary(HELD), "": ""}
    assert table["客户名称"].map(ids).equals(table["company_id"].rename("客户名称"))


# Parquet


def test_a_parquet_file_gains_columns_batch_by_batch(apply: Callable[..., Ran]) -> None:
    """Types, order and values of the other columns stay, over several row groups; ids are text."""
    table = pa.table(
        {
            "客户名称": [KNOWN, LONG, None, HELD, FAILED],
            "n": pa.array([1, 2, 3, None, 5], pa.int16()),
            "company_id_source": ["old"] * 5,
            "类": pa.array(["a", "b", "a", "b", "a"]).dictionary_encode(),
        }
    )
    pq.write_table(table, "x.parquet", row_group_size=2)

    assert "5 texts of company_id_source that no apply wrote" in apply("x.parquet", "out.parquet").err
    ran = apply("x.parquet", "out.parquet", "--overwrite")

    out = pq.read_table("out.parquet")
    assert 0 == ran.code, ran.err
    assert [
        "客户名称",
        "n",
        "company_id_source",
        "类",
        "company_id",
        "company_id_confidence",
    ] == out.column_names
    assert table.drop_columns("company_id_source").equals(out.select(["客户名称", "n", "类"]))
    assert [KNOWN_ID, LONG_ID, None, temporary(HELD), temporary(FAILED)] == out["company_id"].to_pylist()
    assert [1.0, 0.8, None, None, None] == out["company_id_confidence"].to_pylist()
    assert KNOWN_ID == pd.read_parquet("out.parquet")["company_id"][0]


def test_what_pandas_noted_of_a_parquet_file_stays(apply: Callable[..., Ran]) -> None:
    """A frame's index comes back; a file without rows gains its columns all the same."""
    frame = pd.DataFrame({"客户名称": [KNOWN, HELD]}, index=pd.Index([7, 9], name="号"))
    frame.to_parquet("x.parquet")
    frame.iloc[:0].to_parquet("empty.parquet")

    codes = [apply("x.parquet", "out.parquet").code, apply("empty.parquet", "none.parquet").code]

    assert [0, 0] == codes
    assert [7, 9] == pd.read_parquet("out.parquet").index.to_list()
    assert ["客户名称", *ADDED] == list(pd.read_parquet("none.parquet").columns)


# what a row gets


def test_held_and_failed_names_get_temporary_ids_and_blanks_none(apply: Callable[..., Ran]) -> None:
    """What is not good enough for Postgres is not good enough for the dataset; `0` names nobody either."""
    plan_names(LEDGER, "0", source="another")
    source = written("客户名称\n丙公司\n丁公司-已转出\n空白\n0\n甲公司\n".encode())

    ran = apply(source, "out.csv", "--json")

    out = pd.read_csv("out.csv", dtype=str, keep_default_na=False)
    assert [temporary(HELD), temporary(FAILED), "", "", KNOWN_ID] == out["company_id"].to_list()
    assert ["temporary", "temporary", "", "", "eqc"] == out["company_id_source"].to_list()
    assert ["", "", "", "", "1"] == out["company_id_confidence"].to_list()
    assert {
        "output": "out.csv",
        "rows": 5,
        "filled": {"eqc": 1},
        "temporary": 2,
        "unresolved": 1,
        "blank": 1,
        "sheets": {"read": [{"sheet": None, "header_row": 1, "rows": 5}], "unread": []},
        "remarks": [{"kind": "fillers", "column": "客户名称", "count": 1, "first": ["'0'"]}],
    } == json.loads(ran.out)


def test_without_temporary_ids_unresolved_rows_stay_empty(apply: Callable[..., Ran]) -> None:
    """--no-temp-ids needs no salt, and leaves no trace of one."""
    ran = apply(written("客户名称\n丙公司\n甲公司\n".encode()), "out.csv", "--no-temp-ids", salt="")

    assert 0 == ran.code, ran.err
    assert ["", KNOWN_ID] == pd.read_csv("out.csv", dtype=str, keep_default_na=False)["company_id"].to_list()
    assert "1 unresolved" in ran.out


def test_a_row_s_own_key_comes_before_its_name(apply: Callable[..., Ran], eqcbatch: Run) -> None:
    """Plan codes and own ids cover their rows, blank ones too; `__EMPTY__` keeps even the name's id away.

    The columns that told so at plan time need not be named again.
    """
    Path("o.yml").write_text('plan_code:\n  P1: "0001"\n  P2: __EMPTY__\n', encoding="utf-8")
    source = written("客户名称,码,号\n甲公司,P1,\n甲公司,P2,\n甲公司,P3,\n,P1,\n,P2,\n丁公司,,77\n".encode())
    eqcbatch(
        *("plan", source, "--plan-code-column", "码", "--id-column", "号"),
        *("--overrides", "o.yml", "--ledger", LEDGER),
    )

    apply(source, "out.csv")

    out = pd.read_csv("out.csv", dtype=str, keep_default_na=False)
    assert [
        ("0001", "override", ""),
        (temporary(KNOWN), "temporary", ""),
        (KNOWN_ID, "eqc", "1"),
        ("0001", "override", ""),
        ("", "", ""),
        ("77", "column", ""),
    ] == list(out[ADDED].itertuples(index=False, name=None))


def test_the_columns_of_the_plan_are_those_of_apply(apply: Callable[..., Ran], eqcbatch: Run) -> None:
    """Nobody need say twice where the names stand; planned in two ways, the file wants to be told."""
    source = written(f"甲,乙\n{KNOWN},\n,{LONG}\n".encode())
    eqcbatch("plan", source, "--column", "甲", "--column", "乙", "--ledger", LEDGER)
    apply(source, "y.csv", "--no-temp-ids")
    with Path("y.csv").open(encoding="utf-8") as file:
        assert [KNOWN_ID, LONG_ID] == [row["company_id"] for row in csv.DictReader(file)]
    eqcbatch("plan", source, "--column", "乙", "--ledger", LEDGER)
    ran = apply(source, "z.csv", "--no-temp-ids")
    assert (2, True) == (ran.code, "Say which one: --column 甲 --column 乙 or --column 乙" in ran.err)


def test_a_name_that_the_ledger_lacks_is_named(apply: Callable[..., Ran]) -> None:
    """The source is to be planned first; nothing is written."""
    ran = apply(written("客户名称\n甲公司\n戊公司\n己公司\n".encode()), "out.csv")

    assert 2 == ran.code
    assert "'戊公司'" in ran.err
    assert "eqcbatch plan x.csv" in ran.err
    assert {"x.csv", "l.sqlite"} == {path.name for path in Path().iterdir() if "sqlite-" not in path.name}


# the salt


def test_who_applies_otherwise_than_planned_is_told_how_it_was(eqcbatch: Run) -> None:
    """Planning it as it is asked for now would make a second source, whose rows count, too."""
    Path("x.csv").write_text("客户名称,投资者\n甲,乙\n", encoding="utf-8")
    assert 0 == eqcbatch("plan", "x.csv", "--column", "投资者", "--no-index", "--ledger", "l.sqlite").code
    options = ("x.csv", "-o", "y.csv", "--no-temp-ids", "--ledger", "l.sqlite")
    ran = eqcbatch("apply", *options, "--column", "投资人")
    assert (2, True) == (ran.code, "Did you mean '投资者'?" in ran.err)
    ran = eqcbatch("apply", *options, "--column", "客户名称", "--column", "投资者")
    assert (2, True) == (ran.code, "Say how here, too: --column 投资者" in ran.err)
    Path("x.csv").write_text("客户名称,投资者\n甲,丙\n", encoding="utf-8")
    ran = eqcbatch("apply", *options)
    assert (2, True) == (ran.code, "Plan it again: eqcbatch plan x.csv" in ran.err)


def test_without_a_salt_temporary_ids_are_refused(apply: Callable[..., Ran]) -> None:
    """The variable and the way without it are named."""
    ran = apply(written("客户名称\n甲公司\n".encode()), "out.csv", salt="")

    assert 2 == ran.code
    assert "EQCBATCH_TEMP_ID_SALT" in ran.err
    assert "--no-temp-ids" in ran.err
    assert not Path("out.csv").exists()


def test_the_salt_is_never_printed(apply: Callable[..., Ran]) -> None:
    """Not on either stream, not in the log, not after an error, not in the file."""
    source = written("客户名称\n丙公司\n".encode())
    runs = [
        apply(source, "out.csv", "-v", "--log-file", "log.txt"),
        apply(source, "out.csv", "--json"),
        apply(source, "out.xlsx"),
    ]

    assert [0, 0, 2] == [ran.code for ran in runs]
    said = "".join(ran.out + ran.err for ran in runs)
    files = "".join(path.read_text("utf-8") for path in (Path("out.csv"), Path("log.txt")))
    assert SALT not in said + files


# where it is written


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("x.csv", "is the source itself"),
        ("link.csv", "is the source itself"),
        ("folder", "is a directory"),
        ("out.xlsx", "Name an output that ends in .csv"),
        ("nowhere/out.csv", "There is no directory nowhere. Make it"),
    ],
)
def test_what_cannot_be_written_is_refused(out: str, said: str, apply: Callable[..., Ran]) -> None:
    """The source stays as it is, and the message says what to do."""
    source = written("客户名称\n甲公司\n".encode())
    Path("link.csv").symlink_to(source)
    Path("folder").mkdir()

    ran = apply(source, out)

    assert (2, True) == (ran.code, said in ran.err), ran.err
    assert "客户名称\n甲公司\n".encode() == Path(source).read_bytes()


def test_a_workbook_with_a_false_ending_is_no_defect(apply: Callable[..., Ran]) -> None:
    """An .xls that calls itself .xlsx is read, but cannot be written as one."""
    source = written(zlib.decompress(base64.b85decode(OLD_WORKBOOK)), "x.xlsx")

    with pytest.raises(BadInput, match=r"save it as \.xlsx"):
        write(SourceSpec(source), Path("out.xlsx"), numbered)
    assert not Path("out.xlsx").exists()


def test_a_kill_leaves_what_was_there(
    ledger: Path, start_eqcbatch: Callable[..., subprocess.Popen[str]]
) -> None:
    """Until the whole file is written, the output is the one of before."""
    source = written("客户名称,n\n".encode() + "甲公司,1\n".encode() * 3_000_000)
    written(b"before", "out.csv")

    process = start_eqcbatch("apply", source, "-o", "out.csv", "--ledger", ledger, "--no-temp-ids")
    while not any(part.stat().st_size > 100_000 for part in Path().glob(".out.csv.*.part")):
        assert process.poll() is None, "The command was faster than the kill"
        time.sleep(0.01)  # a file tells nobody that it grew
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert b"before" == Path("out.csv").read_bytes()


def test_an_error_midway_leaves_no_trace() -> None:
    """Neither the output nor a part of it stays behind."""

    def fail_late(key: Key, _standing: Standing) -> Entry:
        if key[0] == "乙公司":
            raise BadInput("late")
        return numbered(key)

    source = written("客户名称\n甲公司\n乙公司\n".encode())

    with pytest.raises(BadInput, match="late"):
        write(SourceSpec(source), Path("out.csv"), fail_late)
    assert ["x.csv"] == [path.name for path in Path().iterdir()]


# Ids that stand in the source


def test_an_id_of_the_source_is_not_erased(apply: Callable[..., Ran]) -> None:
    """It stays where the ledger knows none, and where EQC alone knows another; how many did is said."""
    source = "客户名称,company_id,备注\n甲公司,600000001,手工\n丙公司,600000003.0,\n丁公司,,\n无,600000009,\n"

    ran = apply(written(source.encode()), "out.csv", "--no-temp-ids")

    assert 0 == ran.code, ran.err
    assert (
        "客户名称,company_id,备注,company_id_source,company_id_confidence\n"
        "甲公司,600000001,手工,column,\n丙公司,600000003,,column,\n丁公司,,,,\n无,600000009,,column,\n"
    ) == Path("out.csv").read_text(encoding="utf-8")
    assert "Kept in company_id: 3 ids, of whose rows nothing better is known." in ran.out
    assert "4 rows, 3 with a company_id" in ran.out


def test_no_id_is_said_to_stay_that_gave_way(apply: Callable[..., Ran], eqcbatch: Run) -> None:
    """Two rows that read the same, of whose names a person wants none."""
    source = written("客户名称,company_id\n甲公司,600000005\n丙公司,600000005\n".encode())
    for name in ("甲公司", "丙公司"):
        assert 0 == eqcbatch("review", "set", name, "none", "--ledger", "l.sqlite").code

    ran = apply(source, "out.csv", "--no-temp-ids")

    assert (0, False) == (ran.code, "Kept in" in ran.out)
    assert "600000005" not in Path("out.csv").read_text(encoding="utf-8")


def test_an_id_of_the_source_gives_way_where_it_is_told_to(apply: Callable[..., Ran]) -> None:
    """By --overwrite, to what the ledger knows."""
    source = written(
        "客户名称,company_id,company_id_source\n甲公司,600000001,CRM\n丁公司,待查,CRM\n".encode()
    )

    refused = apply(source, "out.csv")
    assert 2 == refused.code
    told = "would lose 2 texts of company_id, company_id_source that no apply wrote, '待查' in row 3 first."
    assert told in refused.err
    assert not Path("out.csv").exists()
    overwritten = apply(source, "out.csv", "--overwrite", "--no-temp-ids")
    assert 0 == overwritten.code
    said = [line for line in overwritten.out.splitlines() if "--overwrite" in line]
    assert [
        f"{column}: what stood there was replaced unread, as --overwrite asks." for column in ADDED[:2]
    ] == said
    assert [f"甲公司,{KNOWN_ID},eqc,1", "丁公司,,,"] == Path("out.csv").read_text(
        encoding="utf-8"
    ).splitlines()[1:]


def test_last_month_s_output_is_this_month_s_input(apply: Callable[..., Ran], eqcbatch: Run) -> None:
    """Of every kind, without a word; what another ledger had found out stays, and a review's word counts."""
    rows: list[list[object]] = [["客户名称", "n"], [KNOWN, 1], [LONG, 2], [HELD, 3], [None, 4]]
    apply(workbook(rows), "out.xlsx")
    apply("out.xlsx", "again.xlsx")
    assert frame("out.xlsx").equals(frame("again.xlsx"))

    other = Path("other.sqlite")
    plan_names(other, KNOWN, LONG, HELD)
    resolve(other, LONG, verdict("600000077"))
    ran = eqcbatch("apply", "out.xlsx", "-o", "next.xlsx", "--ledger", other, "--no-temp-ids", "--json")
    table = frame("next.xlsx")
    assert [KNOWN_ID, "600000077", "", ""] == table["company_id"].to_list()
    assert ["eqc", "eqc", "", ""] == table["company_id_source"].to_list()
    assert [
        ("replaced_ids", 1, [f"规模明细!C3 ({LONG_ID} -> 600000077)"]),
        ("kept_ids", 1, []),
    ] == [(it["kind"], it["count"], it["first"]) for it in json.loads(ran.out)["remarks"]]

    resolve(other, KNOWN, verdict("600000078"))
    decide(other, KNOWN, "none")
    eqcbatch("apply", "out.xlsx", "-o", "last.xlsx", "--ledger", other, "--no-temp-ids")
    assert ["", "600000077", "", ""] == frame("last.xlsx")["company_id"].to_list()


def test_parquet_keeps_an_id_of_the_source(apply: Callable[..., Ran]) -> None:
    """Whole numbers are ids."""
    pq.write_table(pa.table({"客户名称": [HELD, FAILED], "company_id": [600000003, None]}), "x.parquet")

    apply("x.parquet", "out.parquet", "--no-temp-ids")

    assert ["600000003", None] == pq.read_table("out.parquet")["company_id"].to_pylist()


def test_plan_says_that_ids_of_the_source_were_not_read(eqcbatch: Run) -> None:
    """They would spare requests; what an earlier apply wrote is none of them."""
    said = "The column company_id was not read: --id-column company_id uses its ids"
    plan = ("plan", "x.csv", "--no-index", "--ledger", LEDGER)
    written("客户名称,company_id\n甲公司,600000001\n".encode())
    assert said in eqcbatch(*plan).out
    assert said not in eqcbatch(*plan, "--id-column", "company_id").out
    written(f"客户名称,{','.join(ADDED)}\n甲公司,600000001,eqc,1\n".encode())
    assert said not in eqcbatch(*plan).out


def test_a_column_of_ids_that_stands_twice_is_refused(apply: Callable[..., Ran]) -> None:
    """Nobody could tell which of them is to be filled."""
    ran = apply(written("客户名称,company_id,company_id\n甲公司,,\n".encode()), "out.csv")
    assert (2, "There are 2 columns called company_id." in ran.err) == (ran.code, True)
