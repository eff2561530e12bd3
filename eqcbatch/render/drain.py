"""What a session did, or would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.humanize import count
from eqcbatch.render.changed_companies import found_text
from eqcbatch.render.forecast import forecast_line
from eqcbatch.render.gate import gate_json, gate_text
from eqcbatch.render.plain_text import table

if TYPE_CHECKING:
    from eqcbatch.drain import DrainReport, Preview
    from eqcbatch.report import Report

_NEXT = {
    ExitReason.TOKEN: "Next, with a fresh token",
    ExitReason.EQC_UNAVAILABLE: "Next, when EQC answers again",
    ExitReason.BLOCKED: "Next, when EQC lets us in again",
}


def drain_text(drained: DrainReport, report: Report, budget: int | None, unflushed: str) -> str:
    """What a session did, and what to type next. unflushed: why nothing could be flushed, "" if it could."""
    counts = drained.counts
    lines = [
        f"Session {drained.session_id} ended: {drained.exit_reason}. "
        f"Sent {_of_budget(counts.requests, budget)}, {count(counts.replays, 'answer')} from the archive.",
        f"Resolved {count(counts.resolved, 'name')} ({counts.held:,} held for review), "
        f"{counts.failed:,} failed; "
        + (
            f"{drained.flushed:,} flushed to Postgres{_waiting(drained, report)}."
            if not unflushed
            else f"nothing flushed: {unflushed}."
        ),
    ]
    lines += _after_names(drained)
    if report.names.pending:
        lines.append(f"{count(report.names.pending, 'name')} still pending. {forecast_line(report.forecast)}")
        if drained.day_goes_on:
            moment = datetime.fromisoformat(drained.day_goes_on).astimezone()
            lines.append(f"The daily budget is used up; a request may go again from {moment:%A %H:%M} on.")
        again = "eqcbatch drain --resume" + (" --budget all" if budget is None else "")
        if budget and drained.exit_reason is ExitReason.BUDGET:
            again += f" --budget all (or a larger --budget than {budget})"
        lines.append(f"{_NEXT.get(drained.exit_reason, 'Next')}: {again}")
    else:
        again = "drain --resume --details deferred" if drained.details_left else "report"
        lines.append(f"No name is pending. Next: eqcbatch {again}")
    if drained.gate and drained.gate.open:
        lines.insert(2, gate_text(drained.gate))
    if isinstance(drained.trouble, PostgresUnavailable):
        lines.append("Next, when Postgres answers again: eqcbatch flush")
    return "\n".join(lines)


def _after_names(drained: DrainReport) -> Iterator[str]:
    """What was asked once no name was pending."""
    counts = drained.counts
    if counts.second_asked:
        yield (
            f"Asked {count(counts.second_asked, 'second question')}: "
            f"{count(counts.second_settled, 'name')} decided by them."
        )
    if counts.details or counts.details_failed or drained.details_left:
        yield (
            f"Fetched {count(counts.details, 'detail')} of companies, {counts.details_failed:,} failed, "
            f"{drained.details_left:,} left."
        )
    if counts.reverified or counts.reverify_failed:
        again = count(sum(counts.reverified.values()), "company", "companies")
        yield f"Asked again of {again}: {found_text(counts.reverified)}; {counts.reverify_failed:,} in vain."


def _waiting(drained: DrainReport, report: Report) -> str:
    """How many results wait in the ledger, where Postgres did not take them."""
    away = isinstance(drained.trouble, PostgresUnavailable)
    return f", {report.resolved.unflushed:,} wait in the ledger" if away else ""


def _of_budget(requests: int, budget: int | None) -> str:
    if budget is None:
        return f"{count(requests, 'request')} (no budget)"
    return f"{requests:,} of {budget:,} requests in the budget"


def preview_text(preview: Preview, budget: int | None) -> str:
    """What a drain would ask next."""
    if not preview.names:
        return "Nothing is pending: a drain would send no request."
    weighed = any(name.weight != name.rows for name in preview.names)
    listing = table(
        [
            (name.rows, *([f"{round(name.weight, 2):,.12g}"] if weighed else []), name.query, name.lookup_key)
            for name in preview.names
        ],
        ("rows", *(["weight"] if weighed else []), "query", "lookup key"),
    )
    requests = count(preview.requests, "request")
    sent = f"{requests}, its budget" if preview.requests == budget else f"at least {requests}"
    return f"{listing}\n\nA drain would send {sent}. Nothing was sent."


def drain_json(drained: DrainReport, report: Report) -> dict[str, Any]:
    """What a session did, and the names as they stand now."""
    counts = drained.counts
    return {
        "session": {
            "requests": counts.requests,
            "replays": counts.replays,
            "resolved": counts.resolved,
            "failed": counts.failed,
            "flushed": drained.flushed,
            "held": counts.held,
            "second_asked": counts.second_asked,
            "second_settled": counts.second_settled,
            "reverified": {str(finding): found for finding, found in counts.reverified.items()},
            "exit_reason": str(drained.exit_reason),
        },
        **gate_json(drained.gate),
        "names": asdict(report.names),
    }
