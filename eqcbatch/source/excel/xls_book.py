"""Workbooks of Excel 97 to 2003, and the three versions before, as xlrd reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path

import xlrd
from xlrd.sheet import Cell, Sheet

from eqcbatch.errors import BadInput
from eqcbatch.source.excel.grid import ErrorCell, Merge, Row, SheetName, is_filled
from eqcbatch.source.excel.number_formats import NumberFormat, as_shown, number_format

_UNICODE = 80  # BIFF8, of Excel 97
_CHINESE = "gb18030"


@contextmanager
def open_xls(path: Path) -> Iterator[XlsBook]:
    """Open an .xls file. Raises BadInput if it is none, is damaged or has a password."""
    try:
        book = _read(path)
    except Exception as error:  # a damaged file makes xlrd fail in any of its lines
        raise _refusal(path, error) from error
    is_named = book.codepage is not None or book.biff_version >= _UNICODE
    yield XlsBook(book) if is_named else _guessed(path, book)


def _read(path: Path, encoding: str | None = None) -> xlrd.Book:
    """Read all sheets at once, so that nothing of a damaged one is found out later."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        return xlrd.open_workbook(
            str(path), logfile=nowhere, formatting_info=True, ragged_rows=True, encoding_override=encoding
        )


def _guessed(path: Path, book: xlrd.Book) -> XlsBook:
    """Read a workbook before Excel 97 that does not say in which encoding its texts are."""
    try:
        return XlsBook(_read(path, _CHINESE), _CHINESE.upper())
    except UnicodeDecodeError:
        return XlsBook(book)


def _refusal(path: Path, error: Exception) -> BadInput:
    reason = " ".join(str(error).split()) or "no reason is told"
    if "encrypted" in reason:
        return BadInput(f"{path} has a password.\nOpen it in Excel and save it as .xlsx without one.")
    return BadInput(
        f"{path} is no workbook, is damaged or has a password ({reason}).\n"
        "Open it in Excel and save it as .xlsx without a password, or as CSV UTF-8."
    )


class XlsBook:
    """A Book."""

    def __init__(self, book: xlrd.Book, guessed: str = "") -> None:
        self._book = book
        self.guessed = guessed
        self.sheets = tuple(SheetName(sheet.name, sheet.visibility == 0) for sheet in book.sheets())

    def grid(self, title: str) -> XlsGrid:
        """Return the cells of a sheet."""
        return XlsGrid(self._book.datemode == 1, self._book.sheet_by_name(title), self._formats)

    @cached_property
    def _formats(self) -> list[NumberFormat]:
        codes = self._book.format_map
        return [
            number_format(codes[style.format_key].format_str) if style.format_key in codes else NumberFormat()
            for style in self._book.xf_list
        ]


class XlsGrid:
    """A Grid."""

    def __init__(self, since_1904: bool, sheet: Sheet, formats: Sequence[NumberFormat]) -> None:
        self._since_1904 = since_1904
        self._sheet = sheet
        self._formats = formats

    def rows(self) -> Iterator[Row]:
        """Give all rows, to the last that is not empty; each ends with its last cell that is not empty."""
        for row in self._filled_rows():
            values = [self._value(cell) for cell in row]
            while values and values[-1] is None:
                values.pop()
            yield values

    def cells(self, columns: Sequence[int], below: int) -> Iterator[Row]:
        """Give the cells in these columns of all rows below one, to the last row that is not empty."""
        for row in islice(self._filled_rows(), below, None):
            yield [self._value(row[column]) if column < len(row) else None for column in columns]

    def filled_columns(self, first: int, below: int) -> set[int]:
        """Return the columns, from the first to be looked at on, that hold something below a row."""
        return {
            column
            for row in islice(self._filled_rows(), below, None)
            for column, cell in enumerate(row[first:], first)
            if is_filled(self._value(cell))
        }

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""
        return [
            Merge(top + 1, bottom, left, right - 1) for top, bottom, left, right in self._sheet.merged_cells
        ]

    def _filled_rows(self) -> Iterator[list[Cell]]:
        last = self._sheet.nrows
        while last and not any(is_filled(self._value(cell)) for cell in self._sheet.row(last - 1)):
            last -= 1
        return (self._sheet.row(number) for number in range(last))

    def _value(self, cell: Cell) -> object:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return cell.value or None
        if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            return as_shown(float(cell.value), self._formats[cell.xf_index or 0], self._since_1904)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return ErrorCell(xlrd.error_text_from_code.get(int(cell.value), "#ERROR!"))
        return None
