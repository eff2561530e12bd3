"""Where a table's header stands: the row that has the asked columns, in which names may stand in two rows.

| what stands above the data                        | the header                                     |
|---------------------------------------------------|------------------------------------------------|
| `客户名称`, `规模`                                | this row                                       |
| a title in a row or several, then the names       | the row of the names                           |
| merged titles over several columns, then names    | the row of the names: a title is no name       |
| `客户名称` over two rows, beside it `规模` over   | both rows: of each column the lowest name that |
| `期初` and `期末`                                 | is not blank                                   |
| a name merged over columns, of which one has data | this row: it names the column with the data    |

Pure: rows of text and merged cells -> a header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eqcbatch.errors import BadInput
from eqcbatch.settings import DEFAULT_COLUMN
from eqcbatch.source.columns import (
    asked_columns,
    listed,
    missing_columns,
    nearest,
    other_choice,
    places_of,
    shown,
)
from eqcbatch.source.excel.grid import Merge
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import is_empty, text_of

LOOKED_AT = 20  # rows that are not empty
_SHOWN_ROWS, _SHOWN_CELLS = 5, 4  # of the rows that a message shows

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns are named.

    names: the column names, stripped, "" for a nameless column. last_row: the number of the last row
    that holds some, from 1. missing: the asked columns that are not among them.
    """

    names: Cells
    last_row: int
    missing: tuple[str, ...] = ()


def head_of(rows: Iterator[Sequence[object]], spec: SourceSpec) -> list[Cells]:
    """Take as many rows as a header is looked for in, as stripped text: `find_header` gets them."""
    head: list[Cells] = []
    full = 0
    for row in rows:
        head.append(tuple(text_of(cell).strip() for cell in row))
        full += not is_empty(row)
        if full > LOOKED_AT and len(head) > (spec.header_row or 0):
            break
    return head


def find_header(spec: SourceSpec, head: Sequence[Cells], merges: Iterable[Merge] = ()) -> Header | None:
    """Find the header: the first that has all asked columns, else the likeliest; None where nothing is.

    head: the table's first rows. merges: its merged cells.
    """
    rows = _Rows(spec, head, merges)
    if spec.header_row is not None:
        number = spec.header_row
        if number > len(head) or not any(head[number - 1]):
            return None
        headers = [*rows.headers_at(number), rows.with_wide_names(number)]
        return _first_fitting(spec, headers) or _judged(spec, headers[0])
    full = [number for number, row in enumerate(head, 1) if any(row)][:LOOKED_AT]
    if not full:
        return None
    singles = [header for number in full for header in rows.headers_from(number)]
    pairs = (rows.combined(upper, upper + 1) for upper in full if upper + 1 in full)
    wide = (rows.with_wide_names(number) for number in full)
    fitting = (_first_fitting(spec, headers) for headers in (singles, pairs, wide))
    return next(filter(None, fitting), None) or _likeliest(spec, singles)


def expect_columns(spec: SourceSpec, place: str, head: Sequence[Cells], header: Header) -> None:
    """Raise BadInput if a header lacks an asked column; the message shows what was seen."""
    if not header.missing:
        return
    asked = header.missing[0]
    close = nearest(asked, header.names) + other_choice(spec, asked)
    full = [number for number, row in enumerate(head, 1) if any(row)][:LOOKED_AT]
    if spec.header_row is not None:
        raise BadInput(
            f"{place} has no column {shown(asked)} in row {spec.header_row}.\n"
            f"There it has {listed(header.names) or 'nothing'}.{close}"
        )
    if header.last_row == full[0] and (len(list(filter(None, header.names))) > 1 or len(full) == 1):
        raise BadInput(
            f"{place} has no column {shown(asked)}.\nIts columns are {listed(header.names)}.{close}"
        )
    raise BadInput(
        f"{place} has no column {shown(asked)} in its first {len(full)} rows.\n"
        f"It has {_rows_shown(head, full)}.{close} --header-row N says where the columns are named."
    )


def _rows_shown(head: Sequence[Cells], full: Sequence[int]) -> str:
    texts = []
    for number in full[:_SHOWN_ROWS]:
        cells = [cell for cell in head[number - 1] if cell]
        more = ", ..." if len(cells) > _SHOWN_CELLS else ""
        texts.append(f"in row {number} {', '.join(map(shown, cells[:_SHOWN_CELLS]))}{more}")
    return "; ".join(texts)


def _judged(spec: SourceSpec, header: Header) -> Header:
    return Header(header.names, header.last_row, tuple(missing_columns(spec, header.names)))


def _first_fitting(spec: SourceSpec, headers: Iterable[Header]) -> Header | None:
    """Return the first with all asked columns; of a counted source, one that names them comes first."""
    fitting = (header for header in headers if not missing_columns(spec, header.names))
    if not spec.counted:
        return next(fitting, None)
    return min(fitting, key=lambda header: not places_of(DEFAULT_COLUMN, header.names), default=None)


def _likeliest(spec: SourceSpec, headers: Sequence[Header]) -> Header:
    """Return the first of those that name the most columns: numbers are no names."""

    def named(header: Header) -> int:
        return len({name for name in header.names if name and not _is_number(name)})

    return _judged(spec, max(headers, key=named))


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").rstrip("%"))
    except ValueError:
        return False
    return True


class _Rows:
    """The first rows of a table with its merged cells."""

    def __init__(self, spec: SourceSpec, head: Sequence[Cells], merges: Iterable[Merge]) -> None:
        self._spec = spec
        self._head = head
        self._merges = [merge for merge in merges if merge.first_row <= len(head)]
        self._spans = {(merge.first_row, merge.first_column, merge.last_column) for merge in self._merges}

    def headers_from(self, number: int) -> list[Header]:
        """Return the headers that may begin in a row: that with what stands below it first."""
        last = self._end_of(number)
        whole = [self.combined(number, last)] if last > number else []
        return [*whole, Header(self._names(number), number)]

    def headers_at(self, number: int) -> list[Header]:
        """Return the headers that may end in a row, or hold it: by itself, then with the row above it."""
        last = max([number, *(merge.last_row for merge in self._tall(number))])
        itself = self.combined(number, last)
        return [itself, self.combined(number - 1, last)] if number > 1 else [itself]

    def with_wide_names(self, number: int) -> Header:
        """Return the header of a row in which what is merged over columns names the one that has data."""
        names = [*self._names(number)]
        for merge in self._titles(number):
            columns = range(merge.first_column, merge.last_column + 1)
            below = self._head[merge.last_row :]
            filled = {place for row in below for place in columns if any(row[place : place + 1])}
            if len(filled) == 1:
                names[filled.pop()] = self._head[number - 1][merge.first_column]
        return Header(tuple(names), max([number, *(merge.last_row for merge in self._titles(number))]))

    def combined(self, first: int, last: int) -> Header:
        """Return the header of these rows: of each column the lowest name that is not blank."""
        names: list[str] = []
        for number in range(first, min(last, len(self._head)) + 1):
            row = self._names(number)
            names += [""] * (len(row) - len(names))
            names[: len(row)] = [name or above for name, above in zip(row, names, strict=False)]
        return Header(tuple(names), last)

    def _names(self, number: int) -> Cells:
        """Return what a row names: merged cells, too, but no titles over several columns."""
        names = list(self._head[number - 1])
        for merge in self._merges:
            if merge.first_row <= number <= merge.last_row:
                above = self._head[merge.first_row - 1]
                names += [""] * (merge.last_column + 1 - len(names))
                width = merge.last_column + 1 - merge.first_column
                names[merge.first_column : merge.last_column + 1] = [""] * width
                if not self._is_title(merge) and merge.first_column < len(above):
                    names[merge.first_column] = above[merge.first_column]
        return tuple(names)

    def _is_title(self, merge: Merge) -> bool:
        """Whether it stands over several columns: what is merged alike below it is one column, shown wide."""
        wide = merge.last_column > merge.first_column
        return wide and (merge.last_row + 1, merge.first_column, merge.last_column) not in self._spans

    def _end_of(self, number: int) -> int:
        """Return the last row of the header that begins in this one."""
        names, tall = self._names(number), self._tall(number)
        asked = [merge.last_row for merge in tall if self._is_asked(names[merge.first_column])]
        if asked:
            return max(asked)
        last = max((merge.last_row for merge in tall), default=self._end_of_titles(number))
        return last if self._only_names_below(number, last) else number

    def _is_asked(self, name: str) -> bool:
        return any(places_of(column, (name,)) for column in asked_columns(self._spec, ()))

    def _tall(self, number: int) -> list[Merge]:
        """Return the names in a row that are merged with cells below it."""
        names = self._names(number)
        return [
            merge
            for merge in self._merges
            if merge.first_row <= number < merge.last_row <= len(self._head)
            and merge.first_column == merge.last_column
            and names[merge.first_column]
        ]

    def _end_of_titles(self, number: int) -> int:
        """Return the row below those that have titles, from this one on."""
        while number < len(self._head) and self._titles(number):
            number += 1
        return number

    def _titles(self, number: int) -> list[Merge]:
        return [merge for merge in self._merges if merge.first_row == number and self._is_title(merge)]

    def _only_names_below(self, number: int, last: int) -> bool:
        """Whether all that stands below a row, down to another, names what its titles are over."""
        over = {
            place
            for merge in self._titles(number)
            for place in range(merge.first_column, merge.last_column + 1)
        }
        tall = {merge.first_column for merge in self._tall(number)}
        below = self.combined(number + 1, last).names
        named = {place for place, name in enumerate(below) if name and place not in tall}
        return bool(over) and named == over and not any(_is_number(below[place]) for place in over)
