"""Workbooks: the sheet that has the columns, and its cells as text; and copies with more of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from eqcbatch.errors import BadInput
from eqcbatch.source.book import open_book
from eqcbatch.source.file_kinds import FileKind, kind_inside
from eqcbatch.source.grid import Book, ErrorCell, Grid, Merge, column_letters
from eqcbatch.source.sheet_choice import ChosenSheet, choose_sheet
from eqcbatch.source.sheet_xml import LAST_COLUMN
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Entries, Table, entry_header, entry_places
from eqcbatch.source.xlsx_edit import set_cells
from eqcbatch.source.xlsx_package import Package

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
        header = _with_room(book.grid(sheet.title), sheet, path)
        with _as_xlsx(book, path) as package:
            set_cells(package, out, {sheet.title: _cells(sheet, header, entries)})


def _cells(
    sheet: ChosenSheet, header: Sequence[str], entries: Entries
) -> Iterator[tuple[int, dict[int, str | float | None]]]:
    """Give what the rows of a sheet gain, from its header on."""
    places = entry_places(header)
    yield sheet.top, dict(entry_header(header))
    for number, entry in enumerate(entries(sheet.table), sheet.top + 1):
        yield number, dict(zip(places, entry, strict=True))


def _with_room(grid: Grid, sheet: ChosenSheet, path: Path) -> Sequence[str]:
    """Return the header with nameless columns behind it where these hold something: nothing is written over.

    Raises BadInput if there is no room behind it.
    """
    header = sheet.table.header
    added = len(entry_header(header))
    filled = grid.filled_columns(len(header), sheet.top - 1)
    begin = len(header)
    while not filled.isdisjoint(range(begin, begin + added)):
        begin += 1
    if added and begin + added - 1 > LAST_COLUMN:
        raise BadInput(
            f"sheet {sheet.title!r} of {path} has no room for {added} more columns: XFD is the last there "
            "can be.\nDelete columns that are not needed."
        )
    return (*header, *[""] * (begin - len(header)))


@contextmanager
def _as_xlsx(book: Book, path: Path) -> Iterator[Package]:
    """Open a workbook for being copied; an .xls one by its values."""
    content = _by_values(book) if kind_inside(path) is FileKind.XLS else path
    package = Package(path, content)
    with package.zip:
        yield package


def _by_values(book: Book) -> BytesIO:
    """Return the sheets of a workbook as an .xlsx file, without formats and formulas."""
    import openpyxl

    copy = openpyxl.Workbook(write_only=True)
    for title, visible in book.sheets:
        sheet = copy.create_sheet(title)
        sheet.sheet_state = "visible" if visible else "hidden"
        for merge in book.grid(title).merges():
            sheet.merged_cells.add(_reference(merge))
        for row in book.grid(title).rows():
            sheet.append([_as_cell(sheet, value) for value in row])
    content = BytesIO()
    copy.save(content)
    return content


def _reference(merge: Merge) -> str:
    first, last = column_letters(merge.first_column), column_letters(merge.last_column)
    return f"{first}{merge.first_row}:{last}{merge.last_row}"


def _as_cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, ErrorCell):
        value = value.text
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # a text that begins with = is none the less no formula
    return cell
