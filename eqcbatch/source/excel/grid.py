"""What a workbook is to the rest: sheets by title, and each a grid of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

Row = Sequence[
    object
]  # of str, float, bool, moments and durations, ErrorCell, Uncomputed; None for an empty cell


class ErrorCell(str):
    """What a cell holds whose formula went wrong, as it is shown: `#N/A`."""

    __slots__ = ()


class Uncomputed:
    """What a cell holds whose formula nobody has computed yet: there is one of it, compared by identity."""

    __slots__ = ()


UNCOMPUTED = Uncomputed()


class SheetName(NamedTuple):
    """A sheet by its title, and whether a person sees it."""

    title: str
    visible: bool


class Merge(NamedTuple):
    """Cells shown as one, which holds what the first has. Rows count from 1, columns from 0."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class Grid(Protocol):
    """The cells of a sheet, to its last row that is not empty."""

    def rows(self) -> Iterator[Row]:
        """Give all rows from the first on, empty or not; each ends with its last cell that is not empty."""

    def cells(self, columns: Sequence[int], below: int) -> Iterator[Row]:
        """Give the cells in these columns of all rows below one: in far less time than whole rows."""

    def filled_columns(self, first: int, below: int) -> set[int]:
        """Return the columns, from the first to be looked at on, that hold something below a row."""

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""


class Book(Protocol):
    """A workbook that is open.

    sheets: its worksheets in the order of their tabs. guessed: the encoding of its texts, where it had to be
    found out.
    """

    sheets: tuple[SheetName, ...]
    guessed: str

    def grid(self, title: str) -> Grid:
        """Return the cells of a sheet."""


def is_filled(cell: object) -> bool:
    """Tell whether a cell holds more than whitespace."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def column_letters(column: int) -> str:
    """Return how a column is called, such as AB. column: from 0."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def column_of(place: str) -> int:
    """Return the column of a place such as AB7, from 0."""
    column = 0
    for letter in place.rstrip("0123456789").upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
