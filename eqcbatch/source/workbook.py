"""Workbooks: the sheet that has the columns, and its cells as text; and copies with more of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from python_calamine import CalamineError

from eqcbatch.errors import BadInput
from eqcbatch.humanize import size
from eqcbatch.source.columns import listed, missing_columns, nearest, shown
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import (
    Entries,
    Table,
    entry_header,
    entry_places,
    is_empty,
    take_header,
    text_of,
)
from eqcbatch.source.xlsx_edit import set_cells, uncomputed

Row = tuple[object, ...]

_LISTED = 5  # sheets that a message names with their columns at most
_USUAL_PART = 1 << 28  # bytes of XML that are nothing to look at twice
_MOST_INFLATED = 100  # times as large as packed: tables are ten or twenty times


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet. top: the number of the header's row, from 1 as spreadsheets count."""

    title: str
    top: int
    table: Table


@contextmanager
def open_workbook(path: Path, spec: SourceSpec) -> Iterator[Table]:
    """Open the asked sheet of a workbook, else its first sheet that has all asked columns."""
    with _opened(path) as book:
        table = _choose(book, path, spec).table
    yield table


def copy_workbook(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> None:
    """Copy a workbook as .xlsx with an entry in every row of its sheet; an .xls one by its values."""
    with _opened(path) as book:
        sheet = _choose(book, path, spec)
        content = _by_values(book) if path.suffix.lower() == ".xls" else path
    header = sheet.table.header
    places = entry_places(header)
    rows: dict[int, dict[int, str | float | None]] = {sheet.top: dict(entry_header(header))}
    for number, entry in enumerate(entries(sheet.table), sheet.top + 1):
        rows[number] = dict(zip(places, entry, strict=True))
    set_cells(content, out, sheet.title, rows)


@contextmanager
def _opened(path: Path) -> Iterator[pd.ExcelFile]:
    _refuse_inflated(path)
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            yield book
    except (CalamineError, ValueError) as error:
        raise BadInput(
            f"{path} is no workbook, is damaged or has a password ({' '.join(str(error).split())})."
            "\nOpen it in Excel and save it as .xlsx without a password, or as CSV UTF-8."
        ) from error


def _refuse_inflated(path: Path) -> None:
    """Refuse a workbook whose parts unpack to far more than a table does: it would take all memory."""
    with suppress(OSError, BadZipFile), ZipFile(path) as parts:
        for part in parts.infolist():
            if part.file_size > max(_USUAL_PART, _MOST_INFLATED * part.compress_size):
                raise BadInput(
                    f"{path} would unpack to {size(part.file_size)} of {part.filename}, out of "
                    f"{size(part.compress_size)}.\nThat is no table: save its rows anew, as .xlsx or CSV."
                )


def _choose(book: pd.ExcelFile, path: Path, spec: SourceSpec) -> _Sheet:
    sheets = [str(name) for name in book.sheet_names]
    if spec.sheet is not None:
        if spec.sheet not in sheets:
            raise BadInput(
                f"{path} has no sheet {shown(spec.sheet)}.\n"
                f"Its sheets are {listed(sheets)}.{nearest(spec.sheet, sheets)}"
            )
        return _open_sheet(book, path, spec.sheet)
    return _first_fitting(book, path, spec, sheets)


def _first_fitting(book: pd.ExcelFile, path: Path, spec: SourceSpec, sheets: list[str]) -> _Sheet:
    headers: dict[str, tuple[str, ...]] = {}
    for title in sheets:
        try:
            sheet = _open_sheet(book, path, title)
        except BadInput:  # an empty sheet
            continue
        if not missing_columns(spec, sheet.table.header):
            return sheet
        headers[title] = sheet.table.header
    raise _no_sheet_fits(path, spec, headers)


def _no_sheet_fits(path: Path, spec: SourceSpec, headers: dict[str, tuple[str, ...]]) -> BadInput:
    if not headers:
        return BadInput(f"{path} has no header: all its sheets are empty.")
    missing = min((missing_columns(spec, header) for header in headers.values()), key=len)[0]
    columns = [f"sheet {shown(name)}: {listed(header)}" for name, header in headers.items()]
    more = f"; and {len(columns) - _LISTED} more sheets" if len(columns) > _LISTED else ""
    close = nearest(missing, chain(*headers.values()))
    return BadInput(
        f"{path} has no sheet with the column {shown(missing)}.\n"
        f"It has {'; '.join(columns[:_LISTED])}{more}.{close}"
    )


def _open_sheet(book: pd.ExcelFile, path: Path, title: str) -> _Sheet:
    """Read a sheet whole. Empty rows at its end, which Excel keeps for their format, are none."""
    data = _values(book, title)
    while data and is_empty(data[-1]):
        data.pop()
    place = f"sheet {title!r} of {path}"
    rows = iter(data)
    table = Table(place, take_header(rows, place), partial(_cells, path, title, rows))
    return _Sheet(title, len(data) - length_hint(rows), table)


def _values(book: pd.ExcelFile, title: str) -> list[Row]:
    """Return all rows of a sheet from its first on, empty or not."""
    frame = pd.read_excel(
        book, sheet_name=title, header=None, dtype=object, keep_default_na=False, na_filter=False
    )
    return list(frame.itertuples(index=False, name=None))


def _by_values(book: pd.ExcelFile) -> BytesIO:
    """Return the sheets of a workbook as an .xlsx file, without formats and formulas."""
    copy = openpyxl.Workbook(write_only=True)
    for title in book.sheet_names:
        sheet = copy.create_sheet(str(title))
        for row in _values(book, str(title)):
            sheet.append([_as_cell(sheet, value) for value in row])
    content = BytesIO()
    copy.save(content)
    return content


def _as_cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    if not isinstance(value, str) or not value:
        return None if value == "" else value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # a text that begins with = is none the less no formula
    return cell


def _cells(path: Path, title: str, rows: Iterator[Row], places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Return the cells at these positions.

    Raises BadInput if there is a formula whose value nobody has computed.
    """
    missing = uncomputed(path, title, places)
    if missing:
        raise BadInput(
            f"{path} does not hold the values of its formulas: {len(missing):,} cells that are needed look "
            f"empty, {missing[0]} first.\nOpen it in Excel or LibreOffice and save it, which computes them."
        )
    return (tuple(text_of(row[place]) for place in places) for row in rows)
