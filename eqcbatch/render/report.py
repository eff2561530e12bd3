"""Where things stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import Reason
from eqcbatch.humanize import count, duration
from eqcbatch.render.changed_companies import reverified_text
from eqcbatch.render.forecast import forecast_text
from eqcbatch.render.overruled_rows import overruled_text
from eqcbatch.render.plain_text import share, table
from eqcbatch.render.sample import audit_line, sample_json
from eqcbatch.render.second_questions import second_questions_json, second_questions_text
from eqcbatch.render.sources import listing_json, sources_lines
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.ledger.history import Since
    from eqcbatch.ledger.sessions import SessionRow
    from eqcbatch.report import Report


def report_text(report: Report, since: Since | None = None) -> str:
    """Where things stand, for a terminal; with what happened since a moment, if that is asked."""
    sections = (
        _headline(report),
        sources_lines(report.sources),
        _states(report),
        _facts(report),
        _requests(report),
        _latency(report),
        _time(report),
        drain_text(report.latest_drain, report.holder) if report.latest_drain else "",
        audit_line(report.audit) if report.audit else "",
        reverified_text(report.reverified),
        second_questions_text(report),
        _failed(report),
        since_text(since) if since else "",
        _refused(report),
        overruled_text(report.overruled),
        forecast_text(report) if report.forecast.requests_left else "",
        balance_text(report),
    )
    return "\n\n".join(filter(None, sections))


def _headline(report: Report) -> str:
    headline = f"Ledger {visible(report.ledger)}"
    if report.run:
        return (
            headline + f"\nNewest run: {visible(report.run.source)}, planned {report.run.planned_at[:19]} UTC"
        )
    return headline + "\nNothing was planned in it yet. Next: eqcbatch plan SOURCE"


def _states(report: Report) -> str:
    names, rows = report.names, report.rows
    states = [
        (state, getattr(names, state), share(getattr(names, state), names.total), getattr(rows, state))
        for state in ("pending", "cached", "resolved", "failed")
    ]
    total = ("total", names.total, "", rows.total - rows.blank)
    return table([*states, total], ("", "names", "share", "rows"))


def _facts(report: Report) -> str:
    rows, hit, resolved = report.rows, report.hit_rate, report.resolved
    blank = f"Blank rows: {rows.blank:,} of {rows.total:,}"
    if rows.blank_covered:
        blank += f", {rows.blank_covered:,} of them known by another key"
    lines = [blank]
    if hit.names is not None and hit.rows is not None:
        lines.append(
            f"Known at plan time: {100 * hit.names:.1f} % of names, {100 * hit.rows:.1f} % of their rows"
        )
    flushed = (
        f"{resolved.flushed:,} flushed to Postgres" if resolved.flushed else "nothing flushed to Postgres"
    )
    lines.append(
        f"Resolved: {flushed}, {resolved.unflushed:,} to be flushed, {resolved.held:,} held for review"
    )
    if report.to_take_back:
        lines.append(take_back_text(report))
    if report.losses[0]:
        lines.append(losses_text(report))
    if report.names.retired:
        lines.append(f"Retired (in no current run): {count(report.names.retired, 'name')}")
    return "\n".join(lines)


def _requests(report: Report) -> str:
    return "Requests: " + (_counts(report.requests.by_outcome) or "none yet") + _saved(report)


def _saved(report: Report) -> str:
    saved = {
        "from the archive": report.requests.replays,
        "decided by the answer to another name": report.harvested,
    }
    parts = [f"{number:,} {how}" for how, number in saved.items() if number]
    return f"\nSaved: {', '.join(parts)}" if parts else ""


def _latency(report: Report) -> str:
    latency = report.requests.latency_s
    if latency.mean is None:
        return ""
    return (
        f"Latency: mean {latency.mean:.2f} s, p50 {latency.p50:.2f} s, "
        f"p95 {latency.p95:.2f} s, max {latency.max:.2f} s"
    )


def _time(report: Report) -> str:
    time = report.time
    if not time.wall_s:
        return ""
    return (
        f"Time: {duration(time.wall_s)} in all; network {duration(time.network_s)}, "
        f"waiting {duration(time.waiting_s)}, processing {duration(time.processing_s)}"
    )


def _failed(report: Report) -> str:
    return "\n".join(failed_lines(report))


def failed_lines(report: Report) -> Iterator[str]:
    """What failed, by reason; and apart what a person decided to have no company."""
    failed = dict(report.failed_by_reason)
    rejected = failed.pop(Reason.NO_COMPANY, 0)
    if failed:
        yield f"Failed: {_counts(failed)}"
    if rejected:
        yield f"No company, as a person decided: {count(rejected, 'name')} (no_company)"


def _refused(report: Report) -> str:
    refused = [(number, why) for why, number in report.flush_errors.items()]
    return "Not taken by Postgres:\n" + table(refused) if refused else ""


def since_text(since: Since) -> str:
    """What happened since a moment, in local time."""
    decided = since.decided
    moment = datetime.fromisoformat(since.moment).astimezone()
    sent = f" ({_counts(since.by_outcome)})" if since.by_outcome else ""
    rejected = f", {decided.no_company:,} decided to have none" if decided.no_company else ""
    return (
        f"Since {moment:%Y-%m-%d %H:%M}: {count(since.sessions, 'session')}, "
        f"{count(since.requests, 'request')}{sent}; {count(decided.found, 'name')} found, "
        f"{decided.held:,} held, {decided.not_found:,} not found, {decided.failed:,} failed{rejected}; "
        f"{since.flushed:,} flushed to Postgres"
    )


def take_back_text(report: Report) -> str:
    """What a revert or a review left to be done in Postgres."""
    return f"To be taken back from Postgres: {count(report.to_take_back, 'name')}. Next: eqcbatch flush"


def losses_text(report: Report) -> str:
    """What Postgres lost of what was flushed."""
    lost, found_at = report.losses
    return f"Lost by Postgres and sent again: {count(lost, 'row')}, last found {(found_at or '')[:16]} UTC"


def drain_text(drained: SessionRow, holder: str | None) -> str:
    """The last drain: its number, when it ran, and why it ended. holder: who writes the ledger just now."""
    began, sent = drained.started_at[:16].replace("T", " "), count(drained.requests, "request")
    what = f"Last drain: session {drained.id}, {began} UTC, {sent}"
    if holder:
        return f"{what}; not ended, the ledger is in use: {visible(holder)}"
    if drained.ended_at is None:
        return f"{what}; it was killed: `eqcbatch drain --resume` goes on"
    return f"{what}; ended {drained.ended_at[:16].replace('T', ' ')}: {drained.exit_reason}"


def coverage_text(report: Report) -> str:
    """The share of the rows that name somebody which have an id."""
    named = report.rows.total - report.rows.blank
    return f"{share(report.rows_identified, named)} of named rows have a company id"


def balance_text(report: Report) -> str:
    """Whether the accounts balance, and what to do where they do not."""
    if report.balanced:
        return "The accounts balance."
    return "THE ACCOUNTS DO NOT BALANCE: run `eqcbatch report --check`."


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def report_json(report: Report, since: Since | None = None) -> dict[str, Any]:
    """Return the JSON (docs/reference.md#json); with what happened since a moment, if that is asked."""
    content = asdict(report)
    for told_to_people in (
        *("rows_identified", "flush_errors", "to_take_back", "losses", "harvested"),
        *("latest_drain", "holder", "faster", "sources"),
    ):
        del content[told_to_people]
    content |= listing_json(report.sources) | {"audit": sample_json(report.audit)}
    content["second_questions"] = second_questions_json(report)
    return content | ({"since": asdict(since)} if since else {})
