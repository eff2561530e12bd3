"""Plan: a source's names go into the ledger, after one batch lookup of all that are undecided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import itemgetter

from eqcbatch.coverage import MAX_KEY_LENGTH, Coverage, Overrides, index_keys
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.index import Postgres
from eqcbatch.ledger import Ledger, Planning, storable
from eqcbatch.names import lookup_key, query_for
from eqcbatch.queue import mark_requests, take_requests
from eqcbatch.records import IndexKey, Known, Occurrence, PlannedName, PlannedRun, Run, Sighting
from eqcbatch.source import SourceSpec, Tally, tally_query

NO_OVERRIDES = Overrides()

Keyed = tuple[str, Occurrence]  # an occurrence with its lookup key, "" where it names nobody


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan came to.

    looked_up: names sent to the index, None where there is none. known: those it knew.
    uncounted: why their hit counts could not be raised (the plan stands all the same), None if they were.
    """

    run: Run
    looked_up: int | None
    known: int
    uncounted: str | None = None


def read_query(postgres: Postgres, spec: SourceSpec) -> tuple[SourceSpec, Tally]:
    """Count what the query of `spec` names, where its rows are; the spec then tells its database, too.

    BadInput if the query cannot be run, or lacks an asked column; PostgresUnavailable if its database
    cannot be reached.
    """
    with postgres.query(spec.query or "") as asked:
        spec = replace(spec, location=asked.place, query=asked.text)
        return spec, tally_query(spec, asked.header, asked.groups)


@dataclass(frozen=True, slots=True)
class QueuePlanReport:
    """What a plan of a queue came to. source: which queue. taken: how many requests came from it just now."""

    source: str
    taken: int
    plan: PlanReport


def plan_queue(
    ledger: Ledger,
    postgres: Postgres,
    limit: int | None,
    overrides: Overrides = NO_OVERRIDES,
    *,
    index: bool = True,
) -> QueuePlanReport:
    """Take up to `limit` requests (None: all that are pending) from the queue, and plan all that are ours.

    What is known at once is marked at once. index: whether names are looked up. Killed or failed anywhere,
    doing it again plans what was taken. PostgresUnavailable as `plan` has it.
    """
    taken = take_requests(ledger.queue, postgres, limit)
    source = f"queue {postgres.name}"
    occurrences = ledger.queue.occurrences(postgres.name)
    tally = Tally(sum(seen.rows for seen in occurrences), occurrences)
    options = {"queue": True, "limit": limit}
    planned = plan(ledger.planning, tally, source, options, postgres if index else None, overrides)
    mark_requests(ledger.queue, postgres)
    return QueuePlanReport(source, taken, planned)


def plan(
    planning: Planning,
    tally: Tally,
    source: str,
    options: Mapping[str, object],
    postgres: Postgres | None,
    overrides: Overrides = NO_OVERRIDES,
) -> PlanReport:
    """Write the names of `tally` into the ledger as the current run of `source`.

    options: how the source was read, kept for the record. postgres: where the index is; None looks
    nothing up. overrides: ids set by hand. PostgresUnavailable before anything is written.
    """
    named, blanks = _keyed(tally)
    names = {key for key, _ in named}
    undecided = (planning.undecided_keys() | set(filter(_askable, names))) - planning.decided_keys()
    found = _look_up(index_keys(undecided - overrides.by_name.keys(), chain(named, blanks)), postgres)
    coverage = Coverage(overrides, found, planning.cached_names())
    known = {key: cover for key in undecided if (cover := coverage.of_name(key))}
    rows = {seen: cover for key, seen in chain(named, blanks) if (cover := coverage.of_row(key, seen))}
    run = planning.record(
        PlannedRun(
            source=source,
            rows=tally.rows,
            blank_rows=sum(seen.rows for _, seen in blanks),
            blank_covered=sum(seen.rows for _, seen in blanks if seen in rows),
            distinct_raw=_count_distinct(seen.raw for seen in tally.occurrences if seen.raw),
            distinct_names=len(names),
            options=options,
        ),
        _plan_names(named, planning.variants_elsewhere(source), known),
        (Sighting(key, seen, rows.get(seen)) for key, seen in named),
        (Sighting("", seen, rows[seen]) for _, seen in blanks if seen in rows),
        known,
    )
    used = {cover.index_key for cover in chain(known.values(), rows.values()) if cover.index_key}
    uncounted = _count_hits(used, postgres)
    return PlanReport(run, len(undecided) if postgres else None, len(known), uncounted)


def _keyed(tally: Tally) -> tuple[list[Keyed], list[Keyed]]:
    """The occurrences with their lookup keys, in the order of these, and those that name nobody."""
    keyed = [_with_key(seen, tally.lookup_keys) for seen in tally.occurrences]
    keyed.sort(key=itemgetter(0))
    blanks = bisect_right(keyed, "", key=itemgetter(0))
    return keyed[blanks:], keyed[:blanks]


def _with_key(seen: Occurrence, lookup_keys: Mapping[str, str]) -> Keyed:
    raw = storable(seen.raw)
    key = lookup_keys.get(raw)
    return lookup_key(raw) if key is None else key, seen if raw == seen.raw else replace(seen, raw=raw)


def _askable(key: str) -> bool:
    return len(key) <= MAX_KEY_LENGTH and "\0" not in key


def _count_distinct(ordered: Iterable[str]) -> int:
    return sum(1 for _ in groupby(ordered))


def _plan_names(
    named: Iterable[Keyed], elsewhere: Mapping[str, set[str]], known: Mapping[str, Known]
) -> Iterator[PlannedName]:
    """The unique names of occurrences that come in the order of their keys."""
    for key, group in groupby(named, key=itemgetter(0)):
        seen = [occurrence for _, occurrence in group]
        raws = {one.raw for one in seen} | elsewhere.get(key, set())
        yield PlannedName(
            key,
            key if raws == {key} else query_for(raws),  # what no rule changes is its own best query
            sum(one.rows for one in seen),
            sum(one.weight for one in seen),
            _askable(key),
            known.get(key),
        )


def _look_up(keys: Mapping[str, Set[str]], postgres: Postgres | None) -> dict[IndexKey, Known]:
    if postgres is None or not any(keys.values()):
        return {}
    try:
        with postgres.enrichment() as index:
            return index.look_up(keys)
    except PostgresUnavailable as error:
        raise PostgresUnavailable(f"{error} To plan without the index, use --no-index.") from None


def _count_hits(used: set[IndexKey], postgres: Postgres | None) -> str | None:
    if postgres is None or not used:
        return None
    try:
        with postgres.enrichment() as index:
            index.count_hits(used)
    except PostgresUnavailable as error:
        return str(error)
    return None
