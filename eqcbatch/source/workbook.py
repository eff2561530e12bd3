"""Workbooks: the sheet that has the columns, and its cells as text; and copies with more of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from eqcbatch.source.calamine_book import open_book
from eqcbatch.source.grid import Book
from eqcbatch.source.sheet_choice import choose_sheet
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Entries, Table, entry_header, entry_places
from eqcbatch.source.xlsx_edit import set_cells

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet


@contextmanager
def open_workbook(path: Path, spec: SourceSpec) -> Iterator[Table]:
    """Open the asked sheet of a workbook, else its first sheet that has all asked columns."""
    with open_book(path) as book:
        yield choose_sheet(book, path, spec).table


def copy_workbook(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> None:
    """Copy a workbook as .xlsx with an entry in every row of its sheet; an .xls one by its values."""
    with open_book(path) as book:
        sheet = choose_sheet(book, path, spec)
        content = _by_values(book) if path.suffix.lower() == ".xls" else path
        header = sheet.table.header
        places = entry_places(header)
        rows: dict[int, dict[int, str | float | None]] = {sheet.top: dict(entry_header(header))}
        for number, entry in enumerate(entries(sheet.table), sheet.top + 1):
            rows[number] = dict(zip(places, entry, strict=True))
    set_cells(content, out, sheet.title, rows)


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
