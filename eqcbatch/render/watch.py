"""A report that is looked at again and again while a drain runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from eqcbatch.render.forecast import running_text
from eqcbatch.render.report import coverage_text, report_text
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.ledger.history import Since
    from eqcbatch.report import Report

_BAR = 40


def watched_screen(report: Report, since: Since | None, now: datetime, a_minute: float, holder: str) -> str:
    """A screen: the report, and below it, where a low terminal shows it, coverage, rate and what is left."""
    all_rows = report.rows.total - report.rows.blank
    full = round(_BAR * report.rows_identified / all_rows) if all_rows else 0
    bar = "#" * full + "-" * (_BAR - full)
    head = f"{now:%H:%M:%S}  {visible(holder)}\n[{bar}] {coverage_text(report)}"
    return f"{report_text(report, since)}\n\n{head}\n{_rate_and_rest(report, a_minute)}"


def watched_line(report: Report, now: datetime, a_minute: float) -> str:
    """The same in one line, for a log."""
    names = report.names
    done = f"{names.total - names.pending:,} of {names.total:,} names done"
    return f"{now:%Y-%m-%d %H:%M:%S}  {coverage_text(report)}, {done}; {_rate_and_rest(report, a_minute)}"


def _rate_and_rest(report: Report, a_minute: float) -> str:
    if not report.forecast.requests_left:
        return "nothing left to ask"
    return f"{a_minute:.1f} requests a minute of late; left: about {running_text(report.forecast)}"
