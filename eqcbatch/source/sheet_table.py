"""A sheet as a table: its header, and its cells as text, in which merged cells stand in all their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, islice, repeat
from operator import itemgetter
from pathlib import Path

from eqcbatch.domain.model import RemarkKind
from eqcbatch.errors import BadInput
from eqcbatch.source.columns import locate
from eqcbatch.source.grid import Book, Grid, Merge, Row, column_letters
from eqcbatch.source.header import Cells, Header, find_header, head_of
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, is_empty, text_of


@dataclass(frozen=True, slots=True)
class PeekedSheet:
    """A sheet whose first rows were looked at. place: what messages call it. header: None if it is empty."""

    title: str
    place: str
    grid: Grid
    head: Sequence[Cells]
    header: Header | None


def peek(book: Book, path: Path, title: str, spec: SourceSpec) -> PeekedSheet:
    """Look for the header of a sheet."""
    grid = book.grid(title)
    head = head_of(_without_empty_end(grid.rows()), spec)
    return PeekedSheet(
        title, f"sheet {title!r} of {path}", grid, head, find_header(spec, head, grid.merges())
    )


def has_names(sheet: PeekedSheet, spec: SourceSpec) -> bool:
    """Tell whether a sheet has the columns of the names, whatever else it lacks."""
    names = SourceSpec(spec.location, spec.columns, counted=spec.counted)
    header = find_header(names, sheet.head, sheet.grid.merges())
    return header is not None and not header.missing


def table_of(sheet: PeekedSheet, path: Path, spec: SourceSpec) -> Table:
    """Return a sheet with a header as a table."""
    assert sheet.header
    names, top = sheet.header.names, sheet.header.last_row
    layout = locate(spec, sheet.place, names)
    amounts = {layout.weight, layout.count}  # a merged one would count for each of its rows
    merges = [
        merge
        for merge in sheet.grid.merges()
        if merge.first_row > top and merge.last_row > merge.first_row and merge.first_column not in amounts
    ]
    table = Table(
        sheet.place,
        names,
        partial(_rows, path, sheet.grid, top, merges),
        header_row=top,
        sheet=sheet.title,
    )
    for merge in sorted(merges, key=itemgetter(2, 0)):  # by column, then by row
        if merge.first_column in layout.telling:
            column, letters = names[merge.first_column], column_letters(merge.first_column)
            table.remarks.note(
                RemarkKind.MERGED_CELLS, column, f"{letters}{merge.first_row}:{letters}{merge.last_row}"
            )
    return table


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


def _rows(
    path: Path, grid: Grid, top: int, merges: Sequence[Merge], places: Sequence[int]
) -> Iterator[tuple[str, ...]]:
    """Return the cells at these positions, of all rows below the header.

    Raises BadInput if there is a formula whose value nobody has computed.
    """
    missing = grid.uncomputed(places)
    if missing:
        raise BadInput(
            f"{path} does not hold the values of its formulas: {len(missing):,} cells that are needed look "
            f"empty, {missing[0]} first.\nOpen it in Excel or LibreOffice and save it, which computes them."
        )
    rows = islice(_without_empty_end(grid.rows()), top, None)
    needed = [merge for merge in merges if merge.first_column in places]
    filled = _filled(rows, top, needed) if needed else rows
    return (tuple(_text(row[place]) if place < len(row) else "" for place in places) for row in filled)


def _filled(rows: Iterator[Row], top: int, merges: Sequence[Merge]) -> Iterator[Row]:
    """Give rows in which what is merged over several stands in each of them, to the last of these."""
    starting: dict[int, list[Merge]] = {}
    for merge in merges:
        starting.setdefault(merge.first_row, []).append(merge)
    standing: dict[int, tuple[int, object]] = {}  # of a column: down to which row, and what
    end = 0
    for number, row in enumerate(chain(rows, repeat([])), top + 1):
        if not row and number > end:
            return
        full = [*row, *[""] * (1 + max(standing, default=-1) - len(row))]
        for column, (last, value) in list(standing.items()):
            if number <= last:
                full[column] = value
            else:
                del standing[column]
        for merge in starting.get(number, ()):
            value = row[merge.first_column] if merge.first_column < len(row) else ""
            standing[merge.first_column] = merge.last_row, value
            end = max(end, merge.last_row if text_of(value).strip() else 0)
        yield full


def _text(value: object) -> str:
    """Return a cell's text; a day reads as one that is stored with its time."""
    return f"{value} 00:00:00" if type(value) is date else text_of(value)
