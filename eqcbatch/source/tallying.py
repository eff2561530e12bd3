"""Rows of text -> the name, plan code and id of each -> occurrences with their rows and weight."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import itemgetter

from eqcbatch.errors import BadInput
from eqcbatch.names import lookup_key
from eqcbatch.records import Occurrence
from eqcbatch.source.columns import Layout, shown
from eqcbatch.source.spec import Tally
from eqcbatch.source.table import Table

Cells = tuple[str, ...]
Key = tuple[str, str, str]  # raw, plan code and id, "" where there is none
Sums = tuple[Mapping[Cells, int], Mapping[Cells, float]]  # rows and weight of what reads the same

_CHUNK = 250_000  # rows grouped together where fallback columns that are not used may vary


class _Blanks(dict[str, bool]):
    """Which names are blank (their key is empty), found out once a name."""

    def __missing__(self, name: str) -> bool:
        self[name] = blank = not lookup_key(name)
        return blank


def tally(table: Table, layout: Layout) -> Tally:
    """Count a table's occurrences. Memory grows with what is distinct, not with the rows."""
    rows = table.rows(_places(layout))
    key_of, group = _keys(layout), _grouping(layout, table.place)
    totals: dict[Key, tuple[int, float]] = {}
    for counts, weights in _chunks(rows, layout, group):
        for cells, count in counts.items():
            key = key_of(cells)
            before = totals.get(key, (0, 0.0))
            totals[key] = before[0] + count, before[1] + weights[cells]
    return _in_order(totals)


def keys(table: Table, layout: Layout) -> Iterator[Key]:
    """Give the key of each row in order; of rows that a tally counts together it is the same."""
    return map(_keys(layout), table.rows(_places(layout)))


def _places(layout: Layout) -> list[int]:
    optional = (layout.plan_code, layout.known_id, layout.weight, layout.count)
    return [*layout.names, *(place for place in optional if place is not None)]


def _chunks(
    rows: Iterator[Cells], layout: Layout, group: Callable[[Iterator[Cells]], Sums]
) -> Iterator[Sums]:
    """Group all rows at once, or chunk by chunk where much of what differs may not be used."""
    size = None if len(layout.names) == 1 else _CHUNK
    while (sums := group(islice(rows, size)))[0]:
        yield sums


def _in_order(totals: dict[Key, tuple[int, float]]) -> Tally:
    occurrences = tuple(
        Occurrence(raw, plan_code or None, known_id or None, rows, weight)
        for (raw, plan_code, known_id), (rows, weight) in sorted(totals.items(), key=itemgetter(0))
        if rows
    )
    return Tally(sum(rows for rows, _ in totals.values()), occurrences)


def _keys(layout: Layout) -> Callable[[Cells], Key]:
    """Return what makes of a row's cells the first name that is not blank, plan code and id."""
    width = len(layout.names)
    has_plan_code, has_id = layout.plan_code is not None, layout.known_id is not None
    blanks = _Blanks()

    def key_of(cells: Cells) -> Key:
        plan_code = cells[width].strip() if has_plan_code else ""
        known_id = cells[width + has_plan_code].strip() if has_id else ""
        for name in cells[:width]:
            if not blanks[name]:
                return name, plan_code, known_id
        return "", plan_code, known_id

    return key_of


def _grouping(layout: Layout, place: str) -> Callable[[Iterator[Cells]], Sums]:
    """Return what sums up rows that read the same, in the way their columns call for."""
    if layout.weight is None and layout.count is None:
        return _group
    width = len(layout.names) + (layout.plan_code is not None) + (layout.known_id is not None)

    def group(rows: Iterator[Cells]) -> Sums:
        counts: dict[Cells, int] = defaultdict(int)
        weights: dict[Cells, float] = defaultdict(float)
        for cells in rows:
            key = cells[:width]
            count = 1 if layout.count is None else _count(cells[-1], cells[0], place)
            counts[key] += count
            weights[key] += count if layout.weight is None else _weight(cells[width])
        return counts, weights

    return group


def _group(rows: Iterator[Cells]) -> Sums:
    counts = Counter(rows)
    return counts, {cells: float(count) for cells, count in counts.items()}


def _weight(text: str) -> float:
    """Return a weight; what is no number, infinite or negative weighs nothing."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 < weight < math.inf else 0.0


def _count(text: str, name: str, place: str) -> int:
    try:
        count = float(text)
    except ValueError:
        count = -1.0
    if count < 0 or not count.is_integer():
        raise BadInput(
            f"{place} has the count {shown(text)} for {shown(name)}.\n"
            "In a counted source every row is a name and a whole number of rows: mend it."
        )
    return int(count)
