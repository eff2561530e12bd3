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
from eqcbatch.source.table import is_empty, text_of

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

Value = str | int | float | None

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
    """Read a sheet (of a workbook, the first), as `write_sheet` wrote it and a spreadsheet saved it.

    Rows without any text are passed over. Raises BadInput if it cannot be read.
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
    sheet = book.create_sheet("review", 0)
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


def _read_xlsx(path: Path) -> Iterator[tuple[object, ...]]:
    from openpyxl import load_workbook

    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        yield from sheet.iter_rows(values_only=True)


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
