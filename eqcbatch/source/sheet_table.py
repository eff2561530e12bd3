"""A sheet as a table: its header, and its cells as text, in which merged cells stand in all their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from operator import itemgetter
from pathlib import Path

from eqcbatch.domain.model import RemarkKind
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.source.columns import locate
from eqcbatch.source.excel.grid import UNCOMPUTED, Book, Grid, Merge, Row, column_letters, is_filled
from eqcbatch.source.header import Cells, Header, find_header, head_of
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, text_of


@dataclass(frozen=True, slots=True)
class PeekedSheet:
    """A sheet whose first rows were looked at. place: what messages call it. header: None if it is empty."""

    title: str
    place: str
    grid: Grid
    head: Sequence[Cells]
    merges: Sequence[Merge]
    header: Header | None


def peek(book: Book, path: Path, title: str, spec: SourceSpec) -> PeekedSheet:
    """Look for the header of a sheet."""
    grid = book.grid(title)
    head, merges = head_of(grid.rows(), spec), grid.merges()
    header = find_header(spec, head, merges)
    return PeekedSheet(title, f"sheet {title!r} of {path}", grid, head, merges, header)


def has_names(sheet: PeekedSheet, spec: SourceSpec) -> bool:
    """Tell whether a sheet has the columns of the names, whatever else it lacks."""
    names = SourceSpec(spec.location, spec.columns, counted=spec.counted)
    header = find_header(names, sheet.head, sheet.merges)
    return header is not None and not header.missing


def table_of(sheet: PeekedSheet, path: Path, spec: SourceSpec) -> Table:
    """Return a sheet with a header as a table."""
    assert sheet.header
    names, top = sheet.header.names, sheet.header.last_row
    layout = locate(spec, sheet.place, names)
    amounts = {layout.weight, layout.count}  # a merged one would count for each of its rows
    merges = [
        merge
        for merge in sheet.merges
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


def _rows(
    path: Path, grid: Grid, top: int, merges: Sequence[Merge], places: Sequence[int]
) -> Iterator[tuple[str, ...]]:
    """Give the cells at these positions, of all rows below the header.

    Raises BadInput at their end if there is a formula whose value nobody has computed.
    """
    missing: list[str] = []
    needed = [merge for merge in merges if merge.first_column in places]
    rows = grid.cells(places, top)
    for number, cells in enumerate(_filled(rows, top, needed, places) if needed else rows, top + 1):
        if UNCOMPUTED in cells:
            found = zip(cells, places, strict=True)
            missing += [f"{column_letters(place)}{number}" for cell, place in found if cell is UNCOMPUTED]
        else:
            yield tuple(map(text_of, cells))
    if missing:
        raise BadInput(
            f"{path} does not hold the values of its formulas: {count(len(missing), 'cell')} without one, "
            f"{missing[0]} first.\nOpen it in Excel or LibreOffice and save it, which computes them."
        )


def _filled(rows: Iterator[Row], top: int, merges: Sequence[Merge], places: Sequence[int]) -> Iterator[Row]:
    """Give rows in which what is merged over several stands in each of them, to the last of these."""
    starting: dict[int, list[Merge]] = {}
    for merge in merges:
        starting.setdefault(merge.first_row, []).append(merge)
    standing: dict[int, tuple[int, object]] = {}  # of a column: down to which row, and what
    end = 0
    for number, row in enumerate(chain(rows, repeat(())), top + 1):
        if not row and number > end:
            return
        cells = dict(zip(places, row or repeat(None), strict=False))
        for column, (last, value) in list(standing.items()):
            if number <= last:
                cells[column] = value
            else:
                del standing[column]
        for merge in starting.get(number, ()):
            value = cells[merge.first_column]
            standing[merge.first_column] = merge.last_row, value
            end = max(end, merge.last_row if is_filled(value) else 0)
        yield [cells[place] for place in places]
