"""Plan: a source's names go into the ledger, after one batch lookup of all that are undecided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from eqcbatch.errors import PostgresUnavailable
from eqcbatch.index import Postgres
from eqcbatch.ledger import Planning, storable
from eqcbatch.names import lookup_key, query_for
from eqcbatch.records import Known, Occurrence, PlannedName, PlannedRun, Run
from eqcbatch.source import Tally

MAX_KEY_LENGTH = 255  # lookup_key is varchar(255) in enrichment_index


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


def plan(
    planning: Planning,
    tally: Tally,
    source: str,
    options: Mapping[str, object],
    postgres: Postgres | None,
) -> PlanReport:
    """Write the names of `tally` into the ledger as the current run of `source`.

    options: how the source was read, kept for the record. postgres: where the index is; None looks
    nothing up. PostgresUnavailable before anything is written.
    """
    named, blanks = _by_key(tally.occurrences)
    names = _plan_names(named, planning.variants_elsewhere(source))
    wanted = (
        planning.undecided_keys() | {name.lookup_key for name in names if name.askable}
    ) - planning.decided_keys()
    known = _look_up(wanted, postgres)
    run = planning.record(
        PlannedRun(
            source=source,
            rows=tally.rows,
            blank_rows=sum(seen.rows for seen in blanks),
            blank_covered=0,
            distinct_raw=len({seen.raw for seen in tally.occurrences if seen.raw}),
            distinct_names=len(named),
            options=options,
        ),
        names,
        named,
        known,
    )
    return PlanReport(run, len(wanted) if postgres else None, len(known), _count_hits(known, postgres))


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


def _look_up(keys: set[str], postgres: Postgres | None) -> dict[str, Known]:
    if postgres is None or not keys:
        return {}
    try:
        with postgres.enrichment() as index:
            return index.look_up(keys)
    except PostgresUnavailable as error:
        raise PostgresUnavailable(f"{error} To plan without the index, use --no-index.") from None


def _count_hits(known: dict[str, Known], postgres: Postgres | None) -> str | None:
    if postgres is None or not known:
        return None
    try:
        with postgres.enrichment() as index:
            index.count_hits(known)
    except PostgresUnavailable as error:
        return str(error)
    return None
