"""Groups of rows, wherever they were grouped -> occurrences with their rows and weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from eqcbatch.records import Group, Occurrence
from eqcbatch.source.columns import locate
from eqcbatch.source.keys import Cells, Key, key_reader
from eqcbatch.source.spec import SourceSpec, Tally


def tally(groups: Iterable[Group], key_of: Callable[[Cells], Key]) -> Tally:
    """Count the occurrences in groups. Memory grows with what is distinct, not with the rows.

    key_of: makes a key of a group's cells. Groups of one key are one occurrence.
    """
    totals: dict[Key, tuple[int, float]] = {}
    for cells, rows, weight in groups:
        key = key_of(cells)
        before = totals.get(key, (0, 0.0))
        totals[key] = before[0] + rows, before[1] + weight
    return _in_order(totals)


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
    return tally(groups_by(layout.telling, layout.weight), key_reader(spec, layout))


def _in_order(totals: dict[Key, tuple[int, float]]) -> Tally:
    occurrences = tuple(
        Occurrence(raw, plan_code or None, known_id or None, rows, weight)
        for (raw, plan_code, known_id), (rows, weight) in sorted(totals.items(), key=itemgetter(0))
        if rows
    )
    return Tally(sum(rows for rows, _ in totals.values()), occurrences)
