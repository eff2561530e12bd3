"""Workbooks: the sheet that has the columns, and its cells as text; and copies with more of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from eqcbatch.errors import BadInput
from eqcbatch.source.entries import Entries, entry_header, entry_places
from eqcbatch.source.excel.book import open_book
from eqcbatch.source.excel.grid import Book, ErrorCell, Merge, column_letters
from eqcbatch.source.excel.sheet_edit import RowCells
from eqcbatch.source.excel.sheet_xml import LAST_COLUMN
from eqcbatch.source.excel.xlsx_edit import set_cells
from eqcbatch.source.excel.xlsx_package import Package
from eqcbatch.source.file_kinds import FileKind, kind_inside
from eqcbatch.source.sheet_choice import choose_sheets
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, Tables

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
        headers = [_with_room(book, table) for table in tables.read]
        with _as_xlsx(book, path) as package:
            tables_headers = zip(tables.read, headers, strict=True)
            cells = {
                str(table.sheet): _cells(table, header, entries, book.grid(str(table.sheet)).merges())
                for table, header in tables_headers
            }
            set_cells(package, out, cells)
    return tables


def _cells(
    table: Table, header: Sequence[str], entries: Entries, merges: Sequence[Merge]
) -> Iterator[tuple[int, RowCells]]:
    """Give what the rows of a sheet gain, from its header on.

    Raises BadInput where cells that are merged would hold different things: one of them is seen.
    """
    assert table.header_row
    places = entry_places(header)
    yield table.header_row, entry_header(header)
    touched = {
        (row, place): merge
        for merge in merges
        for place in places
        if merge.first_column <= place <= merge.last_column
        for row in range(max(merge.first_row, table.header_row + 1), merge.last_row + 1)
    }
    seen: dict[Merge, object] = {}
    for number, entry in enumerate(entries(table), table.header_row + 1):
        cells = dict(zip(places, entry, strict=True))
        for place, value in cells.items() if touched else ():
            merge = touched.get((number, place))
            if merge and seen.setdefault(merge, value) != value:
                raise BadInput(
                    f"{table.place} has {_reference(merge)} merged, whose rows get different values.\n"
                    "Take that merge apart, and apply again."
                )
        yield number, cells


def _with_room(book: Book, table: Table) -> Sequence[str]:
    """Return the header with nameless columns behind it where these hold something: nothing is written over.

    Raises BadInput if there is no room behind it.
    """
    assert table.header_row
    added = len(entry_header(table.header))
    grid = book.grid(str(table.sheet))
    filled = set(grid.filled_columns(len(table.header), table.header_row - 1))
    for merge in grid.merges():
        if merge.last_row >= table.header_row:
            filled.update(range(merge.first_column, merge.last_column + 1))
    begin = len(table.header)
    while not filled.isdisjoint(range(begin, begin + added)):
        begin += 1
    if added and begin + added - 1 > LAST_COLUMN:
        raise BadInput(
            f"{table.place} has no room for {added} more columns: XFD is the last there can be.\n"
            "Delete columns that are not needed."
        )
    return (*table.header, *[""] * (begin - len(table.header)))


@contextmanager
def _as_xlsx(book: Book, path: Path) -> Iterator[Package]:
    """Open a workbook for being copied; an .xls one by its values."""
    content = _by_values(book) if kind_inside(path) is FileKind.XLS else path
    package = Package(path, content)
    with closing(package):
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

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    # A text that begins with = is none the less no formula.
    cell.data_type = "e" if isinstance(value, ErrorCell) else "s"
    return cell
