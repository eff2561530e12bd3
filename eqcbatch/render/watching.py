"""A report that is looked at again and again while a drain runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from eqcbatch.render.forecasting import running_text
from eqcbatch.render.reporting import report_text
from eqcbatch.render.words import share

if TYPE_CHECKING:
    from eqcbatch.ledger.recent import Since
    from eqcbatch.report import Report

_BAR = 40


def watched_screen(report: Report, since: Since | None, now: datetime, pace: float, holder: str) -> str:
    """A screen: coverage as a bar, the pace, what is left, and below the report itself."""
    covered, all_rows = _coverage(report)
    full = round(_BAR * covered / all_rows) if all_rows else 0
    bar = "#" * full + "-" * (_BAR - full)
    head = f"{now:%H:%M:%S}  {holder}\n[{bar}] {share(covered, all_rows)} of rows have a company id"
    return f"{head}\n{_pace(report, pace)}\n\n{report_text(report, since)}"


def watched_line(report: Report, now: datetime, pace: float) -> str:
    """The same in one line, for a log."""
    names = report.names
    covered = share(*_coverage(report))
    done = f"{names.total - names.pending:,} of {names.total:,} names done"
    return f"{now:%Y-%m-%d %H:%M:%S}  {covered} of rows covered, {done}; {_pace(report, pace)}"


def _coverage(report: Report) -> tuple[int, int]:
    rows = report.rows
    return rows.cached + rows.resolved, rows.total - rows.blank


def _pace(report: Report, pace: float) -> str:
    if not report.forecast.requests_left:
        return "nothing left to ask"
    return f"{pace:.1f} requests a minute of late; left: about {running_text(report.forecast)}"
