"""Workbooks: what the cells of any program's files are, and what a file that is none comes to."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import python_calamine
import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

from eqcbatch.errors import BadInput
from eqcbatch.source import Entry, SourceSpec, read, write
from eqcbatch.source.excel.book import open_book
from eqcbatch.source.excel.grid import UNCOMPUTED, ErrorCell, Merge, Row, SheetName, column_letters, column_of
from eqcbatch.source.excel.sheet_edit import with_cells

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parts_of(rows: str, *, behind: str = "", styles: str = "", texts: str | None = "") -> dict[str, str]:
    """The parts of a workbook with one sheet: its rows, what stands behind them, styles and shared texts."""
    shared = f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "_rels/.rels": f'<Relationships {RELATED}><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {RELATED}>"
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f"{shared if texts is not None else ''}</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{behind}</worksheet>",
        "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
    }
    return parts if texts is None else {**parts, "xl/sharedStrings.xml": f"<sst {MAIN}>{texts}</sst>"}


def written(parts: Mapping[str, str | bytes], name: str = "x.xlsx") -> Path:
    """Write a workbook of these parts."""
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in parts.items():
            book.writestr(part, content)
    return Path(name)


def rows_in(path: Path, title: str = "表") -> list[Row]:
    """The rows of a sheet."""
    with open_book(path) as book:
        return [list(row) for row in book.grid(title).rows()]


def cells_in(path: Path, *columns: int, below: int = 0) -> list[Row]:
    """Some columns of the rows of the first sheet."""
    with open_book(path) as book:
        return [list(row) for row in book.grid(book.sheets[0].title).cells(columns, below)]


def refusal(path: Path) -> str:
    """What is told of a workbook that cannot be read: two lines at most."""
    with pytest.raises(BadInput) as caught:
        rows_in(path)
    message = str(caught.value)
    assert message.count("\n") <= 1
    return message


# Cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><v>12</v></c>', 12.0),
        ('<c r="A1" s="9"><v>1.5E+3</v></c>', 1500.0),
        ('<c r="A1" t="n"><v>12</v></c>', 12.0),
        ('<c r="A1" s="1"><v>12</v></c>', "0012"),
        ('<c r="A1" s="2"><v>45322</v></c>', datetime(2024, 1, 31)),
        ('<c r="A1" t="s"><v>0</v></c>', "甲 & <乙>"),
        ('<c r="A1" t="s"><v>1</v></c>', "甲公司"),
        ('<c r="A1" t="s"><v>2</v></c>', "甲\r乙"),
        ('<c r="A1" t="inlineStr"><is><t>甲</t></is></c>', "甲"),
        ('<c r="A1" t="inlineStr"><is><r><t>甲</t></r><r><t>公司</t></r></is></c>', "甲公司"),
        ('<c r="A1" t="inlineStr"><is><t>甲</t><rPh sb="0" eb="1"><t>jia</t></rPh></is></c>', "甲"),
        ('<c r="A1" t="str"><f>B1</f><v>甲</v></c>', "甲"),
        ('<c r="A1"><f>B1</f><v>7</v></c>', 7.0),
        ('<c r="A1"><f t="shared" si="0"/><v>7</v></c>', 7.0),
        ('<c r="A1"><f>B1</f></c>', UNCOMPUTED),
        ('<c r="A1"><f>B1</f><v/></c>', UNCOMPUTED),
        ('<c r="A1"><f>B1</f><v></v></c>', UNCOMPUTED),
        ('<c r="A1"><f>B1&lt;2</f><v>0</v></c>', 0.0),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="e"><v>#N/A</v></c>', ErrorCell("#N/A")),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', ErrorCell("#DIV/0!")),
        ('<c r="A1" t="d"><v>2024-01-31T00:00:00</v></c>', "2024-01-31T00:00:00"),
        ('<c t="inlineStr" r="A1"><is><t>甲</t></is></c>', "甲"),
        ("<c r='A1' t='inlineStr'><is><t>甲</t></is></c>", "甲"),
        ('<c\n r="A1"\n t="inlineStr"\n><is ><t >甲</t ></is></c>', "甲"),
        ('<c t="inlineStr"><is><t>甲</t></is></c>', "甲"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[甲<乙]]></t></is></c>', "甲<乙"),
        ('<!-- <c r="A1"><v>1</v></c> --><c r="A1"><v>2</v></c>', 2.0),
        ('<c r="A1" s="1" t="n" cm="1"><v>3</v></c>', "0003"),
        ('<c r="A1"><v>3</v><extLst><ext uri="x"/></extLst></c>', 3.0),
        ('<c r="A1"><v>3</v><extLst><ext uri="x"><v>4</v><t>4</t></ext></extLst></c>', 3.0),
        ('<c r="A1" t="s"><v> 1\n</v></c>', "甲公司"),
        ('<c r="A1" t="s"><v>3</v></c>', "甲😀乙"),
        ('<c r="A1" t="s"><v>4</v></c>', "甲\ufffd"),
    ],
)
def test_a_cell_is_read_as_any_program_writes_it(cell: str, value: object) -> None:
    """Alone and amid its row; the order and quotes of attributes, and what else XML allows, mean nothing."""
    styles = (
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="0000"/></numFmts>'
        '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs>'
    )
    texts = (
        "<si><t>甲 &amp; &lt;乙&gt;</t></si><si><r><t>甲</t></r><r><rPr/><t>公司</t></r>"
        '<rPh sb="0" eb="1"><t>jia</t></rPh></si><si><t xml:space="preserve">甲_x000D_乙</t></si>'
        "<si><t>甲_xD83D__xDE00_乙</t></si><si><t>甲_xD83D_</t></si>"
    )
    path = written(parts_of(f'<row r="1">{cell}<c r="B1"><v>5</v></c></row>', styles=styles, texts=texts))
    assert [[value, 5.0]] == rows_in(path)
    assert [[5.0, value, None]] == cells_in(path, 1, 0, 2)
    assert [[value]] == cells_in(path, 0)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "with a prefix": lambda xml: (
        xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x=")
    ),
    "without positions": lambda xml: xml.replace(' r="', ' n="'),
    "in two lines": lambda xml: xml.replace("<c ", "\n  <c\n").replace("</row>", "\n</row>\n"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_sheet_is_read_in_any_form(form: Callable[[str], str]) -> None:
    """Its rows and cells are the same."""
    parts = parts_of(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>甲</t></is></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="B2"/></row><row r="3"/>'
        '<row r="4"><c r="A4"><v>4</v></c></row>'
    )
    parts["xl/worksheets/sheet1.xml"] = form(parts["xl/worksheets/sheet1.xml"])
    assert [[1.0, "甲"], [2.0], [], [4.0]] == rows_in(written(parts))
    assert [[None, 2.0], [None, None], [None, 4.0]] == cells_in(Path("x.xlsx"), 1, 0, below=1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_sheet_may_be_in_any_encoding(encoding: str) -> None:
    """That which its XML declares, or its mark."""
    parts = parts_of('<row r="1"><c r="A1" t="inlineStr"><is><t>甲公司</t></is></c></row>')
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    sheet = (declared + parts["xl/worksheets/sheet1.xml"]).encode(encoding)
    assert [["甲公司"]] == rows_in(written({**parts, "xl/worksheets/sheet1.xml": sheet}))


def excel_95(codepage: int | None, encoding: str) -> Path:
    """A workbook from before Unicode (BIFF5): texts are bytes in a code page, which it may not name."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def text(row: int, cell: str) -> bytes:
        return record(
            0x0204, struct.pack("<HHHH", row, 0, 15, len(cell.encode(encoding))) + cell.encode(encoding)
        )

    title, end = "表".encode(encoding), record(0x000A)
    head = record(0x0809, struct.pack("<HHHH", 0x0500, 0x0005, 0x096C, 1993))
    head += record(0x0042, struct.pack("<H", codepage)) if codepage else b""
    font = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\5Arial"
    head += record(0x0031, font) * 4 + record(0x00E0, struct.pack("<8H", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0)) * 16
    place = len(head) + 4 + 7 + len(title) + len(end)
    head += record(0x0085, struct.pack("<IBBB", place, 0, 0, len(title)) + title) + end
    sheet = record(0x0809, struct.pack("<HHHH", 0x0500, 0x0010, 0x096C, 1993))
    sheet += record(0x0200, struct.pack("<5H", 0, 2, 0, 1, 0)) + text(0, "名") + text(1, "平安")
    XlsDoc().save("x.xls", (head + sheet + end).ljust(4096, b"\0"))
    return Path("x.xls")


@pytest.mark.parametrize(
    ("codepage", "encoding", "guessed"), [(936, "gbk", []), (950, "big5", []), (None, "gbk", ["GB18030"])]
)
def test_a_workbook_from_before_unicode_is_read(
    codepage: int | None, encoding: str, guessed: list[str]
) -> None:
    """By its code page; where it names none, as GB18030, which is said."""
    tally = read(SourceSpec(excel_95(codepage, encoding), ("名",)))
    assert ["平安"] == [seen.raw for seen in tally.occurrences]
    assert guessed == [remark.column for remark in tally.remarks.noticed]


def test_a_sheet_that_is_missing_is_not_passed_over() -> None:
    """A workbook that was cut, or put together wrongly, may have lost the sheet that is meant."""
    parts = parts_of('<row r="1"><c r="A1"><v>1</v></c></row>')
    del parts["xl/worksheets/sheet1.xml"]
    assert "its sheet 表 is missing" in refusal(written(parts))


def test_empty_rows_at_the_end_are_none_and_errors_are_no_empty_rows() -> None:
    """Blanks and formats at the end count for nothing; an error stands for a row."""
    path = written(
        parts_of(
            '<row r="2"><c r="A2"><v>1</v></c></row><row r="3"><c r="A3" t="e"><v>#REF!</v></c></row>'
            '<row r="4"><c r="A4" t="inlineStr"><is><t>  </t></is></c></row>'
            '<row r="9"><c r="A9" s="1"/></row>'
        )
    )
    assert [[], [1.0], [ErrorCell("#REF!")]] == rows_in(path)
    assert [[1.0], [ErrorCell("#REF!")]] == cells_in(path, 0, below=1)
    assert [[None], [None]] == cells_in(path, 5, below=1)


def test_a_zero_is_no_value_where_all_is_yet_to_be_computed() -> None:
    """Programs that do not compute write it, and ask Excel to compute all as it opens the workbook."""
    book = xlsxwriter.Workbook("x.xlsx")
    sheet = book.add_worksheet("表")
    sheet.write_formula("A1", "=B1&C1")
    sheet.write_formula("B1", "=1+1", None, 2)
    sheet.write_number("C1", 0)
    book.close()
    assert [[UNCOMPUTED, 2.0, 0.0]] == rows_in(Path("x.xlsx"))


def test_sheets_tell_whether_they_show_and_which_cells_are_merged() -> None:
    """In the order of their tabs, without charts; in both kinds of workbooks."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "表"
    sheet["A1"], sheet["B2"] = "甲", "乙"
    sheet.merge_cells("A1:A3")
    sheet.merge_cells("B2:D2")
    book.create_chartsheet("图")
    book.create_sheet("隐").sheet_state = "hidden"
    book.create_sheet("深").sheet_state = "veryHidden"
    book.save("x.xlsx")
    old = xlwt.Workbook()
    first = old.add_sheet("表")
    first.write_merge(0, 2, 0, 0, "甲")
    first.write_merge(1, 1, 1, 3, "乙")
    for title, visibility in (("隐", 1), ("深", 2)):
        old.add_sheet(title).visibility = visibility
    old.save("x.xls")
    for name in ("x.xlsx", "x.xls"):
        with open_book(Path(name)) as opened:
            assert (SheetName("表", True), SheetName("隐", False), SheetName("深", False)) == opened.sheets
            merges = opened.grid("表").merges()
        assert [Merge(1, 3, 0, 0), Merge(2, 2, 1, 3)] == sorted(merges)
        assert [["甲"], [None, "乙"]] == rows_in(Path(name))


def test_an_old_workbook_has_the_same_kinds_of_cells() -> None:
    """Numbers, shown forms, days, errors and truths, of a sheet in which something stands far down."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    zeros, day = xlwt.easyxf(num_format_str="0000"), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    sheet.write(1, 0, "甲公司")
    sheet.write(1, 1, 12, zeros)
    sheet.write(1, 2, date(2024, 1, 31), day)
    sheet.write(1, 3, True)
    sheet.write(1, 4, 1.5)
    sheet.row(1).set_cell_error(5, 0x2A)
    sheet.write(3, 1, 600000002)
    sheet.write(60_000, 0, "  ")
    book.save("x.xls")
    row = ["甲公司", "0012", datetime(2024, 1, 31), True, 1.5, ErrorCell("#N/A")]
    assert [[], row, [], [None, 600000002.0]] == rows_in(Path("x.xls"))
    assert [["0012", "甲公司"], [None, None], [600000002.0, None]] == cells_in(Path("x.xls"), 1, 0, below=1)


def plain(value: object) -> object:
    """A value as both readers give it: calamine tells no errors, and days without their hours."""
    if isinstance(value, ErrorCell) or value in ("", UNCOMPUTED):
        return None
    return datetime(value.year, value.month, value.day) if type(value) is date else value


def by_calamine(path: Path, title: str) -> Iterator[list[object]]:
    """The rows of a sheet as calamine reads them."""
    with python_calamine.load_workbook(path) as book:
        sheet = book.get_sheet_by_name(title)
        before: list[Any] = [None] * sheet.start[1] if sheet.start else []
        yield from ([*before, *map(plain, row)] for row in sheet.iter_rows())


def test_cells_are_those_that_calamine_reads() -> None:
    """Of workbooks with shared and inline texts, days, times and formats of many kinds."""
    formats = ["General", "0.00", "yyyy-mm-dd", "h:mm:ss", "[h]:mm:ss", "#,##0", "m/d/yy h:mm", "0.00E+00"]
    rows = [
        [f"甲{number}公司", number, number / 8, number % 2 == 0, datetime(2024, 1, 1 + number % 28, 5, 6, 7)]
        + [None] * (number % 3)
        + [time(number % 24, 5), timedelta(hours=number), number * 0.125]
        for number in range(1, 200)
    ]
    book = xlsxwriter.Workbook("a.xlsx")
    sheet = book.add_worksheet("表")
    styles = [book.add_format({"num_format": code}) for code in formats]
    for number, row in enumerate(rows, 3):
        for column, value in enumerate(row, 2):
            style = styles[(number + column) % len(styles)] if isinstance(value, float) else None
            if isinstance(value, (datetime, time, timedelta)):
                sheet.write_datetime(number, column, value, styles[2 if isinstance(value, datetime) else 4])
            elif value is not None:
                sheet.write(number, column, value, style)
    book.close()
    streamed = openpyxl.Workbook(write_only=True)
    other = streamed.create_sheet("表")
    for row in rows:
        other.append(row)
    streamed.save("b.xlsx")
    for name in ("a.xlsx", "b.xlsx"):
        pairs = zip_longest(rows_in(Path(name)), by_calamine(Path(name), "表"))
        for ours, theirs in pairs:
            width = len(theirs)
            assert theirs == [*map(plain, ours), *[None] * (width - len(ours))]


# Parts


def test_a_column_is_called_by_its_letters() -> None:
    """From A to XFD, and back."""
    assert ["A", "Z", "AA", "AZ", "BA", "XFD"] == [column_letters(n) for n in (0, 25, 26, 51, 52, 16_383)]
    assert list(range(16_384)) == [column_of(f"{column_letters(n)}7") for n in range(16_384)]


# Cells that are put in


def edited(xml: str, rows: Mapping[int, Mapping[int, str | float | None]]) -> str:
    """A sheet's XML with these cells."""
    sheet = f"<worksheet {MAIN}>{xml}</worksheet>"
    text = b"".join(with_cells(iter([sheet.encode()]), rows.items(), None)).decode()
    return text.removeprefix(f"<worksheet {MAIN}>").removesuffix("</worksheet>")


NEW = '<c r="B{0}" t="inlineStr"><is><t xml:space="preserve">x</t></is></c>'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<row r="2"><c r="A2"/></row>', f'<row r="2"><c r="A2"/>{NEW.format(2)}</row>'),
        ('<row r="2" spans="1:1"><c r="A2"/></row>', f'<row r="2"><c r="A2"/>{NEW.format(2)}</row>'),
        ('<row r="2"><c r="B2"/><c r="C2"/></row>', f'<row r="2">{NEW.format(2)}<c r="C2"/></row>'),
        (
            '<row r="2"><c r="C2"/><c r="D2"/></row>',
            f'<row r="2">{NEW.format(2)}<c r="C2"/><c r="D2"/></row>',
        ),
        ('<row r="2"></row>', f'<row r="2">{NEW.format(2)}</row>'),
        ('<row r="2" ht="3"/>', f'<row r="2" ht="3">{NEW.format(2)}</row>'),
        ('<row r="1"/><row r="2"/>', f'<row r="1"/><row r="2">{NEW.format(2)}</row>'),
        ('<row r="1"/><row r="3"/>', f'<row r="1"/><row r="2">{NEW.format(2)}</row><row r="3"/>'),
        (
            '<row r="1"/><row r="2"/><row r="3"><c r="A3"/></row>',
            f'<row r="1"/><row r="2">{NEW.format(2)}</row><row r="3"><c r="A3"/></row>',
        ),
        ('<row r="3"><c r="A3"/></row>', f'<row r="2">{NEW.format(2)}</row><row r="3"><c r="A3"/></row>'),
        ('<row r="1"><c r="A1"/></row>', f'<row r="1"><c r="A1"/></row><row r="2">{NEW.format(2)}</row>'),
    ],
)
def test_a_row_gains_its_cells_wherever_it_stands(before: str, after: str) -> None:
    """In their order; a row that is empty or is not there is filled or made, and nothing else changes."""
    tail = "<pageMargins/>"
    asked: dict[int, dict[int, str | float | None]] = {1: {}, 2: {1: "x"}, 3: {1: None}}
    xml = f"<sheetData>{before}</sheetData>{tail}"
    assert f"<sheetData>{after}</sheetData>{tail}" == edited(xml, asked)


# What may stand in a file, and what may not

ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>客户名称</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>甲公司</t></is></c></row>'
)
DECLARED = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def renamed(parts: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """The parts with a text replaced in all of them."""
    return {name: content.replace(old, new) for name, content in parts.items()}


WRITTEN_OTHERWISE: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "names in capitals": lambda parts: {name.upper(): content for name, content in parts.items()},
    "backslashes": lambda parts: {name.replace("/", "\\"): content for name, content in parts.items()},
    "absolute targets": lambda parts: renamed(parts, 'Target="worksheets', 'Target="/xl/worksheets'),
    "strict": lambda parts: renamed(
        renamed(parts, OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
        MAIN,
        'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"',
    ),
    "without shared texts": lambda parts: {
        name: content for name, content in parts.items() if "sharedStrings" not in name
    },
    "without the first relations": lambda parts: {
        name: content for name, content in parts.items() if name != "_rels/.rels"
    },
    "a dimension that lies": lambda parts: renamed(
        parts, "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    ),
    "a blank cell far out": lambda parts: renamed(
        parts, "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    ),
    "comments with what looks like tags": lambda parts: renamed(
        parts, '<row r="2">', '<!-- </row><row r="9"/> --><row r="2"><!-- <c r="A2"><v>7</v></c> -->'
    ),
    "a name in a CDATA section": lambda parts: renamed(parts, "甲公司", "<![CDATA[甲公司]]>"),
    "blanks in end tags": lambda parts: renamed(parts, "</row>", "</row \n>"),
}


@pytest.mark.parametrize("change", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
def test_a_file_that_excel_opens_is_read(change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """However its parts are named and refer to each other, and whatever its sheet says of its size."""
    assert [["客户名称"], ["甲公司"]] == rows_in(written(change(parts_of(ROWS))))


def test_a_shared_text_in_a_comment_is_none() -> None:
    """Nor does it shift the numbers of the others."""
    rows = ROWS.replace(' t="inlineStr"><is><t>甲公司</t></is>', ' t="s"><v>1</v>')
    texts = "<si/><!-- <si><t>乙公司</t></si> --><si><t>甲公司</t></si >"
    assert [["客户名称"], ["甲公司"]] == rows_in(written(parts_of(rows, texts=texts)))


def test_a_copy_of_a_sheet_in_utf_16_says_what_it_is_written_in() -> None:
    """Its XML is UTF-8 then: who opens it goes by what it declares."""
    parts: dict[str, str | bytes] = {**parts_of(ROWS)}
    sheet = next(name for name in parts if "sheet1" in name)
    parts[sheet] = f'<?xml version="1.0" encoding="UTF-16"?>{parts_of(ROWS)[sheet]}'.encode("utf-16")
    write(SourceSpec(written(parts)), Path("out.xlsx"), lambda key, standing: Entry("600000001"))
    with zipfile.ZipFile("out.xlsx") as book:
        assert "甲公司" in "".join(ElementTree.fromstring(book.read(sheet)).itertext())
    assert ["甲公司", "600000001"] == rows_in(Path("out.xlsx"))[1][:2]


@pytest.mark.parametrize("part", [part for part in parts_of(ROWS) if "shared" not in part])
def test_a_file_that_declares_entities_is_refused(part: str) -> None:
    """In whichever part: they can unpack to all memory."""
    parts = parts_of(ROWS)
    assert "declares entities" in refusal(written({**parts, part: DECLARED + parts[part]}))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="3"><c r="A3" t="s"><v>5</v></c></row>', "the text number 5, of 0"),
        ('<row r="1"><c r="A1"/></row>', "row 1 stands behind row 2"),
        ('<row r="1048577"><c r="A1048577"/></row>', "row 1048577 stands behind"),
        ('<row r="3"><c s="1" r="XFE3"><v>1</v></c></row>', "no column XFE3"),
        ('<row r="3"><c s="1" r="A3"><v>&b;</v></c></row>', "undefined entity"),
        ('<row r="3"><c r="A3" t="str"><v>&b;</v></c></row>', "unknown entity b"),
    ],
)
def test_a_damaged_sheet_is_refused_in_a_line(rows: str, said: str) -> None:
    """It says what is wrong; a text that is not there is never read as empty."""
    assert said in refusal(written(parts_of(ROWS + rows)))


@pytest.mark.parametrize("large", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_part_that_unpacks_to_all_memory_is_refused(large: str) -> None:
    """Before it is unpacked; and so is a sheet whose rows never begin."""
    parts = {**parts_of(ROWS), large: " " * (1 << 29)}
    assert "would unpack to" in refusal(written(parts))


def test_a_sheet_whose_rows_never_begin_is_refused() -> None:
    """Its head is not read on for ever."""
    parts = renamed(parts_of(ROWS), "<sheetData>", f"<cols>{' ' * (1 << 25)}</cols><sheetData>")
    assert "its rows never begin" in refusal(written(parts))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body><table>", "a web page (HTML) inside"),
        (b"MIME-Version: 1.0\n", "a web archive (MHTML) inside"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "of 2003"),
        (b"%PDF-1.4", "a PDF file inside"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "is no workbook"),
        (bytes.fromhex("0900040000001000") + bytes(20), "is no workbook"),
        (b"\0" * 2000, "is no workbook"),
    ],
)
@pytest.mark.parametrize("name", ["x.xls", "x.xlsx"])
def test_what_is_no_workbook_is_named(content: bytes, said: str, name: str) -> None:
    """Whatever its ending."""
    Path(name).write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read(SourceSpec(name))
    assert said in str(caught.value)
    assert str(caught.value).count("\n") <= 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_text_under_the_ending_of_a_workbook_is_read_as_such(encoding: str) -> None:
    """As many systems export it; its copy is a text, too."""
    Path("x.xls").write_bytes("客户名称\tn\n甲公司\t1\n".encode(encoding))
    tally = read(SourceSpec("x.xls"))
    assert 1 == tally.rows
    assert ("other_kind", "a CSV file") == (tally.remarks.noticed[0].kind, tally.remarks.noticed[0].column)
    write(SourceSpec("x.xls"), Path("out.csv"), lambda key, standing: Entry("600000001"))
    assert "甲公司\t1\t600000001" in Path("out.csv").read_text(encoding)


def test_a_workbook_under_any_ending_is_edited_as_what_it_is() -> None:
    """An .xlsx that is called .xls keeps its formulas, and asks for nothing."""
    written(parts_of(ROWS), "x.xls")
    write(SourceSpec("x.xls"), Path("out.xlsx"), lambda key, standing: Entry("600000001"))
    assert [
        ["客户名称", "company_id", "company_id_source", "company_id_confidence"],
        ["甲公司", "600000001"],
    ] == (rows_in(Path("out.xlsx")))


def test_new_columns_stand_where_nothing_is_in_their_way() -> None:
    """Behind a note without a header, before a stray cell far out; without room nothing is written."""
    far = '<row r="3"><c r="A3"/><c r="B3"><v>7</v></c><c r="XFD3"><v>1</v></c></row>'
    write(
        SourceSpec(written(parts_of(ROWS + far))), Path("out.xlsx"), lambda key, standing: Entry("600000001")
    )
    assert [None, "company_id"] == list(rows_in(Path("out.xlsx"))[0][1:3])
    assert [None, 7.0] == list(rows_in(Path("out.xlsx"))[2][:2])
    full = '<row r="1"><c r="A1" t="inlineStr"><is><t>客户名称</t></is></c>'
    full += '<c r="XFC1" t="inlineStr"><is><t>末</t></is></c></row>'
    with pytest.raises(BadInput, match="XFD is the last there can be"):
        write(
            SourceSpec(written(parts_of(full), "y.xlsx")), Path("y-out.xlsx"), lambda key, standing: Entry()
        )
    assert not Path("y-out.xlsx").exists()


def test_a_merge_hides_no_id_of_a_row() -> None:
    """New columns go right of it; one over different ids is refused, one over equal ones stays."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{name}</t></is></c></row>'
        for row, name in enumerate(("客户名称", "甲公司", "乙公司"), 1)
    )
    apart = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    ids = {"甲公司": "600000001", "乙公司": "600000002"}
    source = SourceSpec(written(parts_of(rows, behind=apart)))
    write(source, Path("out.xlsx"), lambda key, _: Entry(ids[key[0]]))
    filled = [["甲公司", None, "600000001"], ["乙公司", None, "600000002"]]
    assert filled == cells_in(Path("out.xlsx"), 0, 1, 2, below=1)

    titled = rows.replace("</c></row>", '</c><c r="B1" t="inlineStr"><is><t>company_id</t></is></c></row>', 1)
    source = SourceSpec(written(parts_of(titled, behind=apart), "y.xlsx"))
    with pytest.raises(BadInput, match="has B2:B3 merged, whose rows get different values"):
        write(source, Path("y-out.xlsx"), lambda key, _: Entry(ids[key[0]]))
    assert not Path("y-out.xlsx").exists()
    write(source, Path("y-out.xlsx"), lambda key, _: Entry("600000001"))
    with open_book(Path("y-out.xlsx")) as book:
        assert [Merge(2, 3, 1, 1)] == list(book.grid("表").merges())
