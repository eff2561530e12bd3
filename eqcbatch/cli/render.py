"""Texts for people: pure functions from values to lines. Chinese counts two columns a character."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from eqcbatch.records import ExitReason

if TYPE_CHECKING:
    from eqcbatch.drain import DrainReport, Preview
    from eqcbatch.flush import FlushReport, RevertReport, Sent
    from eqcbatch.forecast import Forecast
    from eqcbatch.ledger.accounts import NameRow, NameStory
    from eqcbatch.plan import PlanReport
    from eqcbatch.report import Report


def duration(seconds: float) -> str:
    """Seconds in human form: `0.4 s`, `12 s`, `3 min`, `1 h 52 min`, `3 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 name`, `2,000 names`; `plural` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def share(part: float, whole: float) -> str:
    """A share in percent, `-` of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """A plain table with thousands separators; numbers to the right."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    if not cells:
        return ""
    align = ["right" if isinstance(cell, int) else "left" for cell in next(iter(rows), ())]
    return tabulate(cells, headers=headers, tablefmt="plain", colalign=align, disable_numparse=True)


def plan_text(plan: PlanReport, report: Report, source: str) -> str:
    """What a plan found, and what it means."""
    run = plan.run
    lines = [
        f"Planned {source}: {count(run.rows, 'row')}, {run.blank_rows:,} blank, "
        f"{run.distinct_names:,} distinct names in {count(run.distinct_raw, 'spelling')}.",
        f"Known already: {count(run.hits, 'name')} ({share(run.hits, run.distinct_names)}), "
        f"{count(run.hit_rows, 'row')} ({share(run.hit_rows, run.rows - run.blank_rows)}); "
        + (
            "no index was asked." if plan.looked_up is None else f"{count(plan.looked_up, 'name')} looked up."
        ),
    ]
    if report.names.retired:
        lines.append(f"In no current run any more: {count(report.names.retired, 'name')}, retired.")
    if plan.uncounted:
        lines.append(f"The hit counts could not be raised: {plan.uncounted}")
    if report.names.pending:
        lines.append(forecast_text(report))
        lines.append("Next: eqcbatch drain --resume")
    else:
        lines.append("Nothing is left to ask EQC.")
    return "\n".join(lines)


def forecast_text(report: Report) -> str:
    """How long the rest takes, and what of EQC's rate one request at a time leaves unused."""
    slow, fast = report.forecast.hours_p50, report.forecast_in_flight.hours_p50
    line = forecast_line(report.forecast)
    if fast > 0.9 * slow:
        return line
    return (
        f"{line}\nOne request at a time leaves {share(slow - fast, slow)} of EQC's rate unused: "
        f"with drain --in-flight auto it takes about {duration(fast * 3600)}."
    )


def forecast_line(forecast: Forecast) -> str:
    """How long the rest takes, in one line."""
    low, middle, high = (
        duration(hours * 3600) for hours in (forecast.hours_p10, forecast.hours_p50, forecast.hours_p90)
    )
    span = f"{middle} of running time" if low == high else f"{middle} of running time ({low} to {high})"
    line = f"Left to ask: {count(forecast.requests_left, 'request')}, about {span}"
    if forecast.sessions_at_budget:
        line += f", {count(forecast.sessions_at_budget, 'session')} at this budget"
    return line + "."


def drain_text(drained: DrainReport, report: Report, budget: int | None, unflushed: str) -> str:
    """What a session did, and what to type next. unflushed: why nothing could be flushed, "" if it could."""
    counts = drained.counts
    lines = [
        f"Session {drained.session_id} ended: {drained.exit_reason}. "
        f"Sent {_of_budget(counts.requests, budget)}, {count(counts.replays, 'answer')} from the archive.",
        f"Resolved {count(counts.resolved, 'name')} ({counts.held:,} held for review), "
        f"{counts.failed:,} failed; "
        + (
            f"{drained.flushed:,} flushed to Postgres." if not unflushed else f"nothing flushed: {unflushed}."
        ),
    ]
    if counts.details or counts.details_failed or drained.details_left:
        lines.append(
            f"Fetched {count(counts.details, 'detail')} of companies, {counts.details_failed:,} failed, "
            f"{drained.details_left:,} left."
        )
    if report.names.pending:
        lines.append(f"{count(report.names.pending, 'name')} still pending. {forecast_line(report.forecast)}")
        again = "eqcbatch drain --resume"
        if budget and drained.exit_reason is ExitReason.BUDGET:
            again += f" --budget all (or a larger --budget than {budget})"
        lines.append(f"Next: {again}")
    else:
        again = "drain --resume --details deferred" if drained.details_left else "report"
        lines.append(f"No name is pending. Next: eqcbatch {again}")
    return "\n".join(lines)


def _of_budget(requests: int, budget: int | None) -> str:
    if budget is None:
        return f"{count(requests, 'request')} (no budget)"
    return f"{requests:,} of {budget:,} requests in the budget"


def flush_text(flushed: FlushReport) -> str:
    """What went to Postgres, and what to type next where not all of it did."""
    results, names, companies = flushed.results, flushed.former_names, flushed.companies
    lines = [
        _sent(results, count(results.stored, "result")),
        _sent(names, count(names.stored, "former name")),
        _sent(companies, f"the details of {count(companies.stored, 'company', 'companies')}"),
    ]
    shown = [
        line
        for line, part in zip(lines, (results, names, companies), strict=True)
        if any(asdict(part).values())
    ]
    if flushed.trouble:
        shown.append("The rest is safe in the ledger. Next: eqcbatch flush")
    return "\n".join(shown or lines[:1])


def _sent(part: Sent, what: str) -> str:
    text = f"Flushed {what} to Postgres"
    if part.taken_back:
        text += f", {part.taken_back:,} taken back"
    if part.refused:
        text += f", {part.refused:,} refused (`eqcbatch report` says why)"
    return text + "."


def flush_json(flushed: FlushReport) -> dict[str, Any]:
    """What went to Postgres."""
    return {
        "flushed": flushed.results.stored,
        "refused": flushed.results.refused,
        "taken_back": flushed.results.taken_back,
        "former_names": flushed.former_names.stored,
        "companies": flushed.companies.stored,
    }


def revert_text(reverted: RevertReport, session_id: int) -> str:
    """What of a session left Postgres, and what to type next."""
    taken_back, names = reverted.sent.results.taken_back, reverted.sent.former_names.taken_back
    lines = [f"Session {session_id}: {count(taken_back, 'result')} taken back from Postgres."]
    if names:
        lines[0] += f" {count(names, 'former name')} that rested on them, too."
    if reverted.sent.trouble:
        lines.append("The rest is noted in the ledger. Next: eqcbatch flush, which takes it back")
    elif alone := max(0, reverted.names - taken_back):
        lines[0] += f" {alone:,} left alone: not written by us, or changed since."
    lines.append(
        f"{count(reverted.names, 'name')} held for review. Next: eqcbatch review export held.xlsx, "
        "or after a change of rules eqcbatch review rescore"
    )
    return "\n".join(lines)


def revert_json(reverted: RevertReport) -> dict[str, Any]:
    """What of a session left Postgres."""
    sent = reverted.sent
    return {
        "names": reverted.names,
        "taken_back": sent.results.taken_back,
        "former_names": sent.former_names.taken_back,
    }


def preview_text(preview: Preview) -> str:
    """What a drain would ask next."""
    if not preview.names:
        return "Nothing is pending: a drain would send no request."
    listing = table(
        [(name.rows, name.query, name.lookup_key) for name in preview.names],
        ("rows", "query", "lookup key"),
    )
    return f"{listing}\n\nA drain would send at least {count(preview.requests, 'request')}. Nothing was sent."


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


def story_text(story: NameStory) -> str:
    """What was asked of a name, what came back, what was decided and why."""
    name = story.name
    facts: list[tuple[str, object]] = [
        ("key", name.lookup_key),
        ("asked as", name.query),
        ("rows", name.rows),
        ("state", name.state + (f" ({name.reason})" if name.reason else "")),
    ]
    if name.company_id:
        facts.append(("company", f"{name.company_id} {name.official_name or ''}".strip()))
    if name.confidence is not None:
        facts.append(
            (
                "confidence",
                f"{name.confidence:.2f} ({name.verdict or name.source}"
                + (f", {name.match_type})" if name.match_type else ")"),
            )
        )
    if name.held:
        facts.append(("held", name.held))
    facts.append(("flushed", name.flushed_at or name.flush_error or "no"))
    parts = [
        table([(label, str(value)) for label, value in facts]),
        "Written:\n" + (table([(rows, raw) for raw, rows in story.written]) or "in no current run"),
    ]
    if story.requests:
        parts.append(
            "Requests:\n"
            + table(
                [
                    (
                        r.started_at[:19],
                        r.endpoint,
                        f"attempt {r.attempt}",
                        f"{r.elapsed_ms or 0:.0f} ms",
                        str(r.outcome),
                    )
                    for r in story.requests
                ]
            )
        )
    if story.candidates:
        parts.append(
            "Candidates:\n"
            + table(
                [
                    (
                        c.company_id,
                        c.official_name or "",
                        c.match_type or "",
                        c.registered_status or "",
                        "、".join(c.former_names),
                    )
                    for c in story.candidates
                ],
                ("company_id", "official name", "type", "status", "former names"),
            )
        )
    return "\n\n".join(parts)


CSV_COLUMNS = (
    "lookup_key",
    "query",
    "state",
    "reason",
    "company_id",
    "official_name",
    "confidence",
    "verdict",
    "held",
    "source",
    "rows",
    "weight",
    "attempts",
    "decided_at",
    "flushed_at",
    "flush_error",
)


def names_csv(names: Iterable[NameRow]) -> Iterable[str]:
    """The names as CSV lines, safe to open in a spreadsheet: no cell is taken for a formula."""
    from eqcbatch.source.sheets import safe_cell

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for name in names:
        writer.writerow([safe_cell(getattr(name, column)) for column in CSV_COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def report_json(report: Report) -> dict[str, Any]:
    """The JSON of DESIGN section 5."""
    content = asdict(report)
    for told_to_people in ("flush_errors", "harvested", "forecast_in_flight"):
        del content[told_to_people]
    return content


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
            "exit_reason": str(drained.exit_reason),
        },
        "names": asdict(report.names),
    }
