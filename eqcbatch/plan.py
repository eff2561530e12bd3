"""Plan: a source's names go into the ledger, after one batch lookup of all that no person decided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.corrections import Correction, corrections
from eqcbatch.domain.coverage import Coverage, News, Oddities, Overrides, index_keys
from eqcbatch.domain.evidence_of_rows import gather
from eqcbatch.domain.model import (
    NO_REMARKS,
    CurrentSource,
    IndexKey,
    Known,
    LookupType,
    Occurrence,
    PlannedName,
    PlannedRun,
    Remarks,
    RowEvidence,
    Run,
    Sighting,
)
from eqcbatch.domain.names import askable, query_for
from eqcbatch.domain.simplified import is_simplified
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.humanize import count
from eqcbatch.ledger import Ledger, Runs
from eqcbatch.ledger.known_names import Stood
from eqcbatch.ledger.runs import Recorded
from eqcbatch.request_queue import Taken, mark_requests, take_requests
from eqcbatch.source import SourceSpec, Tally, tally_query
from eqcbatch.stages import NO_STAGES, Stages

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

NO_OVERRIDES = Overrides()


@dataclass(frozen=True, slots=True)
class PlanSums:
    """How a run's names add up: names = known + decided_before + to_ask.

    known: cached. decided_before: what earlier drains made of them. to_ask: pending. invalid: beside these,
    what no request can hold.
    """

    known: int
    decided_before: int
    to_ask: int
    invalid: int

    @property
    def names(self) -> int:
        """All that can be asked."""
        return self.known + self.decided_before + self.to_ask


@dataclass(frozen=True, slots=True)
class CorrectedBy:
    """What is called by which name. overrides: their file. id_column: the source's own, if it was read."""

    overrides: str
    id_column: str | None = None


NOBODY = CorrectedBy(NO_OVERRIDES.told_by)


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan came to.

    looked_up: names sent to the index, None where there is none. known: those it knew.
    uncounted: why their hit counts could not be raised (the plan stands all the same), None if they were.
    sums: how its names add up. replaced: the sources that counted until now in its place. remarks: what was
    noticed of the source. corrections: ids that gave way to a stronger word; corrected_by: what its words are
    called. uncovered: names that are to be asked, as new rows of theirs have no id. forgotten: names whose id
    the index does not have any more; they keep it. odd: what is to be told of names beside. beside:
    names that evidence stands beside.
    """

    run: Run
    looked_up: int | None
    known: int
    sums: PlanSums
    odd: Oddities
    uncounted: str | None = None
    replaced: tuple[CurrentSource, ...] = ()
    remarks: Remarks = NO_REMARKS
    corrections: tuple[Correction, ...] = ()
    corrected_by: CorrectedBy = NOBODY
    uncovered: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    beside: int = 0


def read_query(postgres: Postgres, spec: SourceSpec, stages: Stages = NO_STAGES) -> tuple[SourceSpec, Tally]:
    """Count what the query of `spec` names, where its rows are; the spec then tells its database, too.

    Raises BadInput if the query cannot be run, or lacks an asked column; PostgresUnavailable if its database
    cannot be reached.
    """
    stages.begin("Reading rows")
    with postgres.query(spec.query or "") as asked:
        spec = replace(spec, location=asked.place, query=asked.text)
        return spec, tally_query(spec, asked.header, asked.groups, stages)


@dataclass(frozen=True, slots=True)
class QueuePlanReport:
    """What a plan of a queue came to. source: which queue. taken: what came from it just now."""

    source: str
    taken: Taken
    plan: PlanReport


def plan_queue(
    ledger: Ledger,
    postgres: Postgres,
    limit: int | None,
    overrides: Overrides = NO_OVERRIDES,
    *,
    index: bool = True,
    stages: Stages = NO_STAGES,
) -> QueuePlanReport:
    """Take up to `limit` requests (None: all that are due) from the queue, and plan all that are ours.

    What is known at once is marked at once. index: whether names are looked up. stages: told how far it is.
    Killed or failed anywhere, doing it again plans what was taken. Raises PostgresUnavailable as `plan` does.
    """
    taken = take_requests(ledger.request_queue, postgres, limit)
    source = f"queue {postgres.name}"
    tally = Tally.of(ledger.request_queue.occurrences(postgres.name))
    options = {"queue": True, "limit": limit}
    planned = plan(ledger.runs, tally, source, options, postgres if index else None, overrides, stages=stages)
    mark_requests(ledger.request_queue, postgres)
    return QueuePlanReport(source, taken, planned)


def plan(
    runs: Runs,
    tally: Tally,
    reading: str,
    options: Mapping[str, Any],
    postgres: Postgres | None,
    overrides: Overrides = NO_OVERRIDES,
    clock: Clock = SYSTEM_CLOCK,
    *,
    name: str | None = None,
    stages: Stages = NO_STAGES,
) -> PlanReport:
    """Write the names of `tally` into the ledger as the current run of their source.

    reading: which file, sheet and columns, or which query or queue. name: the source's, None for the one that
    the reading has. options: how it was read, for the record. postgres: where the index is; None looks
    nothing up. overrides: ids set by hand. stages: told how far it is. Raises PostgresUnavailable, before
    anything is written.
    """
    stood = runs.known_names.stood(filter(askable, tally.lookup_keys))
    stages.begin(f"Looking up {count(len(stood.to_look_up), 'name')}" if postgres else "Deciding")
    coverage, news, covers, evidence = _know(stood, tally, postgres, overrides)
    planned = _planned_run(tally, reading, name or runs.name_of(reading), options, covers)
    replaced = runs.replaced_by(planned)
    before = runs.known_names.ids_of_rows([one.number for one in replaced])
    with clock.executor(1, "hits") as aside:  # Postgres counts while the ledger is written
        counting = aside.submit(_count_hits, news, covers, postgres)
        recorded = _record(runs, planned, tally, evidence, news, covers, stages)
    sightings = map(Sighting, tally.lookup_keys, tally.occurrences, covers)
    run = recorded.run
    return PlanReport(
        run,
        looked_up=len(stood.to_look_up) if postgres else None,
        known=len(news.known),
        sums=_add_up(runs, run, tally),
        uncounted=counting.result(),
        replaced=tuple(replaced),
        remarks=tally.remarks,
        corrections=tuple(corrections(news.known, stood.standing, before, sightings)),
        corrected_by=CorrectedBy(overrides.told_by, options.get("id_column")),
        uncovered=recorded.uncovered,
        forgotten=tuple(sorted(coverage.forgotten(stood.to_look_up))) if postgres else (),
        odd=coverage.oddities(stood.to_look_up, news, tally.keyed()),
        beside=len({key for key, _ in evidence}),
    )


def _know(
    stood: Stood, tally: Tally, postgres: Postgres | None, overrides: Overrides
) -> tuple[Coverage, News, list[Known | None], list[tuple[str, RowEvidence]]]:
    """Look all names up; what that makes of them, what covers each occurrence, and what else is told."""
    found = _look_up(index_keys(stood.to_look_up - overrides.by_name.keys(), tally.keyed()), postgres)
    coverage = Coverage(overrides, stood.without_own(found), stood.standing, stood.held)
    covers = [coverage.of_row(key, seen) for key, seen in tally.keyed()]
    news = coverage.without_need(coverage.news(stood.to_look_up), stood.by_rows, tally.keyed(), covers)
    evidence = gather(list(tally.keyed()), covers, (news.known, stood.standing), tally.evidence)
    return coverage, news, covers, list(evidence)


def _planned_run(
    tally: Tally,
    reading: str,
    name: str | None,
    options: Mapping[str, object],
    covers: Sequence[Known | None],
) -> PlannedRun:
    unnamed = bisect_right(tally.lookup_keys, "")
    blanks = tally.occurrences[:unnamed]
    return PlannedRun(
        reading=reading,
        rows=tally.rows,
        blank_rows=sum(blank.rows for blank in blanks),
        blank_covered=sum(blank.rows for blank, cover in zip(blanks, covers, strict=False) if cover),
        distinct_raw=_count_distinct(seen.raw for seen in tally.occurrences),
        distinct_names=_count_distinct(tally.lookup_keys),
        options=options,
        name=name,
        weight=sum([seen.weight for seen in islice(tally.occurrences, unnamed, None)]),
    )


def _record(
    runs: Runs,
    planned: PlannedRun,
    tally: Tally,
    evidence: Iterable[tuple[str, RowEvidence]],
    news: News,
    covers: Sequence[Known | None],
    stages: Stages,
) -> Recorded:
    sightings = map(Sighting, tally.lookup_keys, tally.occurrences, covers)
    blanks = list(islice(sightings, bisect_right(tally.lookup_keys, "")))
    stages.begin("Writing names", len(tally.occurrences) - len(blanks) + planned.distinct_names)
    return runs.record(
        planned,
        stages.counted(_plan_names(tally.keyed(), runs.variants_elsewhere(planned), news.known)),
        stages.counted(sightings),
        (blank for blank in blanks if blank.known),
        news,
        evidence,
    )


def _add_up(runs: Runs, run: Run, tally: Tally) -> PlanSums:
    invalid = _count_distinct(key for key in tally.lookup_keys if not askable(key))
    settled, pending = runs.settled_and_pending(run.id, run.distinct_names - invalid - run.hits)
    return PlanSums(known=run.hits, decided_before=settled, to_ask=pending, invalid=invalid)


def _count_distinct(ordered: Iterable[str]) -> int:
    return sum(1 for text, _ in groupby(ordered) if text)


def _plan_names(
    keyed: Iterable[tuple[str, Occurrence]], elsewhere: Mapping[str, set[str]], known: Mapping[str, Known]
) -> Iterator[PlannedName]:
    """The unique names of occurrences that come in the order of their keys; blanks are none."""
    for key, group in groupby(keyed, key=itemgetter(0)):
        if not key:
            continue
        seen = [occurrence for _, occurrence in group]
        raws = {one.raw for one in seen}.union(elsewhere.get(key, ()))
        yield PlannedName(
            key,
            key if raws == {key} and is_simplified(key) else query_for(raws),  # most names are their query
            sum([one.rows for one in seen]),
            sum([one.weight for one in seen]),
            askable(key),
            known.get(key),
        )


def _look_up(keys: Mapping[LookupType, Set[str]], postgres: Postgres | None) -> dict[IndexKey, Known]:
    if postgres is None or not any(keys.values()):
        return {}
    try:
        with postgres.enrichment() as index:
            return index.look_up(keys)
    except PostgresUnavailable as error:
        raise PostgresUnavailable(f"{error} To plan without the index, use --no-index.") from None


def _count_hits(news: News, covers: Iterable[Known | None], postgres: Postgres | None) -> str | None:
    used = {known.index_key for known in (*news.known.values(), *filter(None, covers)) if known.index_key}
    if postgres is None or not used:
        return None
    try:
        with postgres.enrichment() as index:
            index.count_hits(used)
    except PostgresUnavailable as error:
        return str(error)
    return None
