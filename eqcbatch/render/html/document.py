"""The pages: values in, one self-contained HTML text out. All of it is escaped by the engine.

Why: docs/decisions/0026.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from eqcbatch import __version__
from eqcbatch.domain.index_audit import LIKELIHOOD
from eqcbatch.domain.model import State
from eqcbatch.domain.names import written_form
from eqcbatch.humanize import count, duration
from eqcbatch.render.audit import SAYS, verdict_counts
from eqcbatch.render.changed_companies import reverified_text
from eqcbatch.render.html import figures
from eqcbatch.render.html.charts import brief_number
from eqcbatch.render.html.labels import ENDED_WELL, HELD, REASONS, ending, percent, spoken
from eqcbatch.render.html.offers import held_entry
from eqcbatch.render.html.periods import at, periods
from eqcbatch.render.html.scales import moment_text
from eqcbatch.render.sample import audit_line, sample_text
from eqcbatch.render.sources import notes, short_titles
from eqcbatch.report import Report
from eqcbatch.report.timeline import Timeline
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.audit import AuditReport
    from eqcbatch.domain.sample_standing import SampleStanding

MOST_ROWS = 1_000  # of an audit that its page shows


def page(report: Report, timeline: Timeline, made: datetime, run_id: int | None = None) -> str:
    """Lay the page out.

    made: an aware moment; all times are told in its zone. run_id: of the run that it is narrowed to.
    """
    zone = made.tzinfo
    assert zone is not None
    engine = _engine(zone)
    grain, nights = periods(timeline.sessions, zone)
    drawn = (
        figures.coverage(timeline, zone),
        figures.requests(grain, nights),
        figures.latency(timeline.latencies_s, report.requests.latency_s),
    )
    return engine.get_template("page.html").render(
        report=report,
        source_titles=short_titles([one.source for one in report.sources.listed]),
        source_notes=list(notes(report.sources)),
        audit_line=audit_line(report.audit) if report.audit else "",
        reverified_lines=reverified_text(report.reverified).splitlines(),
        timeline=timeline,
        made=made.isoformat(),
        run_id=run_id,
        grain=grain,
        nights=nights[::-1],
        figures=[figure for figure in drawn if figure],
        held=[held_entry(name) for name in timeline.held],
    )


def audit_page(audit: AuditReport, sample: SampleStanding | None, made: datetime) -> str:
    """Lay the page of an audit out. made: an aware moment; all times are told in its zone."""
    zone = made.tzinfo
    assert zone is not None
    return (
        _engine(zone)
        .get_template("audit.html")
        .render(
            audit=audit,
            likelihood=LIKELIHOOD,
            made=made.isoformat(),
            sample=sample,
            sample_lines=sample_text(sample).partition("\n\n")[0].splitlines() if sample else [],
            says=SAYS,
            verdicts=verdict_counts(audit),
        )
    )


def _engine(zone: tzinfo) -> Environment:
    engine = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_own(engine, name) for name in ("style.css", "sort.js"))
    engine.filters |= {
        "count": count,
        "duration": duration,
        "moment": lambda text: moment_text(at(text, zone), "{day} %b %Y, %H:%M"),
        "number": _number,
        "share": percent,
        "brief": brief_number,
        "spoken": spoken,
        "visible": visible,
        "written_form": written_form,
    }
    engine.globals |= {
        "ENDED_WELL": {ending(reason) for reason in ENDED_WELL},
        "AUDITED_ROWS": MOST_ROWS,
        "HELD": HELD,
        "HELD_OPEN": 12,
        "REASONS": REASONS,
        "State": State,
        "script": script,
        "script_hash": _hash(script),
        "style": style,
        "style_hash": _hash(style),
        "version": __version__,
    }
    return engine


def _own(engine: Environment, name: str) -> str:
    """Our own style or script, its lines as a browser reads them: the hash is of that."""
    assert engine.loader is not None
    source, _, _ = engine.loader.get_source(engine, name)
    return source.replace("\r\n", "\n")


def _hash(text: str) -> str:
    """A source of the Content-Security-Policy: this very text, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _number(value: Any) -> str:
    """A number with thousands separators; a small one that is not whole keeps two digits."""
    return f"{value:,.0f}" if value >= 1000 or float(value).is_integer() else f"{value:,.2f}"
