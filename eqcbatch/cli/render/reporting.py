"""Where things stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.cli.render.planning import forecast_text
from eqcbatch.cli.render.words import count, duration, share, table

if TYPE_CHECKING:
    from eqcbatch.report import Report


def report_text(report: Report) -> str:
    """Where things stand, for a terminal."""
    names, rows, requests = report.names, report.rows, report.requests
    sections = [
        f"Ledger {report.ledger}"
        + (
            f"\nNewest run: {report.run.source}, planned {report.run.planned_at[:19]} UTC"
            if report.run
            else ""
        ),
        table(
            [
                (
                    state,
                    getattr(names, state),
                    share(getattr(names, state), names.total),
                    getattr(rows, state),
                )
                for state in ("pending", "cached", "resolved", "failed")
            ]
            + [("total", names.total, "", rows.total - rows.blank)],
            ("", "names", "share", "rows"),
        ),
        _facts(report),
        "Requests: " + (_counts(requests.by_outcome) or "none yet") + _saved(report),
    ]
    if requests.latency_s.mean is not None:
        latency = requests.latency_s
        sections.append(
            f"Latency: mean {latency.mean:.2f} s, p50 {latency.p50:.2f} s, "
            f"p95 {latency.p95:.2f} s, max {latency.max:.2f} s"
        )
    if report.time.wall_s:
        time = report.time
        sections.append(
            f"Time: {duration(time.wall_s)} in all; network {duration(time.network_s)}, "
            f"waiting {duration(time.waiting_s)}, processing {duration(time.processing_s)}"
        )
    if report.failed_by_reason:
        sections.append("Failed: " + _counts(report.failed_by_reason))
    if report.flush_errors:
        sections.append(
            "Not taken by Postgres:\n" + table([(n, why) for why, n in report.flush_errors.items()])
        )
    if names.pending:
        sections.append(forecast_text(report))
    sections.append(
        "The accounts balance."
        if report.balanced
        else "THE ACCOUNTS DO NOT BALANCE: run `eqcbatch report --check`."
    )
    return "\n\n".join(sections)


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
    if report.names.retired:
        lines.append(f"Retired (in no current run): {count(report.names.retired, 'name')}")
    return "\n".join(lines)


def _saved(report: Report) -> str:
    saved = {
        "from the archive": report.requests.replays,
        "decided by the answer to another name": report.harvested,
    }
    parts = [f"{number:,} {how}" for how, number in saved.items() if number]
    return f"\nSaved: {', '.join(parts)}" if parts else ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def report_json(report: Report) -> dict[str, Any]:
    """The JSON of DESIGN section 5."""
    content = asdict(report)
    for told_to_people in ("flush_errors", "harvested", "forecast_in_flight"):
        del content[told_to_people]
    return content
