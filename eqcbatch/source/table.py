"""What every kind of file is turned into: a header and rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from eqcbatch.domain.model import Group, Remark, RemarkKind, Remarks, TableRead, UnreadSheet
from eqcbatch.domain.names import EXACT_FLOATS
from eqcbatch.errors import BadInput
from eqcbatch.source.excel.grid import column_letters
from eqcbatch.source.remarks import RemarkCounter, merged

Groups = Callable[[Sequence[int]], "Iterator[Group] | None"]


def no_groups(_places: Sequence[int]) -> None:
    """Groups of a table whose rows must be counted one by one."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is open for reading, once.

    place: what messages call it. header: the column names, stripped, "" for a nameless column.
    rows: gives the cells of the columns at these positions, row by row, as text.
    groups: gives the same counted, without the rows; None where they must be counted one by one.
    header_row: the number of the header's last row, from 1; None where no row holds it. sheet: the title
    of a workbook's. remarks: what is noticed as the table is read.
    """

    place: str
    header: tuple[str, ...]
    rows: Callable[[Sequence[int]], Iterator[tuple[str, ...]]]
    groups: Groups = no_groups
    header_row: int | None = None
    sheet: str | None = None
    remarks: RemarkCounter = field(default_factory=RemarkCounter)

    def where(self, row: int, column: int) -> str:
        """Return how people find a cell. row: of the data, from 0. column: from 0."""
        number = (self.header_row or 0) + 1 + row
        return f"row {number}" if self.sheet is None else f"{self.sheet}!{column_letters(column)}{number}"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a file that are read, one of a file without sheets; and the sheets that are not."""

    read: tuple[Table, ...]
    unread: tuple[UnreadSheet, ...] = ()

    def remarks(self, rows: Sequence[int], inside: str) -> Remarks:
        """Return what was read and noticed.

        rows: how many data rows each of the tables has. inside: what the file is, if its name belies it.
        """
        read = tuple(
            TableRead(table.sheet, table.header_row, count)
            for table, count in zip(self.read, rows, strict=True)
        )
        belied = (Remark(RemarkKind.OTHER_KIND, inside, 1),) if inside else ()
        return Remarks(read, self.unread, belied + merged(table.remarks for table in self.read))


def text_of(value: object) -> str:
    """Return a cell's text: "" for None and NaN, whole numbers without a decimal point.

    Floats that may stand for several whole numbers show that: they have an exponent.
    """
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < EXACT_FLOATS else f"{value:.16E}"
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)


def is_empty(row: Iterable[object]) -> bool:
    """Tell whether no cell of a row holds more than whitespace."""
    return not any(text_of(cell).strip() for cell in row)


def no_header(place: str, asked: int | None = None) -> BadInput:
    """Return what is told of a table that is empty, or is so in the row that was asked for."""
    if asked is not None:
        return BadInput(
            f"There is nothing in row {asked} of {place}, which --header-row names as the header."
        )
    return BadInput(
        f"{place} is empty: it has no header. The first line must name the columns, and one of "
        "them must hold the customers."
    )
