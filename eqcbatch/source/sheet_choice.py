"""Which sheets of a workbook are read: those asked for, else the first that shows and has the columns."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import chain
from pathlib import Path

from eqcbatch.domain.model import RemarkKind, UnreadSheet
from eqcbatch.errors import BadInput
from eqcbatch.source.columns import listed, nearest, places_of, shown
from eqcbatch.source.excel.grid import Book
from eqcbatch.source.header import expect_columns
from eqcbatch.source.sheet_table import PeekedSheet, has_names, peek, table_of
from eqcbatch.source.spec import ALL_SHEETS, SourceSpec
from eqcbatch.source.table import Tables, no_header

_LISTED = 5  # sheets that a message names with their columns at most


def choose_sheets(book: Book, path: Path, spec: SourceSpec) -> Tables:
    """Open the sheets that a source means, in the order of their tabs.

    What does not show is read only where it is named. Raises BadInput if there is none, or one that is
    named lacks a column.
    """
    titles = [sheet.title for sheet in book.sheets]
    named = {_title(path, title, titles) for title in spec.sheets if title != ALL_SHEETS}
    showing = {sheet.title for sheet in book.sheets if sheet.visible}
    peeked = {title: peek(book, path, title, spec) for title in titles}
    for title in sorted(named, key=titles.index):
        _expect_fitting(peeked[title], spec)
    fitting = [title for title in titles if _fits(peeked[title])]
    chosen = [title for title in fitting if title in showing] if ALL_SHEETS in spec.sheets else []
    if not spec.sheets:
        chosen = [title for title in fitting if title in showing][:1]
    read = [title for title in titles if title in named or title in chosen]
    others = [peeked[title] for title in titles if title not in read]
    if not read:
        _expect_only_sheet(list(peeked.values()), spec)
        raise _no_sheet_fits(path, spec, list(peeked.values()), fitting)
    tables = tuple(table_of(peeked[title], path, spec) for title in read)
    if book.guessed:
        tables[0].remarks.note(RemarkKind.READ_AS, book.guessed)
    return Tables(
        tables,
        tuple(_unread(sheet, spec, showing) for sheet in others if has_names(sheet, spec)),
    )


def _unread(sheet: PeekedSheet, spec: SourceSpec, showing: Set[str]) -> UnreadSheet:
    assert sheet.header
    return UnreadSheet(sheet.title, sheet.title not in showing, next(iter(sheet.header.missing), None))


def _title(path: Path, asked: str, titles: Sequence[str]) -> str:
    places = places_of(asked, titles)
    if len(places) != 1:
        raise BadInput(
            f"{path} has no sheet {shown(asked)}.\nIts sheets are {listed(titles)}.{nearest(asked, titles)}"
        )
    return titles[places[0]]


def _fits(sheet: PeekedSheet) -> bool:
    return sheet.header is not None and not sheet.header.missing


def _expect_fitting(sheet: PeekedSheet, spec: SourceSpec) -> None:
    if sheet.header is None:
        raise no_header(sheet.place, spec.header_row)
    expect_columns(spec, sheet.place, sheet.head, sheet.header)


def _expect_only_sheet(sheets: Sequence[PeekedSheet], spec: SourceSpec) -> None:
    """Refuse the one sheet that holds anything, by what its rows are."""
    filled = [sheet for sheet in sheets if sheet.header]
    if len(filled) == 1:
        _expect_fitting(filled[0], spec)


def _no_sheet_fits(
    path: Path, spec: SourceSpec, sheets: Sequence[PeekedSheet], hidden: Sequence[str]
) -> BadInput:
    """Return what is told where no sheet that shows has the columns. hidden: those that have them."""
    headers = {sheet.title: sheet.header for sheet in sheets if sheet.header}
    if not headers and spec.header_row is not None:
        return no_header(f"any sheet of {path}", spec.header_row)
    if not headers:
        return BadInput(f"{path} has no header: all its sheets are empty.")
    if hidden:
        return BadInput(
            f"{path} has the column in sheets only that do not show: {listed(hidden)}.\n"
            f"Name the one that is meant: --sheet {hidden[0]}"
        )
    missing = min((header.missing for header in headers.values()), key=len)[0]
    columns = [
        f"sheet {shown(title)}{'' if header.last_row == 1 else f' (row {header.last_row})'}: "
        f"{listed(header.names)}"
        for title, header in headers.items()
    ]
    more = f"; and {len(columns) - _LISTED} more sheets" if len(columns) > _LISTED else ""
    close = nearest(missing, chain(*(header.names for header in headers.values())))
    return BadInput(
        f"{path} has no sheet with the column {shown(missing)}.\n"
        f"It has {'; '.join(columns[:_LISTED])}{more}.{close}"
    )
