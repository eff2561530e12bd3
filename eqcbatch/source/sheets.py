"""Sheets that people fill in: small tables, .xlsx or CSV, written for a spreadsheet and read back from it."""

from __future__ import annotations

import csv
import errno
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile

from eqcbatch.atomic_write import atomic_write
from eqcbatch.errors import BadInput
from eqcbatch.safe_text import cell_as_it_was, safe_cell
from eqcbatch.source.csv_form import DELIMITERS, find_encoding
from eqcbatch.source.excel.book import open_book
from eqcbatch.source.excel.grid import UNCOMPUTED, Book, column_letters
from eqcbatch.source.table import is_empty, text_of

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

Value = str | int | float | None

_TITLE = "review"  # of the sheet in a workbook
_WIDEST = 60  # columns of a terminal's font


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read. rows: their numbers, as spreadsheets count, and cells as stripped text."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write a sheet by its ending, .xlsx or .csv; what stood there is replaced at the end, in one step.

    Texts are text cells, ids among them; the header of a workbook stays in view.
    Raises BadInput if the ending is another one, or the path cannot be written.
    """
    write = _write_csv if _is_csv(path) else _write_xlsx
    with _explained(path, "written"):
        _expect_writable(path)
        with atomic_write(path) as file:
            write(file, header, list(rows))


def read_sheet(path: Path) -> Sheet:
    """Read a sheet, as `write_sheet` wrote it and a spreadsheet saved it.

    Of a workbook that is `review`, or the first. Rows without any text are passed over. Raises BadInput if it
    cannot be read, or if what a person sees in it is not what would be read: cells merged over rows, formulas
    without a value, two sheets of one header.
    """
    read = _read_csv if _is_csv(path) else _read_xlsx
    with _explained(path, "read"):
        table = ((number, row) for number, row in enumerate(read(path), 1) if not is_empty(row))
        _, header = next(table, (0, ()))
        if not header:
            raise BadInput(f"{path} is empty: it has no header.")
        return Sheet(_cells(header), tuple((number, _cells(row)) for number, row in table))


def _expect_writable(path: Path) -> None:
    """Raise PermissionError if the file is marked as read-only: what is moved into its place asks no mark."""
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _cells(row: Iterable[object]) -> tuple[str, ...]:
    return tuple(text_of(cell).strip() for cell in row)


def _is_csv(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise BadInput(f"{path} is no kind of sheet. Give a name that ends in .xlsx or .csv.")
    return ending == ".csv"


def _write_csv(file: BinaryIO, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")  # Excel needs the mark
    csv.writer(text).writerows(map(safe_cell, row) for row in (header, *rows))
    text.detach()  # it is flushed, and the file stays open


def _read_csv(path: Path) -> Iterator[list[str]]:
    with path.open(encoding=find_encoding(path), newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(DELIMITERS, key=first.count)
        for row in csv.reader(file, delimiter=delimiter):
            yield [cell_as_it_was(cell) for cell in row]


def _write_xlsx(file: BinaryIO, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.create_sheet(_TITLE, 0)
    book.remove(book.worksheets[1])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(zip(header, *rows, strict=True), 1):
        sheet.column_dimensions[get_column_letter(place)].width = 2 + min(_WIDEST, max(map(_width, column)))
        for number, value in enumerate(column, 1):
            _fill(sheet.cell(number, place), value)
        sheet.cell(1, place).font = Font(bold=True)
    book.save(file)


def _fill(cell: Cell, value: Value) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, (int, float)):
        cell.value = value
        return
    cell.number_format = "@"  # what is typed there stays as typed: an id keeps its zeros
    if value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"  # else a text that begins with = would be a formula


def _width(value: Value) -> int:
    """How many columns a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text_of(value))


def _read_xlsx(path: Path) -> Iterator[Sequence[object]]:
    with open_book(path) as book:
        grid = book.grid(_title(path, book))
        if tall := [merge for merge in grid.merges() if merge.last_row > merge.first_row]:
            place = f"{column_letters(tall[0].first_column)}{tall[0].first_row}"
            raise BadInput(
                f"{path} has cells merged over rows, the first in {place}: part them, so that each line says "
                "what is meant."
            )
        for number, row in enumerate(grid.rows(), 1):
            if UNCOMPUTED in row:
                place = f"{column_letters(list(row).index(UNCOMPUTED))}{number}"
                raise BadInput(
                    f"{path} does not hold the value of a formula in {place}. "
                    "Open it in Excel or LibreOffice and save it, which computes it."
                )
            yield row


def _title(path: Path, book: Book) -> str:
    """Return the sheet that is meant: that of our name, else the first; no other may have its header."""
    titles = [sheet.title for sheet in book.sheets]
    meant = _TITLE if _TITLE in titles else titles[0]
    header = _first_row(book, meant)
    if others := [
        title for title in titles if title != meant and header and header == _first_row(book, title)
    ]:
        raise BadInput(
            f"{path} has the same header in several sheets: {', '.join([meant, *others])}. "
            "Keep the one whose lines count."
        )
    return meant


def _first_row(book: Book, title: str) -> tuple[str, ...]:
    return next((_cells(row) for row in book.grid(title).rows() if not is_empty(row)), ())


@contextmanager
def _explained(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        what = "file" if done == "read" else "directory"
        raise BadInput(f"There is no {what} {path if done == 'read' else path.parent}.") from error
    except (BadZipFile, KeyError, ValueError) as error:
        raise BadInput(f"{path} cannot be {done} ({error}). Save it as .xlsx or CSV UTF-8.") from error
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BadInput(
            f"{path} cannot be {done} ({reason}). Close it elsewhere, and check the path."
        ) from error
