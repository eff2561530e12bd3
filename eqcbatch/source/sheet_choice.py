"""Which sheet of a workbook is read: the asked one, else the first that has all asked columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, count, repeat
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import listed, missing_columns, nearest, shown
from eqcbatch.source.grid import Book, Grid, Row
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, is_empty, take_header, text_of

_LISTED = 5  # sheets that a message names with their columns at most


@dataclass(frozen=True, slots=True)
class ChosenSheet:
    """A sheet. top: the number of the header's row, from 1 as spreadsheets count."""

    title: str
    top: int
    table: Table


def choose_sheet(book: Book, path: Path, spec: SourceSpec) -> ChosenSheet:
    """Open the sheet that a source means. Raises BadInput if there is none, or it lacks a header."""
    sheets = [sheet.title for sheet in book.sheets]
    if spec.sheet is not None:
        if spec.sheet not in sheets:
            raise BadInput(
                f"{path} has no sheet {shown(spec.sheet)}.\n"
                f"Its sheets are {listed(sheets)}.{nearest(spec.sheet, sheets)}"
            )
        return _open_sheet(book, path, spec.sheet)
    return _first_fitting(book, path, spec, sheets)


def _first_fitting(book: Book, path: Path, spec: SourceSpec, sheets: list[str]) -> ChosenSheet:
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


def _open_sheet(book: Book, path: Path, title: str) -> ChosenSheet:
    grid = book.grid(title)
    place = f"sheet {title!r} of {path}"
    taken = count()
    rows = (row for row, _ in zip(_without_empty_end(grid.rows()), taken, strict=False))
    header = take_header(rows, place)
    table = Table(place, header, partial(_cells, path, grid, rows))
    return ChosenSheet(title, next(taken), table)


def _without_empty_end(rows: Iterator[Row]) -> Iterator[Row]:
    """Give rows up to the last that is not empty: Excel keeps empty ones at the end for their format."""
    empty = 0
    for row in rows:
        if is_empty(row):
            empty += 1
        else:
            yield from repeat([""] * len(row), empty)
            empty = 0
            yield row


def _cells(path: Path, grid: Grid, rows: Iterator[Row], places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Return the cells at these positions.

    Raises BadInput if there is a formula whose value nobody has computed.
    """
    missing = grid.uncomputed(places)
    if missing:
        raise BadInput(
            f"{path} does not hold the values of its formulas: {len(missing):,} cells that are needed look "
            f"empty, {missing[0]} first.\nOpen it in Excel or LibreOffice and save it, which computes them."
        )
    return (tuple(_text(row[place]) for place in places) for row in rows)


def _text(value: object) -> str:
    """Return a cell's text; a day reads as one that is stored with its time."""
    return f"{value} 00:00:00" if type(value) is date else text_of(value)
