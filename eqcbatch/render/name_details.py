"""All that is known of one name, and all names as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.matching import Asked, Testimony, weigh_evidence
from eqcbatch.domain.model import Choice
from eqcbatch.render.plain_text import table
from eqcbatch.safe_text import safe_cell, visible
from eqcbatch.settings import ConfidenceRule

if TYPE_CHECKING:
    from eqcbatch.ledger.name_details import NameDetail, NameRow


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


def name_detail_text(detail: NameDetail) -> str:
    """What was asked of a name, what came back, what was decided and why."""
    written = table([(rows, raw) for raw, rows in detail.written])
    parts = [_facts(detail.name), "Written:\n" + (written or "in no current run")]
    if detail.requests:
        parts.append("Requests:\n" + _requests(detail))
    if detail.evidence:
        parts.append("Beside it:\n" + "\n".join(f"  {visible(str(one))}" for one in _weighed(detail)))
    if detail.candidates:
        parts.append("Candidates:\n" + _candidates(detail))
    if detail.decisions:
        parts.append("Decided by people:\n" + _decisions(detail))
    return "\n\n".join(parts)


def name_detail_json(detail: NameDetail) -> dict[str, Any]:
    """All of that, with what each piece of evidence says (docs/reference.md#json)."""
    evidence = [
        {**one.evidence._asdict(), "rule": one.rule, "speaks_for": list(one.speaks_for), "sure": one.sure}
        for one in _weighed(detail)
    ]
    return asdict(detail) | {"evidence": evidence}


def _weighed(detail: NameDetail) -> list[Testimony]:
    """What each piece of evidence says; what a match is worth does not count in it."""
    asked = Asked(detail.name.lookup_key, detail.name.query, tuple(raw for raw, _ in detail.written))
    return weigh_evidence(asked, detail.candidates, ConfidenceRule(), detail.evidence)


def _facts(name: NameRow) -> str:
    facts: list[tuple[str, object]] = [
        ("key", name.lookup_key),
        ("asked as", name.query),
        ("rows", name.rows),
        ("state", name.state + (f" ({name.reason}{_by_hand(name)})" if name.reason else "")),
    ]
    if name.company_id:
        facts.append(("company", f"{name.company_id} {name.official_name or ''}".strip()))
    if name.confidence is not None:
        kind = f", {name.match_type}" if name.match_type else ""
        facts.append(("confidence", f"{name.confidence:.2f} ({name.verdict or name.source}{kind})"))
    if name.held:
        facts.append(("held", name.held))
    facts.append(("flushed", name.flushed_at or name.flush_error or "no"))
    return table([(label, str(value)) for label, value in facts])


def _decisions(detail: NameDetail) -> str:
    return table(
        [
            (
                (one.decided_at or "?")[:19],
                one.decided_by or "?",
                f"{one.before or '?'} -> {one.after}" + (", reopened" if one.choice is Choice.REOPEN else ""),
                one.origin or "",
                "forced" if one.forced else "",
            )
            for one in detail.decisions
        ]
    )


def _by_hand(name: NameRow) -> str:
    return ", decided by hand" if name.verdict == "manual" else ""


def _requests(detail: NameDetail) -> str:
    return table(
        [
            (
                one.started_at[:19],
                one.endpoint,
                f"attempt {one.attempt}",
                f"{one.elapsed_ms or 0:.0f} ms",
                str(one.outcome),
            )
            for one in detail.requests
        ]
    )


def _candidates(detail: NameDetail) -> str:
    return table(
        [
            (
                one.company_id,
                one.official_name or "",
                one.match_type or "",
                one.registered_status or "",
                "、".join(one.former_names),
            )
            for one in detail.candidates
        ],
        ("company_id", "official name", "type", "status", "former names"),
    )


def names_csv(names: Iterable[NameRow]) -> Iterable[str]:
    """The names as CSV lines, safe to open in a spreadsheet: no cell is taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for name in names:
        writer.writerow([safe_cell(getattr(name, column)) for column in CSV_COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
