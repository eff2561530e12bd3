"""Rows of text -> groups: what reads the same, with its rows and their weight."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import chain, islice

from eqcbatch.domain.model import Group
from eqcbatch.errors import BadInput
from eqcbatch.source.columns import Layout, shown
from eqcbatch.source.keys import Cells
from eqcbatch.source.table import Table

Sums = tuple[dict[Cells, int], dict[Cells, float]]  # rows of what reads the same, and weights if not these

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
    return len(layout.names) == 1 and not layout.conditions


def _grouped_texts(table: Table, layout: Layout) -> Iterator[Group]:
    """One cell a row: texts are counted in less time than tuples of one."""
    counts = Counter(chain.from_iterable(table.rows(layout.telling)))
    while counts:  # what is passed on need not be kept
        text, count = counts.popitem()
        yield Group((text,), count, count)


def _grouped_cells(table: Table, layout: Layout) -> Iterator[Group]:
    amounts = (place for place in (layout.weight, layout.count) if place is not None)
    rows = table.rows((*layout.telling, *amounts))
    sum_up = _summing(layout, table.place)
    size = None if _all_cells_tell(layout) else _CHUNK
    while (sums := sum_up(islice(rows, size)))[0]:
        counts, weights = sums
        while counts:
            cells, count = counts.popitem()
            yield Group(cells, count, weights[cells] if weights else count)


def _summing(layout: Layout, place: str) -> Callable[[Iterator[Cells]], Sums]:
    """Return what sums up rows that read the same, in the way their columns call for."""
    if layout.weight is None and layout.count is None:
        return _counted
    width = len(layout.telling)

    def sum_up(rows: Iterator[Cells]) -> Sums:
        counts: dict[Cells, int] = defaultdict(int)
        weights: dict[Cells, float] = defaultdict(float)
        for cells in rows:
            key = cells[:width]
            count = 1 if layout.count is None else _count(cells[-1], cells[0], place)
            counts[key] += count
            weights[key] += count if layout.weight is None else _weight(cells[width])
        return counts, weights

    return sum_up


def _counted(rows: Iterator[Cells]) -> Sums:
    return Counter(rows), {}


def _weight(text: str) -> float:
    """Return a weight; what is no number, infinite or negative weighs nothing."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return min(weight, _MOST) if 0 < weight < math.inf else 0.0


def _count(text: str, name: str, place: str) -> int:
    try:
        count = float(text)
    except ValueError:
        count = -1.0
    if not 0 <= count <= _MOST or not count.is_integer():
        raise BadInput(
            f"{place} has the count {shown(text)} for {shown(name)}.\n"
            "In a counted source every row is a name and a whole number of rows: mend it."
        )
    return int(count)
