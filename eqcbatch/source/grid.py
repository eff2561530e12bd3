"""What a workbook is to the rest: sheets by title, and each a grid of cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Row = Sequence[object]  # of str, int, float, bool, datetime and the like; "" or None for an empty cell


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """What a cell holds whose formula went wrong. text: as it is shown, such as `#N/A`."""

    text: str


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
    """The cells of a sheet."""

    def rows(self) -> Iterator[Row]:
        """Give all rows from the first on, empty or not, of one width."""

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""

    def uncomputed(self, columns: Collection[int]) -> list[str]:
        """Return the places, such as B7, of formulas in these columns whose values the file does not hold."""


class Book(Protocol):
    """A workbook that is open. sheets: its worksheets in the order of their tabs."""

    sheets: tuple[SheetName, ...]

    def grid(self, title: str) -> Grid:
        """Return the cells of a sheet."""


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
