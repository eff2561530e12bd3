"""Plan: a source's names go into the ledger, after one batch lookup of all that are undecided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from eqcbatch.coverage import MAX_KEY_LENGTH, Coverage, Overrides, index_keys
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.index import Postgres
from eqcbatch.ledger import Ledger, Planning, storable
from eqcbatch.names import lookup_key, query_for
from eqcbatch.queue import mark_requests, take_requests
from eqcbatch.records import IndexKey, Known, Occurrence, PlannedName, PlannedRun, Run, Sighting
from eqcbatch.source import SourceSpec, Tally, tally_query

NO_OVERRIDES = Overrides()


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
    named, blanks = _by_key(tally.occurrences)
    names = _plan_names(named, planning.variants_elsewhere(source))
    undecided = (
        planning.undecided_keys() | {name.lookup_key for name in names if name.askable}
    ) - planning.decided_keys()
    rows = [(key, seen) for key, group in [*named.items(), ("", blanks)] for seen in group]
    found = _look_up(index_keys(undecided - set(overrides.by_name), rows), postgres)
    covered = _cover(named, blanks, undecided, Coverage(overrides, found, planning.cached_names()))
    run = planning.record(
        PlannedRun(
            source=source,
            rows=tally.rows,
            blank_rows=sum(seen.rows for seen in blanks),
            blank_covered=sum(row.seen.rows for row in covered.unnamed),
            distinct_raw=len({seen.raw for seen in tally.occurrences if seen.raw}),
            distinct_names=len(named),
            options=options,
        ),
        names,
        covered.sightings,
        covered.unnamed,
        covered.names,
    )
    uncounted = _count_hits(covered.index_keys(), postgres)
    return PlanReport(run, len(undecided) if postgres else None, len(covered.names), uncounted)


@dataclass(frozen=True, slots=True)
class _Covered:
    """A run with what covers it: rows by their name's key, rows without a name that are covered, names."""

    sightings: dict[str, list[Sighting]]
    unnamed: list[Sighting]
    names: dict[str, Known]

    def index_keys(self) -> set[IndexKey]:
        """The rows of the index that told anything."""
        rows = [row for group in [*self.sightings.values(), self.unnamed] for row in group]
        covers = [*self.names.values(), *(row.known for row in rows)]
        return {cover.index_key for cover in covers if cover and cover.index_key}


def _cover(
    named: Mapping[str, Iterable[Occurrence]],
    blanks: Iterable[Occurrence],
    undecided: Iterable[str],
    coverage: Coverage,
) -> _Covered:
    return _Covered(
        {key: [Sighting(seen, coverage.of_row(key, seen)) for seen in group] for key, group in named.items()},
        [row for seen in blanks if (row := Sighting(seen, coverage.of_row("", seen))).known],
        {key: cover for key in undecided if (cover := coverage.of_name(key))},
    )


def _by_key(
    occurrences: Iterable[Occurrence],
) -> tuple[dict[str, list[Occurrence]], list[Occurrence]]:
    """The occurrences by lookup key, and those that name nobody; each distinct name normalized once."""
    named: dict[str, list[Occurrence]] = {}
    blanks: list[Occurrence] = []
    keys: dict[str, str] = {}
    for seen in occurrences:
        key = keys.get(seen.raw)
        if key is None:
            key = keys[seen.raw] = lookup_key(storable(seen.raw))
        if key:
            named.setdefault(key, []).append(replace(seen, raw=storable(seen.raw)))
        else:
            blanks.append(seen)
    return named, blanks


def _plan_names(
    named: Mapping[str, Iterable[Occurrence]], elsewhere: Mapping[str, set[str]]
) -> list[PlannedName]:
    return [
        PlannedName(
            key,
            query_for({seen.raw for seen in occurrences} | elsewhere.get(key, set())),
            askable=len(key) <= MAX_KEY_LENGTH and "\0" not in key,
        )
        for key, occurrences in named.items()
    ]


def _look_up(keys: set[IndexKey], postgres: Postgres | None) -> dict[IndexKey, Known]:
    if postgres is None or not keys:
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
