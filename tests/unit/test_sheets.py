"""Sheets that people fill in: what is written is read back, and no spreadsheet changes it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from eqcbatch.errors import BadInput
from eqcbatch.safe_text import safe_cell
from eqcbatch.source.sheets import read_sheet, write_sheet

TRICKY = ("=1+1", "+86", "-甲", "@乙", "'=丙", "''-丁", "'戊", "007", 'a,b\n"c"', "甲\x01乙")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_written_is_read_back(tmp_path: Path, ending: str) -> None:
    """Formulas, apostrophes, leading zeros, delimiters and line breaks as text; empty rows do not count."""
    path = tmp_path / f"sheet.{ending}"
    texts = TRICKY[:-1]
    write_sheet(path, ("key", "n"), [*((text, 1.5) for text in texts), (None, None), ("末", 3)])
    found = read_sheet(path)
    assert ("key", "n") == found.header
    assert [(text, "1.5") for text in texts] + [("末", "3")] == [cells for _, cells in found.rows]
    assert [*range(2, 2 + len(texts)), len(texts) + 3] == [number for number, _ in found.rows]


def test_a_workbook_has_text_cells_and_a_fixed_header(tmp_path: Path) -> None:
    """No formula, ids as text, empty cells to be filled as text too; Chinese columns twice as wide."""
    path = tmp_path / "sheet.xlsx"
    write_sheet(path, ("k", "名称"), [(text, None) for text in TRICKY] + [("x" * 500, "长城科技有限公司")])
    page = openpyxl.load_workbook(path).worksheets[0]
    assert "A2" == page.freeze_panes
    assert {"s"} == {page.cell(number, 1).data_type for number in range(1, 12)}
    assert {"@"} == {page.cell(number, 2).number_format for number in range(2, 13)}
    assert (62, 18) == tuple(page.column_dimensions[letter].width for letter in "AB")
    assert "甲乙" == page.cell(11, 1).value


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (0, 0),
        ("", ""),
        ("甲", "甲"),
        ("=1", "'=1"),
        ("'=1", "''=1"),
        ("'甲", "'甲"),
        (-1.5, -1.5),
    ],
)
def test_a_cell_is_made_safe_only_where_it_must_be(value: object, cell: object) -> None:
    """By an apostrophe, as spreadsheets do it themselves."""
    assert cell == safe_cell(value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "no kind of sheet"),
        ("a.csv", b"\n\n", "is empty"),
        ("a.xlsx", b"no workbook", "is no workbook"),
        ("a.xlsx", b"PK\x05\x06" + bytes(18), "is no workbook"),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Saying what it is instead."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_sheet(tmp_path / name)


def _merged(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("B2:B3")


def _computed(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B2"] = "=A1"


def _copied(book: openpyxl.Workbook) -> None:
    book.copy_worksheet(book.worksheets[0])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_merged, "has cells merged over rows, the first in B2"),
        (_computed, "does not hold the value of a formula in B2"),
        (_copied, "has the same header in several sheets: review, review Copy"),
    ],
)
def test_a_sheet_that_does_not_say_what_it_shows_is_refused(
    tmp_path: Path, spoil: Callable[[openpyxl.Workbook], None], message: str
) -> None:
    """Filled cells would be lost without a word."""
    path = tmp_path / "a.xlsx"
    write_sheet(path, ("lookup_key", "decision"), [("甲", "none"), ("乙", "")])
    book = openpyxl.load_workbook(path)
    spoil(book)
    book.save(path)
    with pytest.raises(BadInput, match=message):
        read_sheet(path)


def test_of_several_sheets_that_of_our_name_is_read(tmp_path: Path) -> None:
    """A reviewer's notes may stand before it."""
    path = tmp_path / "a.xlsx"
    write_sheet(path, ("lookup_key", "decision"), [("甲", "none")])
    book = openpyxl.load_workbook(path)
    book.create_sheet("notes", 0).append(["who", "what"])
    book.save(path)
    assert ("lookup_key", "decision") == read_sheet(path).header


def test_ids_that_a_spreadsheet_made_numbers_are_whole(tmp_path: Path) -> None:
    """600000001, not 600000001.0."""
    book = openpyxl.Workbook()
    for row in (["lookup_key", "decision"], ["甲", 600000001.0], ["乙", 600000002]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "sheet.xlsx")
    assert ["600000001", "600000002"] == [cells[1] for _, cells in read_sheet(tmp_path / "sheet.xlsx").rows]


def test_a_sheet_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    """A lone surrogate is no text that a file can hold."""
    path = tmp_path / "sheet.csv"
    write_sheet(path, ("key",), [("甲",)])
    with pytest.raises(BadInput, match="cannot be written"):
        write_sheet(path, ("key",), [("乙",), ("\ud800",)])
    assert [("甲",)] == [cells for _, cells in read_sheet(path).rows]
    assert [path] == list(tmp_path.iterdir())


def test_a_sheet_marked_as_read_only_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it would not be written to."""
    path = tmp_path / "sheet.csv"
    write_sheet(path, ("key",), [("甲",)])
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    with pytest.raises(BadInput, match="Permission denied"):
        write_sheet(path, ("key",), [("乙",)])
    assert [("甲",)] == [cells for _, cells in read_sheet(path).rows]
