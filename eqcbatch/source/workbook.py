"""Workbooks: the sheet that has the columns, and its cells as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import listed, missing_columns, nearest, shown
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, is_empty, take_header, text_of

Row = tuple[object, ...]

_LISTED = 5  # sheets that a message names with their columns at most


@contextmanager
def open_workbook(path: Path, spec: SourceSpec) -> Iterator[Table]:
    """Open the asked sheet of a workbook, else its first sheet that has all asked columns."""
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            table = _choose(book, path, spec)
    except (CalamineError, ValueError) as error:
        raise BadInput(
            f"{path} is no workbook, is damaged or has a password ({' '.join(str(error).split())})."
            "\nOpen it in Excel and save it as .xlsx without a password, or as CSV UTF-8."
        ) from error
    yield table


def _choose(book: pd.ExcelFile, path: Path, spec: SourceSpec) -> Table:
    sheets = [str(name) for name in book.sheet_names]
    if spec.sheet is not None:
        if spec.sheet not in sheets:
            raise BadInput(
                f"{path} has no sheet {shown(spec.sheet)}.\n"
                f"Its sheets are {listed(sheets)}.{nearest(spec.sheet, sheets)}"
            )
        return _open_sheet(book, path, spec.sheet)
    return _first_fitting(book, path, spec, sheets)


def _first_fitting(book: pd.ExcelFile, path: Path, spec: SourceSpec, sheets: list[str]) -> Table:
    headers: dict[str, tuple[str, ...]] = {}
    for sheet in sheets:
        try:
            table = _open_sheet(book, path, sheet)
        except BadInput:  # an empty sheet
            continue
        if not missing_columns(spec, table.header):
            return table
        headers[sheet] = table.header
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


def _open_sheet(book: pd.ExcelFile, path: Path, sheet: str) -> Table:
    """Read a sheet whole. Empty rows at its end, which Excel keeps for their format, are none."""
    frame = pd.read_excel(
        book, sheet_name=sheet, header=None, dtype=object, keep_default_na=False, na_filter=False
    )
    data: list[Row] = list(frame.itertuples(index=False, name=None))
    while data and is_empty(data[-1]):
        data.pop()
    place = f"sheet {sheet!r} of {path}"
    rows = iter(data)
    return Table(place, take_header(rows, place), partial(_cells, rows))


def _cells(rows: Iterator[Row], places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    return (tuple(text_of(row[place]) for place in places) for row in rows)
