"""Sources: what real files of every kind come to, and what a user is told about the others."""

from __future__ import annotations

import base64
import csv
import os
import re
import subprocess
import sys
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqcbatch.domain.model import Occurrence
from eqcbatch.domain.names import lookup_key
from eqcbatch.errors import BadInput
from eqcbatch.source import SourceSpec, Tally, read
from eqcbatch.source.cell_values import name_in

# A BIFF8 workbook: 客户名称, 计划代码 / 某公司, 123 / 某公司, 123 / a blank name.
OLD_WORKBOOK = (
    b"c-rk)O=uHA6#i!NACfd1Q=t_~DA;Q4MLg)GT@|z^Lt6z!1x;)eX-Fk_upVl)<|KmPN%0ct#Y@$TKj=X(A|kZtK@f"
    b"z*9)+Ty&_kQ`&C4!LG=~PYsLZ#_o44<0<|Xsy?at248l~d>_A-7zKU}C-0eEX<f?B}2iGuW&rC6u;Q?oSwDFpnqk"
    b"X{d-gkSsA8mjd!L*kzMIZ@yvwWBzL<XA3~SVQdQ7*ayT&_`6@7D*y#<EUaxPcU7_^e$UIWxA6kSDE&aZAl!)teNc"
    b"DVQ29n*~z*H)VL4X=RHfdq7^Sy7GJm~s<s~N%AZbU|4v1RJA`S_x(#G<nS3f+LYx+G8sDr0@YUI=&k|a`wsHZIFV"
    b"@R_4dmCQ8<>Q3oD;l&5MH^IMvBPE7ZXe92I-+hZiw4Qwx`1fK93Vyyb>FpPl|Ich`CeQp~d|{RhfAwN9%TSm@_;?"
    b"bObHT8=U7+s?|$(zP#C&9yE`!WRk0QwZ?B$VZp*h<w4F7*0`A}+a9J{m|o&hH!$DMG)~z`eb->C&Fr0Go6D^2qIt"
    b"G4-kRMt{3hZHpN1ZF6z0v%#Lo<r&&OxpnMHKcGiQYS)is4)(JOA=P<U)Qy|C-S2c~U5)ds(e+Ob>qgRBM12r_Fht"
    b"=_4BN7(kFfxTdRHR6N}ay$kWMAcq4u$OiAvd-Sc^R3tm>1COLei_39<wSLC1wm+NXlQ6?XlQ6?{5pjFPVchc@ICg"
    b")!DoNhS*BLepGp2(3}cM0vve@sgB<mFj5n1(>){d3SYnkv&i6uvgEV^{qeyccqfO^8o%}@Y?^(5D^!II{X6LUo6X"
    b"zeE|2qpa%Nq"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def csv_of(text: str, encoding: str = "utf-8", name: str = "x.csv") -> str:
    """Write a CSV file and return its name."""
    Path(name).write_bytes(text.encode(encoding))
    return name


def workbook_of(**sheets: list[list[Any]]) -> str:
    """Write a workbook of these sheets and return its name."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save("x.xlsx")
    return "x.xlsx"


def parquet_of(columns: dict[str, Any]) -> str:
    """Write a Parquet file of several row groups and return its name."""
    pq.write_table(pa.table(columns), "x.parquet", row_group_size=2)
    return "x.parquet"


def names_in(tally: Tally) -> dict[str, int]:
    """Return the rows of each raw name."""
    return {occurrence.raw: occurrence.rows for occurrence in tally.occurrences}


def refusal(location: str, **spec: Any) -> str:
    """Return what a user is told about a source that cannot be read: one or two lines."""
    with pytest.raises(BadInput) as caught:
        read(SourceSpec(location, **spec))
    message = str(caught.value)
    assert message.count("\n") <= 1
    return message


# What a source is


def test_a_source_is_its_path_sheet_and_columns(folder: Path) -> None:
    """Where it is named from, and which other columns are read, makes no other source."""
    here, absolute = SourceSpec("x.xlsx"), SourceSpec(folder / "x.xlsx", id_column="id")
    assert here.identity() == absolute.identity() == f'{folder / "x.xlsx"} ["客户名称"]'
    assert SourceSpec("x.xlsx", sheets=("明细",)).identity() != here.identity()
    assert SourceSpec("x.xlsx", columns=("客户名称", "b")).identity() != here.identity()


def test_a_source_without_columns_is_refused() -> None:
    """There would be no names in it."""
    with pytest.raises(BadInput, match="No column"):
        SourceSpec("x.csv", columns=())


def test_importing_the_room_imports_no_heavy_library() -> None:
    """Reading a CSV needs neither pandas nor pyarrow."""
    csv_of("客户名称\n某公司\n")
    code = (
        "import sys; from eqcbatch.source import SourceSpec, read; read(SourceSpec('x.csv'));"
        "sys.exit(any(name in sys.modules for name in ('pandas', 'pyarrow', 'python_calamine')))"
    )
    home = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=home).returncode == 0


# Occurrences


def test_rows_that_read_the_same_are_one_occurrence() -> None:
    """Name, plan code and id tell occurrences apart; plan code and id are stripped."""
    csv_of("客户名称,p,id\n甲,1,\n甲, 1 ,\n甲,,\n甲,1,C9\n乙,,\n")
    assert read(SourceSpec("x.csv", plan_code_column="p", id_column="id")) == Tally.of(
        (
            Occurrence("乙", None, None, 1, 1.0),
            Occurrence("甲", None, None, 1, 1.0),
            Occurrence("甲", "1", None, 2, 2.0),
            Occurrence("甲", "1", "C9", 1, 1.0),
        ),
    )


def test_a_name_stays_as_it_is_written() -> None:
    """Whitespace and decorations are part of the raw name; they make another occurrence."""
    csv_of("客户名称\n 某公司\n某公司\n某公司-已转出\n")
    assert names_in(read(SourceSpec("x.csv"))) == {" 某公司": 1, "某公司": 1, "某公司-已转出": 1}


def test_blank_names_are_counted_as_the_empty_name() -> None:
    """Whitespace and placeholders are no names, whatever is written there."""
    csv_of("客户名称,p\n,1\n　,1\n空白,1\nN/A,2\n无,2\n")
    assert read(SourceSpec("x.csv", plan_code_column="p")).occurrences == (
        Occurrence("", "1", None, 3, 3.0),
        Occurrence("", "2", None, 2, 2.0),
    )


def test_the_first_column_that_is_not_blank_names_the_row() -> None:
    """The order of the asked columns decides, not their order in the file."""
    csv_of("b,a\n乙,甲\n乙, \n乙,空白\n,\n")
    assert names_in(read(SourceSpec("x.csv", columns=("a", "b")))) == {"甲": 1, "乙": 2, "": 1}


def test_fallback_columns_are_merged_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a source is grouped chunk by chunk, a name of several chunks stays one occurrence."""
    monkeypatch.setattr("eqcbatch.source.groups._CHUNK", 3)
    csv_of("a,b,w\n" + "".join(f"甲,乙{i},2\n,丙,1\n" for i in range(5)))
    assert read(SourceSpec("x.csv", columns=("a", "b"), weight_column="w")).occurrences == (
        Occurrence("丙", None, None, 5, 5.0),
        Occurrence("甲", None, None, 5, 10.0),
    )


def test_blankness_is_decided_once_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows of one name cost one key."""
    asked: Counter[object] = Counter()

    def counting(raw: object) -> str:
        asked[raw] += 1
        return lookup_key(raw)

    monkeypatch.setattr("eqcbatch.source.keys.lookup_key", counting)
    csv_of("客户名称,p\n甲,1\n甲,2\n乙,1\n甲,3\n")
    read(SourceSpec("x.csv", plan_code_column="p"))
    assert asked == {"甲": 1, "乙": 1}


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("2.5", 2.5),
        (" 3 ", 3.0),
        ("1e3", 1000.0),
        ("", 0.0),
        ("-4", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("x", 0.0),
    ],
)
def test_a_weight_that_is_no_amount_weighs_nothing(text: str, weight: float) -> None:
    """Weights of equal rows are summed; the rows are counted all the same."""
    csv_of(f"客户名称,w\n甲,1\n甲,{text}\n")
    assert read(SourceSpec("x.csv", weight_column="w")).occurrences == (
        Occurrence("甲", None, None, 2, 1.0 + weight),
    )


def test_columns_are_compared_without_the_whitespace_around_them() -> None:
    """A header cell ` 客户名称 ` is the column 客户名称."""
    csv_of(" 客户名称 ,计划\t\n甲,1\n")
    spec = SourceSpec("x.csv", columns=("客户名称 ",), plan_code_column="计划")
    assert read(spec).occurrences == (Occurrence("甲", "1"),)


def two_of_one_name() -> None:
    """Write a file of every kind in which two columns bear one name."""
    csv_of("客户名称,n,客户名称\n甲,1,乙\n")
    workbook_of(s=[["客户名称", "n", "客户名称"], ["甲", 1, "乙"]])
    columns = [pa.array(values) for values in (["甲"], [1], ["乙"])]
    pq.write_table(pa.Table.from_arrays(columns, ["客户名称", "n", "客户名称"]), "x.parquet")


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.parquet"])
def test_a_column_that_stands_twice_is_refused_or_chosen_by_its_position(name: str) -> None:
    """Which of them is meant is never guessed; of a column that is not asked for nobody needs to know."""
    two_of_one_name()
    assert "has the column '客户名称' 2 times, as its columns 1 and 3." in refusal(name)
    assert names_in(read(SourceSpec(name, columns=("客户名称#1",)))) == {"甲": 1}
    assert names_in(read(SourceSpec(name, columns=("客户名称＃2",)))) == {"乙": 1}
    tally = read(SourceSpec(name, columns=("客户名称#2",), plan_code_column="客户名称#1"))
    assert tally.occurrences == (Occurrence("乙", "甲"),)
    assert names_in(read(SourceSpec(name, columns=("n",)))) == {"1": 1}
    assert "column '客户名称#3'" in refusal(name, columns=("客户名称#3",))


def test_a_column_called_like_a_position_is_that_column() -> None:
    """Its name comes before its meaning."""
    csv_of("客户名称,客户名称,客户名称#1\n甲,乙,丙\n")
    assert names_in(read(SourceSpec("x.csv", columns=("客户名称#1",)))) == {"丙": 1}


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.parquet"])
def test_one_column_may_be_asked_for_twice(name: str) -> None:
    """The plan code may be the name itself."""
    csv_of("客户名称\n甲\n")
    workbook_of(s=[["客户名称"], ["甲"]])
    parquet_of({"客户名称": ["甲"]})
    tally = read(SourceSpec(name, plan_code_column="客户名称"))
    assert tally.occurrences == (Occurrence("甲", "甲"),)


# Formulas


@pytest.mark.parametrize("column", ["客户名称", "计划"])
def test_a_formula_whose_value_is_not_there_is_refused(column: str) -> None:
    """As openpyxl leaves it: the cell looks empty, and its row would be one without a name, or a plan."""
    workbook_of(s=[["客户名称", "计划"], ["甲公司", "P1"], ["乙公司", "P2"]])
    book = openpyxl.load_workbook("x.xlsx")
    book["s"]["A3" if column == "客户名称" else "B3"] = '="丙公司"'
    book.save("x.xlsx")
    with pytest.raises(BadInput, match=r"the values of its formulas: 1 cell .* [AB]3 first"):
        read(SourceSpec("x.xlsx", plan_code_column="计划"))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('<c r="A2" t="str"><f>B2</f><v>甲公司</v></c>', {"甲公司": 1}),
        ('<c r="A2" t="str"><f>B2</f><v></v></c>', {}),
        ('<c r="A2"><f t="shared" ref="A2:A3" si="0"/><v>7</v></c>', {"7": 1}),
        ('<c r="A2" t="inlineStr"><is><t>甲公司</t></is></c><c r="B2"><f>A2</f></c>', {"甲公司": 1}),
    ],
)
def test_a_formula_with_its_value_is_that_value(cell: str, names: dict[str, int]) -> None:
    """An empty text is one, too; and of a column that is not asked for, nobody needs the value."""
    workbook_of(s=[["客户名称"], ["x"]])
    with ZipFile("x.xlsx") as old, ZipFile("y.xlsx", "w") as new:
        for item in old.namelist():
            data = old.read(item).decode()
            new.writestr(item, re.sub(r'<c r="A2".*?</c>', cell, data))
    assert names_in(read(SourceSpec("y.xlsx"))) == names


# Counted sources


@pytest.mark.parametrize(
    "text",
    [
        "客户名称,times\n甲,3\n乙,1\n甲,2.0\n丙,0\n",
        "rows,客户名称\n3,甲\n1,乙\n2,甲\n0,丙\n",
        "客户名称,x,数量\n甲,9,3\n乙,9,1\n甲,9,2\n丙,9,0\n",
        "name,Count\n甲,3\n乙,1\n甲,2\n丙,0\n",
        "name;n\n甲;3\n乙;1\n甲;2\n丙;0\n",
    ],
)
def test_a_counted_source_brings_its_rows_along(text: str) -> None:
    """Rows are the sum of the counts; a name that counts 0 does not occur."""
    csv_of(text)
    assert read(SourceSpec("x.csv", counted=True)) == Tally.of(
        (Occurrence("乙", None, None, 1, 1.0), Occurrence("甲", None, None, 5, 5.0))
    )


def test_a_counted_source_may_have_weights_of_its_own() -> None:
    """The weight column is summed as it stands."""
    csv_of("客户名称,count,w\n甲,3,0.5\n甲,1,0.25\n")
    assert read(SourceSpec("x.csv", counted=True, weight_column="w")).occurrences == (
        Occurrence("甲", None, None, 4, 0.75),
    )


@pytest.mark.parametrize("count", ["", "x", "-1", "1.5", "nan", "inf"])
def test_a_count_that_is_no_whole_number_is_refused(count: str) -> None:
    """A guess would unbalance the accounts."""
    csv_of(f"客户名称,count\n某公司,{count}\n")
    assert f"has the count {count!r} for '某公司'" in refusal("x.csv", counted=True)


def test_a_counted_source_needs_a_header_and_counts() -> None:
    """Neither is the first row taken for a header, nor the names for counts."""
    assert "no header" in refusal(csv_of("某公司,3\n乙,1\n"), counted=True)
    assert "no column of counts" in refusal(csv_of("客户名称\n某公司\n"), counted=True)
    assert "no column of counts" in refusal(csv_of("x,客户名称\n1,某公司\n"), counted=True)


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    """Rare characters too: 𠮷 needs four bytes in each encoding."""
    csv_of(f"id{delimiter}客户名称\n1{delimiter}𠮷野公司\n", encoding)
    assert names_in(read(SourceSpec("x.csv"))) == {"𠮷野公司": 1}


def test_big_endian_utf_16_is_read() -> None:
    """The byte order mark says so."""
    csv_of("\ufeff客户名称\n某公司\n", "utf-16-be")
    assert names_in(read(SourceSpec("x.csv"))) == {"某公司": 1}


def test_an_encoding_is_that_of_the_whole_file() -> None:
    """ASCII for megabytes and then one name in GB18030 is a GB18030 file."""
    csv_of("name\n" + "ACME Ltd\n" * 100_000 + "某公司\n", "gb18030")
    tally = read(SourceSpec("x.csv", columns=("name",)))
    assert names_in(tally) == {"ACME Ltd": 100_000, "某公司": 1}


def test_the_asked_column_decides_on_the_delimiter() -> None:
    """Commas in a header do not count when the column only shows between semicolons."""
    csv_of('"a,b,c";客户名称\n1;"甲,乙"\n')
    assert names_in(read(SourceSpec("x.csv"))) == {"甲,乙": 1}


def test_quoted_names_may_hold_anything() -> None:
    """Delimiters, quotes and line breaks are legal in quotes."""
    csv_of('客户名称,x\r\n"甲,乙",1\r\n"甲\n乙",1\r\n"甲""乙""",1\r\n')
    assert names_in(read(SourceSpec("x.csv"))) == {"甲,乙": 1, "甲\n乙": 1, '甲"乙"': 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    """Lines without any field are none; the last line needs no end."""
    csv_of(end.join(["", "客户名称", "甲", "", "乙"]))
    assert names_in(read(SourceSpec("x.csv"))) == {"甲": 1, "乙": 1}


def test_a_row_that_ends_early_is_blank_behind_its_end() -> None:
    """Trailing fields that are left out are no error."""
    csv_of("客户名称,p\n甲\n甲,\n")
    tally = read(SourceSpec("x.csv", plan_code_column="p"))
    assert tally.occurrences == (Occurrence("甲", None, None, 2, 2.0),)


def test_empty_fields_behind_the_header_are_none() -> None:
    """Exports often end every row by a delimiter too many."""
    csv_of("客户名称,p\n甲,1,\n甲,1,, \n甲,1\n")
    tally = read(SourceSpec("x.csv", plan_code_column="p"))
    assert tally.occurrences == (Occurrence("甲", "1", None, 3, 3.0),)


@pytest.mark.parametrize("row", ["甲,乙,1", "甲,1,x,", "甲,1,,x"])
def test_a_row_with_too_many_fields_is_refused_by_its_line(row: str) -> None:
    """An unquoted comma in a name would move its columns; lines are those of the file."""
    message = refusal(csv_of(f'客户名称,x\n"a\nb",1\n{row}\n甲,1\n'))
    assert "line 4: " in message
    assert "fields where the header has 2" in message


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_quote_that_is_never_closed_is_refused_by_its_line(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the rest of the file would be one name."""
    assert "line 3: a quote opens here" in refusal(csv_of(f'客户名称,x\n甲,1\n"乙,1\n丙,1{end}'))
    endless = csv_of('客户名称,x\n"乙,1\n' + f"丙,1{end or ' '}" * 50_000)
    assert "line 2: a quote opens here" in refusal(endless)
    monkeypatch.setattr("eqcbatch.source.csv_form._LONGEST_FIELD", 1 << 17)
    assert "a quote before it may never be closed" in refusal(endless)


def test_what_is_no_text_is_no_csv() -> None:
    """Control characters give a binary file away; a NUL would cut a name short anywhere."""
    Path("x.csv").write_bytes("客户名称\n某公司\n".encode("utf-32-be"))
    assert "is binary" in refusal("x.csv")
    assert "is binary" in refusal(csv_of("客户名称\n某\0公司\n"))
    assert "is binary" in refusal(csv_of("客户名称\n某\x07公司\n", "utf-16"))
    assert "is binary" in refusal(csv_of("客户名称\n" + "某公司\n" * 100_000 + "某\0公司\n"))


def test_what_is_in_no_known_encoding_is_refused() -> None:
    """A name is never read with some of its characters replaced."""
    Path("x.csv").write_bytes("客户名称\n某公司\n".encode() + b"\xff\xff\n")
    assert "neither UTF-8 nor GB18030" in refusal("x.csv")
    Path("x.csv").write_bytes("客户名称\n某公司\n".encode("utf-16")[:-1])
    assert "neither UTF-8 nor GB18030" in refusal("x.csv")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text("某甲 -无\u3000ａ,;\t\"'\n（）", max_size=4),
            st.text("某乙空白", max_size=2),
            st.text(" 12", max_size=2),
            st.sampled_from(["1", "2.5", "", "x", "-1"]),
        ),
        max_size=30,
    ),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
def test_a_source_counts_what_pandas_counts(
    rows: list[tuple[str, str, str, str]], encoding: str, delimiter: str
) -> None:
    """Rows and weights are those of a plain groupby over the whole file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
            writer.writerows([("名", "备", "p", "w"), *rows])
        spec = SourceSpec(path, ("名", "备"), plan_code_column="p", weight_column="w")
        tally = read(spec)
        frame = pd.read_csv(path, sep=delimiter, encoding=encoding, dtype=str, na_filter=False)
    first, second = frame["名"].map(name_in), frame["备"].map(name_in)
    named = first.where(first.map(lookup_key) != "", second)
    frame["raw"] = named.where(named.map(lookup_key) != "", "")
    frame["plan"] = frame["p"].str.strip()
    frame["amount"] = pd.to_numeric(frame["w"], errors="coerce").clip(lower=0).fillna(0)
    expected = frame.groupby(["raw", "plan"])["amount"].agg(["size", "sum"])
    assert tally.rows == len(rows) == sum(occurrence.rows for occurrence in tally.occurrences)
    assert {
        (occurrence.raw, occurrence.plan_code or ""): (occurrence.rows, occurrence.weight)
        for occurrence in tally.occurrences
    } == {key: (row["size"], row["sum"]) for key, row in expected.iterrows()}


def test_memory_grows_with_the_names_not_with_the_rows() -> None:
    """300,000 rows of twenty names are read within 2 MB, whatever other columns hold."""
    with Path("x.csv").open("w", encoding="utf-8") as file:
        file.write("客户名称,x\n")
        file.writelines(f"第{i % 20}有限公司,{i}\n" for i in range(300_000))
    tracemalloc.start()
    try:
        tally = read(SourceSpec("x.csv"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tally.rows, len(tally.occurrences)) == (300_000, 20)
    assert peak < 2_000_000


# Workbooks


def test_a_workbook_gives_cells_as_text() -> None:
    """Whole numbers lose the point that Excel gives them, be they texts or not."""
    cells = [123.0, 0.5, True, "007", "123.0", "N/A", None, date(2024, 1, 31)]
    workbook_of(s=[["客户名称", "p"], *(["甲", cell] for cell in cells)])
    tally = read(SourceSpec("x.xlsx", plan_code_column="p"))
    found = [occurrence.plan_code for occurrence in tally.occurrences]
    assert found == [None, "0.5", "007", "123", "2024-01-31 00:00:00", "True"]


def test_names_in_a_workbook_may_be_numbers_or_blank() -> None:
    """An empty row amid the data is a blank name; empty rows at the end are none."""
    book = openpyxl.Workbook()
    for row in (["客户名称"], [30.0], [None], ["甲"]):
        book.worksheets[0].append(row)
    book.worksheets[0]["A9"] = "  "
    book.save("x.xlsx")
    assert read(SourceSpec("x.xlsx")).occurrences == (Occurrence(""), Occurrence("30"), Occurrence("甲"))


def test_the_header_is_the_first_row_that_is_not_empty() -> None:
    """Tables may begin anywhere in a sheet."""
    workbook_of(s=[[], [None, " "], [None, "客户名称 "], [None, "甲"]])
    assert names_in(read(SourceSpec("x.xlsx"))) == {"甲": 1}


def test_the_first_sheet_with_the_columns_is_read() -> None:
    """A cover, an empty sheet and a sheet with other columns are passed over."""
    name = workbook_of(封面=[["说明"]], 空=[], 一=[["客户名称"], ["甲"]], 二=[["客户名称"], ["乙"]])
    assert names_in(read(SourceSpec(name))) == {"甲": 1}
    assert names_in(read(SourceSpec(name, sheets=("二",)))) == {"乙": 1}


def test_old_workbooks_are_read() -> None:
    """The format of Excel 97 to 2003, and a new workbook under the old ending."""
    Path("x.xls").write_bytes(zlib.decompress(base64.b85decode(OLD_WORKBOOK)))
    tally = read(SourceSpec("x.xls", plan_code_column="计划代码"))
    assert tally.occurrences == (Occurrence("某公司", "123", None, 2, 2.0),)
    Path(workbook_of(s=[["客户名称"], ["甲"]])).rename("y.xls")
    assert names_in(read(SourceSpec("y.xls"))) == {"甲": 1}


def test_a_missing_sheet_is_answered_with_those_there_are() -> None:
    """And with the one that was probably meant."""
    message = refusal(workbook_of(明细表=[["客户名称"]], 封面=[["说明"]]), sheets=("明细",))
    assert "Its sheets are '明细表', '封面'. Did you mean '明细表'?" in message


def test_a_workbook_without_the_column_lists_its_sheets() -> None:
    """With the columns of each, at most five sheets."""
    message = refusal(workbook_of(明细=[["客户名", "金额"]], 空=[], 封面=[["说明"]]))
    assert "sheet '明细': '客户名', '金额'; sheet '封面': '说明'." in message
    assert message.endswith("Did you mean '客户名'?")
    assert "and 2 more sheets" in refusal(workbook_of(**{f"s{i}": [["x"]] for i in range(7)}))


def test_an_empty_workbook_has_no_header() -> None:
    """Whether its sheet is asked for or not."""
    workbook_of(空=[])
    assert "no header" in refusal("x.xlsx")
    assert "no header" in refusal("x.xlsx", sheets=("空",))


def test_what_is_no_workbook_is_refused() -> None:
    """Half a workbook, an OLE file of another kind, and what is something else: that is named."""
    whole = Path(workbook_of(s=[["客户名称"], ["甲"]])).read_bytes()
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)
    for content in (whole[:2000], ole, bytes(2000)):
        Path("y.xlsx").write_bytes(content)
        assert "no workbook, is damaged or has a password" in refusal("y.xlsx")


# Parquet


def test_parquet_is_read_by_batches() -> None:
    """Whole numbers stay exact, decimals and missing values are no trouble."""
    parquet_of(
        {
            "客户名称 ": ["甲", None, "甲", "乙", "甲"],
            "p": [2**60 + 1, None, 2**60 + 1, 5, None],
            "id": pa.array(["C1", "", "C1", " ", None]).dictionary_encode(),
            "w": [0.5, 1.0, 2.0, float("nan"), None],
        }
    )
    spec = SourceSpec("x.parquet", plan_code_column="p", id_column="id", weight_column="w")
    assert read(spec) == Tally.of(
        (
            Occurrence("", None, None, 1, 1.0),
            Occurrence("乙", "5", None, 1, 0.0),
            Occurrence("甲", None, None, 1, 0.0),
            Occurrence("甲", str(2**60 + 1), "C1", 2, 2.5),
        ),
    )


def test_floats_and_bytes_in_parquet_become_text() -> None:
    """pandas makes floats of whole numbers with gaps, and older writers leave text as bytes."""
    parquet_of({"客户名称": ["甲".encode()], "p": [123.0]})
    tally = read(SourceSpec("x.parquet", plan_code_column="p"))
    assert tally.occurrences == (Occurrence("甲", "123"),)


def test_what_is_no_parquet_file_is_refused() -> None:
    """Text and half a file."""
    whole = Path(parquet_of({"客户名称": ["甲"]})).read_bytes()
    for content in (b"PAR1 or not", whole[:-20]):
        Path("y.parquet").write_bytes(content)
        assert "no Parquet file, or a damaged one" in refusal("y.parquet")


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyarrow comes with an extra."""
    parquet_of({"客户名称": ["甲"]})
    monkeypatch.delitem(sys.modules, "eqcbatch.source.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install 'eqcbatch[scale]'" in refusal("x.parquet")


# What cannot be read


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.parquet"])
def test_a_source_without_rows_is_no_error(name: str) -> None:
    """A header alone is an empty month."""
    csv_of("客户名称,x\n")
    workbook_of(s=[["客户名称", "x"]])
    parquet_of({"客户名称": pa.array([], pa.string())})
    assert read(SourceSpec(name)) == Tally.of(())


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.parquet"])
@pytest.mark.parametrize(
    "asked", [{"columns": ("客户名",)}, *({f"{it}_column": "客户名"} for it in ("id", "weight"))]
)
def test_a_missing_column_is_answered_with_those_there_are(name: str, asked: dict[str, Any]) -> None:
    """For names, ids, weights and plan codes alike, in every kind of file."""
    csv_of("客户名称,金额\n甲,1\n")
    workbook_of(s=[["客户名称", "金额"], ["甲", 1]])
    parquet_of({"客户名称": ["甲"], "金额": [1]})
    message = refusal(name, **asked)
    assert "column '客户名'" in message
    assert message.endswith("'客户名称', '金额'. Did you mean '客户名称'?")


def test_every_asked_column_must_be_there() -> None:
    """A fallback that is misspelt would leave names blank in silence."""
    csv_of("客户名称\n甲\n")
    assert "no column '计划名称'" in refusal("x.csv", columns=("客户名称", "计划名称"))
    assert "no column 'p'" in refusal("x.csv", plan_code_column="p")


def test_a_message_lists_twenty_columns_at_most() -> None:
    """Nor does it repeat endless ones."""
    message = refusal(csv_of(",".join(["长" * 99, *(f"c{i}" for i in range(29))]) + "\n"))
    assert "'c18' and 10 more." in message
    assert f"'{'长' * 40}…'" in message


@pytest.mark.parametrize("text", ["\n", "  \n\n", ",,\n", "\ufeff"])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    """Blank lines name no column."""
    assert "no header" in refusal(csv_of(text))


def test_an_empty_file_is_refused() -> None:
    """Whatever its ending."""
    Path("x.xlsx").touch()
    assert "is empty (0 bytes)" in refusal("x.xlsx")


def test_a_missing_file_is_answered_with_one_of_a_near_name() -> None:
    """Where the folder has one."""
    csv_of("客户名称\n", name="规模明细2024.csv")
    assert refusal("规模明细2042.csv").endswith("Did you mean '规模明细2024.csv'?")
    assert refusal("zzz.parquet") == "There is no file zzz.parquet."
    assert "no folder nowhere" in refusal("nowhere/x.csv")


def test_what_is_no_file_is_refused(folder: Path) -> None:
    """A folder, a device, a path through a file."""
    assert "is a directory" in refusal(str(folder))
    assert "no regular file" in refusal(os.devnull)
    assert "cannot be read" in refusal(f"{csv_of('客户名称')}/x.csv")


def test_an_unknown_ending_is_answered_with_those_known() -> None:
    """Endings are compared without their case."""
    assert ".csv, .tsv, .txt, .xlsx, .xlsm, .xls, .parquet" in refusal(csv_of("x", name="x.json"))
    assert names_in(read(SourceSpec(csv_of("客户名称\n甲\n", name="X.CSV")))) == {"甲": 1}


def test_excel_s_unicode_text_is_read() -> None:
    """It is UTF-16 with tabs, in a .txt file."""
    Path("x.txt").write_text("客户名称\t规模\r\n甲\t1\r\n", encoding="utf-16")
    assert names_in(read(SourceSpec("x.txt"))) == {"甲": 1}


@pytest.fixture
def no_root() -> Iterator[None]:
    """A user whom permissions bind."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.fixture
def forbidden() -> str:
    """A source without any permission."""
    name = csv_of("客户名称\n甲\n")
    Path(name).chmod(0)
    return str(Path(name).absolute())


def test_a_file_without_permission_is_refused(forbidden: str, no_root: None) -> None:
    """The message names the cause."""
    assert "cannot be read (Permission denied)" in refusal(forbidden)


# Large CSV files

cells = st.text(st.sampled_from("甲乙公司 a-,;\t'\\（）\u3000\ufeff"), max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=1, max_size=3), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([(), ("计划",), ("计划", "ID")]),
    st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_a_large_file_comes_to_what_its_rows_come_to(
    rows: list[list[str]], end: str, others: tuple[str, ...], encoding: str
) -> None:
    """Counted by columns or one by one: the same names, or the same refusal."""
    lines = [["客户名称", *others], *rows]
    text = end.join(",".join(cell.replace(",", "、") for cell in line) for line in lines) + end
    asked: dict[str, Any] = dict(zip(("plan_code_column", "id_column"), others, strict=False))
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        path = Path(directory, "x.csv")
        path.write_bytes(text.encode(encoding))
        came_to: list[Tally | str] = []
        for large in (0, 1 << 60):
            patch.setattr("eqcbatch.source.csv_file._LARGE", large)
            try:
                came_to.append(read(SourceSpec(path, **asked)))
            except BadInput as refusal:
                came_to.append(str(refusal))
    assert came_to[0] == came_to[1]


def test_a_large_file_is_counted_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of it is read on its own; with a quote in it, each is."""
    monkeypatch.setattr("eqcbatch.source.csv_file._LARGE", 0)
    monkeypatch.setattr("eqcbatch.source.groups._grouped_texts", lambda table, layout: [])
    rows = "甲公司\n" * 3 + "乙公司\n"
    assert ["乙公司", "甲公司"] == sorted(
        one.raw for one in read(SourceSpec(csv_of("客户名称\n" + rows))).occurrences
    )
    assert () == read(SourceSpec(csv_of('客户名称\n"甲公司"\n'))).occurrences


def test_a_large_file_needs_no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read row by row then."""
    monkeypatch.setattr("eqcbatch.source.csv_file._LARGE", 0)
    monkeypatch.setitem(sys.modules, "eqcbatch.source.arrow_groups", None)
    assert ["甲公司"] == [one.raw for one in read(SourceSpec(csv_of("客户名称\n甲公司\n"))).occurrences]


def test_a_file_too_large_for_pyarrow_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """More distinct text than its offsets can tell apart would crash it."""
    monkeypatch.setattr("eqcbatch.source.csv_file._LARGE", 0)
    monkeypatch.setattr("eqcbatch.source.csv_file._TOO_LARGE", 1)
    monkeypatch.setattr("eqcbatch.source.arrow_groups.count_plain_csv", lambda *_: iter(()))
    assert ["甲公司"] == [one.raw for one in read(SourceSpec(csv_of("客户名称\n甲公司\n"))).occurrences]


def test_a_large_file_may_be_asked_twice_for_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its names are its plan codes, too."""
    monkeypatch.setattr("eqcbatch.source.csv_file._LARGE", 0)
    spec = SourceSpec(csv_of("客户名称\n甲公司\n"), plan_code_column="客户名称")
    assert [Occurrence("甲公司", "甲公司")] == list(read(spec).occurrences)


def test_a_long_text_beside_the_names_is_no_error() -> None:
    """Longer than what Python's csv reads by itself."""
    path = csv_of(f"客户名称,备注\n甲公司,{'长' * 200_000}\n")
    assert ["甲公司"] == [one.raw for one in read(SourceSpec(path)).occurrences]
