"""What every kind of file is turned into: a header and rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from eqcbatch.errors import BadInput


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is open for reading, once.

    place: what messages call it. header: the column names, stripped, "" for a nameless column.
    rows: gives the cells of the columns at these positions, row by row, as text.
    """

    place: str
    header: tuple[str, ...]
    rows: Callable[[Sequence[int]], Iterator[tuple[str, ...]]]


def text_of(value: object) -> str:
    """Return a cell's text: "" for None and NaN, whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)


def is_empty(row: Iterable[object]) -> bool:
    """Tell whether no cell of a row holds more than whitespace."""
    return not any(text_of(cell).strip() for cell in row)


def take_header(rows: Iterator[Sequence[object]], place: str) -> tuple[str, ...]:
    """Take rows up to the first that is not empty, and return that one as column names."""
    for row in rows:
        if not is_empty(row):
            return tuple(text_of(cell).strip() for cell in row)
    raise BadInput(
        f"{place} is empty: it has no header. The first line must name the columns, and one of "
        "them must hold the customers."
    )
