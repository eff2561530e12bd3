"""What a plan found, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import IdSource
from eqcbatch.humanize import count
from eqcbatch.render.forecast import forecast_text
from eqcbatch.render.overruled_rows import overruled_text
from eqcbatch.render.plain_text import share
from eqcbatch.render.remarks import only_sheet, remark_lines, remarks_json
from eqcbatch.render.report import report_json
from eqcbatch.render.sources import alike_text, listing_json, read_from, short_titles, twice_text
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.corrections import Correction
    from eqcbatch.domain.model import CurrentSource
    from eqcbatch.plan import PlanReport, QueuePlanReport
    from eqcbatch.report import Report
    from eqcbatch.sources import Listing

_NAMED = 3  # other sources that a line names

_CORRECTED = 20  # ids that gave way, of which a terminal is told one by one
_NAMED = 3  # names that a line tells


def plan_text(plan: PlanReport, source: str, report: Report) -> str:
    """What a plan found, and what it means."""
    run, planned = plan.run, _planned(plan, report)
    called = f" as {visible(planned.name)}" if planned and planned.name else ""
    what = f"{visible(source)}{only_sheet(plan.remarks)}{called}"
    lines = [
        f"Planned {what}: {count(run.rows, 'row')}, {run.blank_rows:,} blank, "
        f"{count(run.distinct_names, 'distinct name')} in {count(run.distinct_raw, 'spelling')}.",
        *remark_lines(plan.remarks, source),
        f"Known already: {count(run.hits, 'name')} ({share(run.hits, run.distinct_names)}), "
        f"{count(run.hit_rows, 'row')} ({share(run.hit_rows, run.rows - run.blank_rows)}); "
        + (
            "no index was asked." if plan.looked_up is None else f"{count(plan.looked_up, 'name')} looked up."
        ),
        _sums(plan),
        *_beside(plan),
        *_corrected(plan),
        *_fewer_ids(plan),
    ]
    lines += _place(plan, planned, report.sources)
    lines += [alike_text(group) for group in report.sources.alike if group[-1].number == run.id]
    lines += [twice_text(group) for group in report.sources.twice if group[-1].number == run.id]
    if report.names.total != run.distinct_names:
        lines.append(
            f"With its other sources the ledger has {count(report.names.total, 'name')}, "
            f"{report.names.pending:,} of them pending."
        )
    if report.names.retired:
        lines.append(f"In no current run any more: {count(report.names.retired, 'name')}, retired.")
    if report.overruled:
        lines.append(overruled_text(report.overruled))
    if plan.uncounted:
        lines.append(f"The hit counts could not be raised: {visible(plan.uncounted)}")
    if report.names.pending:
        lines.append(forecast_text(report))
        lines.append("Next: eqcbatch drain --resume")
    else:
        lines += [_decided(report), "Next: eqcbatch report"]
    return "\n".join(lines)


def _planned(plan: PlanReport, report: Report) -> CurrentSource | None:
    """The source as it counts now."""
    return next((one.source for one in report.sources.listed if one.source.number == plan.run.id), None)


def _sums(plan: PlanReport) -> str:
    """How its names add up; those that no request can hold stand beside the sum."""
    sums = plan.sums
    line = (
        f"{count(sums.names, 'name')} = {sums.known:,} known + {sums.decided_before:,} decided before "
        f"+ {sums.to_ask:,} to ask."
    )
    if sums.invalid:
        line += f" Never to be asked, too long or no text: {count(sums.invalid, 'name')}."
    return line


def _beside(plan: PlanReport) -> Iterator[str]:
    """How many names have evidence, where any do."""
    if plan.beside:
        yield f"Evidence stands beside {count(plan.beside, 'name')} to tell which company is meant."


def _corrected(plan: PlanReport) -> Iterator[str]:
    """Which ids gave way to which, by whose word."""
    by_teller: dict[str, list[str]] = {}
    for one in plan.corrections:
        whose = one.lookup_key or f"plan code {one.plan_code}"
        line = f"{one.before or 'none'} -> {one.now or 'none'} ({whose})"
        by_teller.setdefault(_teller(plan, one), []).append(visible(line))
    for teller, lines in by_teller.items():
        headline = f"{count(len(lines), 'id')} corrected by {visible(teller)}:"
        if len(lines) == 1:
            yield f"{headline} {lines[0]}"
            continue
        yield headline
        yield from (f"  {line}" for line in lines[:_CORRECTED])
        if (more := len(lines) - _CORRECTED) > 0:
            yield f"  and {more:,} more (--json has all)"


def _teller(plan: PlanReport, correction: Correction) -> str:
    """Who knows better, as people call it."""
    if correction.source is IdSource.OVERRIDE:
        return plan.corrected_by.overrides
    if correction.source is IdSource.COLUMN:
        return f"the column {plan.corrected_by.id_column}"
    return f"the index ({correction.index_source})"


def _fewer_ids(plan: PlanReport) -> Iterator[str]:
    """Names that have to be asked though they were known, ids whose source is gone, and idle overrides."""
    if plan.uncovered:
        yield (
            f"To be asked from now on: {count(len(plan.uncovered), 'name')} that other rows have an id for, "
            f"and rows of this source have none ({_some(plan.uncovered)})."
        )
    dropped, outvoted, odd_ids = plan.odd
    if dropped:
        yield (
            f"Known by overrides that this plan has not, and kept: {count(len(dropped), 'name')} "
            f"({_some(dropped)}). To withdraw one: eqcbatch review set NAME reopen"
        )
    if outvoted:
        yield (
            f"{visible(plan.corrected_by.overrides)} is without effect for "
            f"{count(len(outvoted), 'name')} that a person decided otherwise ({_some(outvoted)})."
        )
    if odd_ids:
        first = ", ".join(visible(f"{company_id} of {key}") for key, company_id in odd_ids[:_NAMED])
        yield (
            f"Ids that look like none, and count all the same: {count(len(odd_ids), 'name')} ({first}"
            f"{', ...' if len(odd_ids) > _NAMED else ''}). To put one right: eqcbatch review set NAME ID"
        )
    if plan.forgotten:
        yield (
            f"The index has {count(len(plan.forgotten), 'id')} no more that came from it and stay here "
            f"({_some(plan.forgotten)}). To ask anew: eqcbatch review set NAME reopen"
        )


def _some(keys: Sequence[str]) -> str:
    more = f", and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return ", ".join(map(visible, keys[:_NAMED])) + more


def _place(plan: PlanReport, planned: CurrentSource | None, listing: Listing) -> Iterator[str]:
    """What the run takes the place of, where that is something else, or none; and that no rows are left."""
    for one, title in zip(plan.replaced, short_titles(plan.replaced), strict=True):
        if planned is None or (one.name, read_from(one)) != (planned.name, read_from(planned)):
            yield (
                f"It takes the place of {visible(title)}, read from {visible(read_from(one))} and planned "
                f"{one.planned_at[:10]} with {count(one.rows, 'row')}."
            )
    others = [visible(one.source.name) for one in listing.listed if one.source.name and one.source != planned]
    if planned and planned.name and others and not plan.replaced:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        beside = f"{', '.join(others[:_NAMED])}{more}"
        yield f"{visible(planned.name)} is a new source, and counts beside {beside}."
    if (rows_before := sum(one.rows for one in plan.replaced)) and not plan.run.rows:
        yield f"It had {count(rows_before, 'row')} before, and has none now. Was it exported whole?"


def _decided(report: Report) -> str:
    names = report.names
    if not names.total:
        return "Nothing is left to ask EQC."
    return (
        f"Every name is decided already: {names.cached:,} cached, {names.resolved:,} resolved, "
        f"{names.failed:,} failed. Nothing is left to ask EQC."
    )


def queue_plan_text(taken: QueuePlanReport, report: Report) -> str:
    """What came from the queue, and what the plan of it found."""
    headline = f"Took {count(taken.taken.requests, 'request')} from the queue."
    if taken.taken.not_due:
        headline += f" {taken.taken.not_due:,} not due yet (next_retry_at)."
    return f"{headline}\n{plan_text(taken.plan, taken.source, report)}"


def taken_back_text(taken_back: int) -> str:
    """What left Postgres, as a stronger word replaced it."""
    return f"Taken back from Postgres: {count(taken_back, 'result')} of ours that a stronger word replaced."


def plan_json(plan: PlanReport, report: Report, taken_back: int = 0) -> dict[str, Any]:
    """What was noticed of a source, and what of a report concerns its plan (docs/reference.md#json).

    taken_back: results that left Postgres, as a stronger word replaced them.
    """
    content = report_json(report)
    standing = {key: content[key] for key in ("run", "names", "rows", "hit_rate", "forecast", "overruled")}
    standing |= listing_json(report.sources)
    sums = {"names": plan.sums.names, **asdict(plan.sums), "blank_rows": plan.run.blank_rows}
    known_better = {
        "corrections": [asdict(one) | {"by": _teller(plan, one)} for one in plan.corrections],
        "uncovered": list(plan.uncovered),
        "forgotten": list(plan.forgotten),
        "dropped": list(plan.odd.dropped),
        "outvoted": list(plan.odd.outvoted),
        "odd_ids": [{"lookup_key": key, "company_id": one} for key, one in plan.odd.odd_ids],
        "taken_back": taken_back,
        "beside": plan.beside,
    }
    return standing | {"sums": sums} | known_better | remarks_json(plan.remarks)
