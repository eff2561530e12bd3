"""Rows of text -> groups: what reads the same, with its rows and their weight."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import TypeVar

from eqcbatch.domain.model import Group, RemarkKind
from eqcbatch.errors import BadInput
from eqcbatch.source.cell_values import number_in, unit_in
from eqcbatch.source.columns import Layout, shown
from eqcbatch.source.keys import Cells
from eqcbatch.source.table import Table

Sums = tuple[dict[Cells, int], dict[Cells, float]]  # rows of what reads the same, and weights if not these

T = TypeVar("T")

_MOST = 10**12  # what one row may count for, or weigh: sums of them stay below SQLite's 2^63
_CHUNK = 250_000  # rows grouped together where columns that do not become part of a key may vary


def grouped(table: Table, layout: Layout) -> Iterator[Group]:
    """Group a table's rows by their `layout.telling` cells; a group may come again, chunk by chunk."""
    unweighted = layout.weight is None and layout.count is None
    if unweighted and _all_cells_tell(layout) and (groups := table.groups(layout.telling)) is not None:
        return groups
    alone = len(layout.telling) == 1 and unweighted
    return _grouped_texts(table, layout) if alone else _grouped_cells(table, layout)


def _all_cells_tell(layout: Layout) -> bool:
    """Whether every cell becomes part of a key, so that there are no more groups than keys."""
    return len(layout.names) == 1 and not (layout.conditions or layout.evidence)


def _grouped_texts(table: Table, layout: Layout) -> Iterator[Group]:
    """One cell a row: texts are counted in less time than tuples of one."""
    counts = Counter(chain.from_iterable(table.rows(layout.telling)))
    for text in _first_seen_first(counts):
        count = counts.pop(text)
        yield Group((text,), count, count)


def _grouped_cells(table: Table, layout: Layout) -> Iterator[Group]:
    amounts = (place for place in (layout.weight, layout.count) if place is not None)
    rows = table.rows((*layout.telling, *amounts))
    sum_up = _summing(layout, table)
    size = None if _all_cells_tell(layout) else _CHUNK
    while (sums := sum_up(islice(rows, size)))[0]:
        counts, weights = sums
        for cells in _first_seen_first(counts):
            count = counts.pop(cells)
            yield Group(cells, count, weights[cells] if weights else count)


def _first_seen_first(counts: Mapping[T, int]) -> Iterator[T]:
    """The keys of what is counted. What was passed on need not be kept, so its caller may take it out."""
    keys = list(counts)
    keys.reverse()
    while keys:
        yield keys.pop()


def _summing(layout: Layout, table: Table) -> Callable[[Iterator[Cells]], Sums]:
    """Return what sums up rows that read the same, in the way their columns call for."""
    if layout.weight is None and layout.count is None:
        return _counted
    width = len(layout.telling)
    weigh = _Weighing(table, layout.weight)

    def sum_up(rows: Iterator[Cells]) -> Sums:
        counts: dict[Cells, int] = defaultdict(int)
        weights: dict[Cells, float] = defaultdict(float)
        for cells in rows:
            key = cells[:width]
            count = 1 if layout.count is None else _count(cells[-1], cells[0], table.place)
            counts[key] += count
            weights[key] += count if layout.weight is None else weigh(cells[width])
        return counts, weights

    return sum_up


def _counted(rows: Iterator[Cells]) -> Sums:
    return Counter(rows), {}


class _Weighing:
    """Reads the weights of a table's rows, one after the other; what is no number above 0 weighs nothing."""

    def __init__(self, table: Table, column: int | None) -> None:
        self._table = table
        self._column = column or 0
        self._unit = unit_in(table.header[self._column])
        self._rows = -1

    def __call__(self, cell: str) -> float:
        self._rows += 1
        weight = number_in(cell, self._unit)
        if weight is None or weight < 0:
            self._note(RemarkKind.NO_NUMBERS if weight is None else RemarkKind.NEGATIVE_NUMBERS, cell.strip())
            return 0.0
        if weight > _MOST:
            self._note(RemarkKind.HUGE_NUMBERS, cell.strip())
        return min(weight, _MOST)

    def _note(self, kind: RemarkKind, cell: str) -> None:
        if cell:
            place = self._table.where(self._rows, self._column)
            self._table.remarks.note(kind, self._table.header[self._column], f"{place} {cell}")


def _count(text: str, name: str, place: str) -> int:
    count = number_in(text)
    if count is None or not 0 <= count <= _MOST or not count.is_integer():
        raise BadInput(
            f"{place} has the count {shown(text)} for {shown(name)}.\n"
            "In a counted source every row is a name and a whole number of rows: mend it."
        )
    return int(count)
