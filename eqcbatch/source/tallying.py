"""Groups of rows, wherever they were grouped -> occurrences with their rows and weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from eqcbatch.records import Group, Occurrence
from eqcbatch.source.columns import Layout, locate
from eqcbatch.source.keys import Key, LookupKeys, key_reader
from eqcbatch.source.spec import SourceSpec, Tally


def tally(groups: Iterable[Group], spec: SourceSpec, layout: Layout) -> Tally:
    """Count the occurrences in groups of a source's `layout.telling` cells.

    Groups of one key are one occurrence. Memory grows with what is distinct, not with the rows.
    """
    lookup_keys = LookupKeys()
    key_of = key_reader(spec, layout, lookup_keys)
    rows: dict[Key, int] = {}
    weights: dict[Key, float] = {}  # where they are not the rows
    for cells, count, weight in groups:
        key = key_of(cells)
        before = rows.get(key, 0)
        rows[key] = before + count
        if weight != count or key in weights:
            weights[key] = weights.get(key, before) + weight
    total = sum(rows.values())
    return Tally(total, tuple(_in_order(rows, weights)), lookup_keys)


def tally_query(
    spec: SourceSpec,
    header: Sequence[str],
    groups_by: Callable[[Sequence[int], int | None], Iterable[Group]],
) -> Tally:
    """Count what a query names, grouped where it runs; BadInput if it lacks an asked column.

    header: the names of its columns. groups_by: groups its rows by the columns at these positions, and
    sums up the weight in the column at the last one, if there is one.
    """
    layout = locate(spec, "The query", tuple(name.strip() for name in header))
    return tally(groups_by(layout.telling, layout.weight), spec, layout)


def _in_order(rows: dict[Key, int], weights: dict[Key, float]) -> Iterator[Occurrence]:
    """Take the keys off in their order, so that they are not kept twice."""
    for key in sorted(rows):
        raw, plan_code, known_id = key
        if count := rows.pop(key):
            weight = float(weights.get(key, count))
            yield Occurrence(raw, plan_code or None, known_id or None, count, weight)
