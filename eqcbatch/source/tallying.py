"""Groups of rows, wherever they were grouped -> occurrences with their rows and weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from eqcbatch.names import storable
from eqcbatch.records import Group, Occurrence
from eqcbatch.source.columns import Layout, locate
from eqcbatch.source.keys import LookupKeys, key_reader
from eqcbatch.source.spec import SourceSpec, Tally

Keyed = tuple[str, str, str, str]  # lookup key, raw, plan code and id, "" where there is none


def tally(groups: Iterable[Group], spec: SourceSpec, layout: Layout) -> Tally:
    """Count the occurrences in groups of a source's `layout.telling` cells.

    Groups of one key are one occurrence. Memory grows with what is distinct, not with the rows.
    """
    lookup_keys = LookupKeys()
    key_of = key_reader(spec, layout, lookup_keys)
    rows: dict[Keyed, int] = {}
    weights: dict[Keyed, float] = {}  # where they are not the rows
    for cells, count, weight in groups:
        raw, plan_code, known_id = key_of(cells)
        key = lookup_keys[raw], storable(raw), plan_code, known_id
        before = rows.get(key, 0)
        rows[key] = before + count
        if weight != count or key in weights:
            weights[key] = weights.get(key, before) + weight
    counted = sorted(filter(itemgetter(1), rows.items()), key=itemgetter(0))
    return Tally(
        sum(rows.values()),
        tuple(_occurrences(counted, weights)),
        tuple(lookup_key for (lookup_key, *_), _ in counted),
    )


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


def _occurrences(counted: Iterable[tuple[Keyed, int]], weights: dict[Keyed, float]) -> Iterator[Occurrence]:
    for key, rows in counted:
        _, raw, plan_code, known_id = key
        weight = float(weights.get(key, rows) if weights else rows)
        yield Occurrence(raw, plan_code or None, known_id or None, rows, weight)
