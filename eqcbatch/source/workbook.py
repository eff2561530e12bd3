"""Workbooks: the sheet that has the columns, and its cells as text; and copies with more of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from eqcbatch.source.calamine_book import open_book
from eqcbatch.source.entries import Entries, entry_header, entry_places
from eqcbatch.source.grid import Book
from eqcbatch.source.sheet_choice import choose_sheets
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, Tables
from eqcbatch.source.xlsx_edit import Cells, set_cells

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet


@contextmanager
def open_workbook(path: Path, spec: SourceSpec) -> Iterator[Tables]:
    """Open the sheets of a workbook that a source means."""
    with open_book(path) as book:
        yield choose_sheets(book, path, spec)


def copy_workbook(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> Tables:
    """Copy a workbook as .xlsx with an entry in every row of its sheets; an .xls one by its values."""
    with open_book(path) as book:
        tables = choose_sheets(book, path, spec)
        content = _by_values(book) if path.suffix.lower() == ".xls" else path
        cells = {str(table.sheet): _cells(table, entries) for table in tables.read}
    set_cells(content, out, cells)
    return tables


def _cells(table: Table, entries: Entries) -> Cells:
    """Return what a sheet gains."""
    assert table.header_row
    places = entry_places(table.header)
    cells: dict[int, Mapping[int, str | float | None]] = {table.header_row: entry_header(table.header)}
    for number, entry in enumerate(entries(table), table.header_row + 1):
        cells[number] = dict(zip(places, entry, strict=True))
    return cells


def _by_values(book: Book) -> BytesIO:
    """Return the sheets of a workbook as an .xlsx file, without formats and formulas."""
    import openpyxl

    copy = openpyxl.Workbook(write_only=True)
    for title, _ in book.sheets:
        sheet = copy.create_sheet(title)
        for row in book.grid(title).rows():
            sheet.append([_as_cell(sheet, value) for value in row])
    content = BytesIO()
    copy.save(content)
    return content


def _as_cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str) or not value:
        return None if value == "" else value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # a text that begins with = is none the less no formula
    return cell
