"""Where things stand, as GitHub-flavoured Markdown for mail and chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from eqcbatch.humanize import count, cut
from eqcbatch.render.changed_companies import reverified_text
from eqcbatch.render.forecast import forecast_line, gain_text
from eqcbatch.render.plain_text import share
from eqcbatch.render.report import (
    balance_text,
    coverage_text,
    drain_text,
    failed_lines,
    since_text,
    take_back_text,
)
from eqcbatch.render.sample import audit_line
from eqcbatch.render.sources import coverage, notes, short_titles
from eqcbatch.safe_text import markdown

if TYPE_CHECKING:
    from eqcbatch.ledger.history import MissingName, Since
    from eqcbatch.report import Report

_LONGEST_NAME = 120  # signs of a name that are shown, as on the page


def report_markdown(report: Report, missing: Sequence[MissingName], since: Since | None) -> str:
    """Where things stand. missing: the heaviest names without an id."""
    parts = (
        f"## eqcbatch: {coverage_text(report)}",
        _states(report),
        _sources(report),
        "\n".join(f"- {markdown(fact)}" for fact in _facts(report, since)),
        _faster(report),
        _missing(missing),
        f"**{balance_text(report)}**" if not report.balanced else balance_text(report),
    )
    return "\n\n".join(filter(None, parts))


def _states(report: Report) -> str:
    names, rows = report.names, report.rows
    lines = [
        (state, getattr(names, state), share(getattr(names, state), names.total), getattr(rows, state))
        for state in ("pending", "cached", "resolved", "failed")
    ]
    total = ("**total**", names.total, "", rows.total - rows.blank)
    return _table(("state", "names", "share", "rows"), [*lines, total])


def _sources(report: Report) -> str:
    listed = report.sources.listed
    if not listed:
        return ""
    titles = short_titles([one.source for one in listed])
    rows = [
        (
            *(one.source.number, markdown(cut(title, _LONGEST_NAME)), one.source.rows, one.source.names),
            *(coverage(one), one.source.planned_at[:10]),
        )
        for one, title in zip(listed, titles, strict=True)
    ]
    lines = [_table(("", "source", "rows", "names", "with an id", "planned"), rows)]
    return "\n\n".join([*lines, *map(markdown, notes(report.sources))])


def _facts(report: Report, since: Since | None) -> Iterator[str]:
    if report.run:
        yield f"Newest run: {report.run.source}, planned {report.run.planned_at[:16].replace('T', ' ')} UTC"
    resolved = report.resolved
    yield (
        f"Flushed to Postgres: {resolved.flushed:,}; to be flushed: {resolved.unflushed:,}; "
        f"held for review: {resolved.held:,}"
    )
    if report.to_take_back:
        yield take_back_text(report)
    yield f"Sent so far: {count(report.requests.total, 'request')}"
    if report.latest_drain:
        yield drain_text(report.latest_drain, report.holder)
    if report.audit:
        yield audit_line(report.audit)
    yield from reverified_text(report.reverified).splitlines()
    yield from failed_lines(report)
    for why, number in report.flush_errors.items():
        yield f"Not taken by Postgres: {number:,}, {why}"
    if report.overruled:
        yield f"Decided by people, and otherwise in the index: {count(len(report.overruled), 'name')}"
    if since:
        yield since_text(since)
    if report.forecast.requests_left:
        yield forecast_line(report.forecast)


def _faster(report: Report) -> str:
    ways = [(f"`drain {way.option}`", gain_text(report.forecast, way)) for way in report.faster]
    return _table(("It would be faster with", "which takes"), ways) if ways else ""


def _missing(missing: Sequence[MissingName]) -> str:
    if not missing:
        return ""
    rows = [
        (
            markdown(cut(one.query, _LONGEST_NAME)),
            one.rows,
            markdown(one.state + (f" ({one.reason})" if one.reason else "")),
        )
        for one in missing
    ]
    return "The heaviest names that are pending or failed:\n\n" + _table(("name", "rows", "state"), rows)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    rows = list(rows)
    rule = ["---:" if isinstance(cell, int) else "---" for cell in rows[0]]
    lines = [
        headers,
        rule,
        *([f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
