"""What a plan found, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import Reason
from eqcbatch.humanize import count
from eqcbatch.render.forecast import forecast_text
from eqcbatch.render.plain_text import share
from eqcbatch.render.report import report_json
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.plan import PlanReport, QueuePlanReport
    from eqcbatch.report import Report


def plan_text(plan: PlanReport, source: str, report: Report) -> str:
    """What a plan found, and what it means."""
    run = plan.run
    lines = [
        f"Planned {visible(source)}: {count(run.rows, 'row')}, {run.blank_rows:,} blank, "
        f"{count(run.distinct_names, 'distinct name')} in {count(run.distinct_raw, 'spelling')}.",
        f"Known already: {count(run.hits, 'name')} ({share(run.hits, run.distinct_names)}), "
        f"{count(run.hit_rows, 'row')} ({share(run.hit_rows, run.rows - run.blank_rows)}); "
        + (
            "no index was asked." if plan.looked_up is None else f"{count(plan.looked_up, 'name')} looked up."
        ),
    ]
    if plan.rows_before and not run.rows:
        lines.append(
            f"It had {count(plan.rows_before, 'row')} before, and has none now. Was it exported whole?"
        )
    if report.names.total != run.distinct_names:
        lines.append(
            f"With its other sources the ledger has {count(report.names.total, 'name')}, "
            f"{report.names.pending:,} of them pending."
        )
    if invalid := report.failed_by_reason.get(Reason.INVALID):
        lines.append(f"Never to be asked, too long or no text: {count(invalid, 'name')}.")
    if report.names.retired:
        lines.append(f"In no current run any more: {count(report.names.retired, 'name')}, retired.")
    if plan.uncounted:
        lines.append(f"The hit counts could not be raised: {visible(plan.uncounted)}")
    if report.names.pending:
        lines.append(forecast_text(report))
        lines.append("Next: eqcbatch drain --resume")
    else:
        lines += [_decided(report), "Next: eqcbatch report"]
    return "\n".join(lines)


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


def plan_json(report: Report) -> dict[str, Any]:
    """What of a report concerns a plan (docs/reference.md#json)."""
    content = report_json(report)
    return {key: content[key] for key in ("run", "names", "rows", "hit_rate", "forecast")}
