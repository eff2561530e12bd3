"""Report: where things stand, as one value that mirrors `report --json` (docs/reference.md#json)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean

from eqcbatch.domain.forecast import Faster, Forecast, Left, Schedule, faster, forecast, percentile
from eqcbatch.domain.model import OverruledRow
from eqcbatch.domain.sample_standing import SampleStanding
from eqcbatch.errors import BadInput, LedgerUnusable
from eqcbatch.ledger import Ledger, NameDetails, Stats, holder_of
from eqcbatch.ledger.name_details import NameDetail
from eqcbatch.ledger.reverified import ReverifiedCounts
from eqcbatch.ledger.second_questions import Yield
from eqcbatch.ledger.sessions import SessionRow
from eqcbatch.ledger.stats import NameCounts, ResolvedCounts, RowCounts, Times
from eqcbatch.source.keys import typed_keys, unknown_name
from eqcbatch.sources import Listing, list_sources


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The newest plan, or the one asked for."""

    source: str
    planned_at: str
    rows: int
    blank_rows: int
    distinct_raw: int
    distinct_names: int


@dataclass(frozen=True, slots=True)
class HitRate:
    """Share of names, and of the rows behind names, known before EQC was asked; None without any."""

    names: float | None
    rows: float | None


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Seconds that usable answers took; None before the first."""

    mean: float | None
    p50: float | None
    p95: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """Every request ever booked, and the answers taken from the archive instead (replays)."""

    total: int
    replays: int
    by_endpoint: dict[str, int]
    by_outcome: dict[str, int]
    latency_s: LatencySummary


@dataclass(frozen=True, slots=True)
class Report:
    """Where things stand; `dataclasses.asdict` of it is the JSON, save what only people are told.

    rows_identified: rows that have an id. flush_errors: why Postgres did not take results, with how many
    each. to_take_back: results in Postgres that do not hold any more, of all runs.
    losses: rows that Postgres lost so far, and when that was last found. overruled: what others
    keep in the index against people's decisions, as it was seen last. harvested: requests
    saved, since the answer to one name decided another, too. latest_drain: None before the first.
    holder: who writes the ledger, looked at where that drain has no end. audit: the latest sample of the
    index, None before the first. reverified: companies that EQC was asked of again. second_questions: by
    kind, those that were ever asked. faster: what would shorten the forecast.
    """

    ledger: str
    run: RunSummary | None
    sources: Listing
    names: NameCounts
    rows: RowCounts
    rows_identified: int
    hit_rate: HitRate
    resolved: ResolvedCounts
    failed_by_reason: dict[str, int]
    flush_errors: dict[str, int]
    to_take_back: int
    losses: tuple[int, str | None]
    overruled: tuple[OverruledRow, ...]
    harvested: int
    requests: RequestSummary
    time: Times
    latest_drain: SessionRow | None
    holder: str | None
    audit: SampleStanding | None
    reverified: ReverifiedCounts
    second_questions: tuple[Yield, ...]
    forecast: Forecast
    faster: tuple[Faster, ...]
    balanced: bool


def report(ledger: Ledger, schedule: Schedule, run_id: int | None = None) -> Report:
    """Read how things stand, over all current runs or one of them.

    schedule: what the forecast assumes. Raises BadInput if there is no such current run.
    """
    stats = ledger.stats
    run = _run(stats, run_id)
    names, rows = stats.names_and_rows(run_id)
    latest = ledger.sessions.latest_drain()
    latencies, prospect = stats.latencies_s(), ledger.forecast_input.prospect(schedule)
    return Report(
        ledger=str(ledger.path),
        run=run,
        sources=list_sources(ledger, run_id),
        names=names,
        rows=rows,
        rows_identified=stats.rows_identified(run_id),
        hit_rate=_hit_rate(*stats.hits(run_id)),
        resolved=stats.resolved(run_id),
        failed_by_reason=stats.failed_by_reason(run_id),
        flush_errors=stats.flush_errors(),
        to_take_back=ledger.outbox.to_take_back(),
        losses=ledger.flushed.losses(),
        overruled=ledger.overruled.rows(),
        harvested=stats.harvested(),
        requests=_requests(stats, latencies),
        time=stats.times(),
        latest_drain=latest,
        holder=_holder(ledger) if latest and latest.ended_at is None else None,
        audit=ledger.audits.latest(),
        reverified=ledger.reverified.counts(),
        second_questions=tuple(ledger.second_questions.yields().values()),
        forecast=forecast(prospect, schedule),
        faster=faster(prospect, schedule),
        balanced=not stats.imbalances(),
    )


def _holder(ledger: Ledger) -> str | None:
    with suppress(LedgerUnusable):  # where nothing can be locked, nobody writes
        return holder_of(ledger.path)
    return None


def explain(name_details: NameDetails, raw_name: str) -> NameDetail:
    """Tell all that is known of one name, given as written or by its key. Raises BadInput without one."""
    found = next(filter(None, map(name_details.of, typed_keys(raw_name))), None)
    if found is None:
        raise unknown_name(raw_name)
    return found


def session_s(ledger: Ledger, schedule: Schedule, begin: datetime) -> float:
    """Seconds that a session takes which begins now (local): for what is left, its budget, or its window."""
    prospect = ledger.forecast_input.prospect(schedule)
    left, most, window_s = prospect.left, schedule.requests_a_night, schedule.window_s(begin)
    if most is not None:
        questions = min(left.questions, most)
        left = Left(questions, min(left.details, most - questions))
    needed_s = forecast(replace(prospect, left=left), schedule).hours_p50 * 3600
    return needed_s if window_s is None else min(needed_s, window_s)


def _run(stats: Stats, run_id: int | None) -> RunSummary | None:
    run = stats.newest_run() if run_id is None else stats.run(run_id)
    if run is None:
        if run_id is None:
            return None
        known = ", ".join(map(str, stats.current_runs())) or "none"
        raise BadInput(f"There is no current run {run_id}. Current runs: {known}.")
    return RunSummary(
        run.source, run.planned_at, run.rows, run.blank_rows, run.distinct_raw, run.distinct_names
    )


def _hit_rate(names: int, of_names: int, rows: int, of_rows: int) -> HitRate:
    return HitRate(
        round(names / of_names, 4) if of_names else None,
        round(rows / of_rows, 4) if of_rows else None,
    )


def _requests(stats: Stats, latencies: Sequence[float]) -> RequestSummary:
    counts = stats.requests()
    return RequestSummary(
        counts.total, counts.replays, counts.by_endpoint, counts.by_outcome, _latency(latencies)
    )


def _latency(ordered: Sequence[float]) -> LatencySummary:
    if not ordered:
        return LatencySummary(None, None, None, None)

    seconds = (fmean(ordered), percentile(ordered, 0.5), percentile(ordered, 0.95), ordered[-1])
    return LatencySummary(*(round(one, 3) for one in seconds))
