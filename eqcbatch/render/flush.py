"""What went to Postgres, and what left it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count, shorten
from eqcbatch.render.gate import gate_json, gate_text
from eqcbatch.render.overruled_rows import overruled_text
from eqcbatch.render.plain_text import table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.model import Written
    from eqcbatch.flush import Adjustment, FlushReport, RevertPreview, RevertReport, Sent

_SHOWN = 20  # results that a terminal shows


def flush_text(flushed: FlushReport) -> str:
    """What went to Postgres, and what to type next where not all of it did."""
    results, names, companies = flushed.results, flushed.former_names, flushed.companies
    parts = (results, flushed.backflow, names, companies)
    lines = [
        _sent(results, count(results.stored, "result")),
        _sent(flushed.backflow, f"{count(flushed.backflow.stored, 'id')} that a person vouches for"),
        _sent(names, count(names.stored, "former name")),
        _sent(companies, f"the details of {count(companies.stored, 'company', 'companies')}"),
    ]
    shown = [line for line, part in zip(lines, parts, strict=True) if any(asdict(part).values())]
    shown += [adjustment_text(one) for one in companies.adjustments]
    if flushed.lost:
        shown.append(f"Postgres had lost {count(flushed.lost, 'row')} of what was flushed before.")
    if flushed.gate and flushed.gate.open:
        shown = [*(shown or lines[:1]), gate_text(flushed.gate)]
    if flushed.trouble:
        shown.append("The rest is safe in the ledger. Next: eqcbatch flush")
    shown = shown or lines[:1]
    return "\n".join([*shown, overruled_text(flushed.overruled)] if flushed.overruled else shown)


def adjustment_text(adjustment: Adjustment) -> str:
    """What is the matter with values of a column of base_info, and the first of them."""
    return (
        f"base_info.{adjustment.column}: {count(adjustment.count, 'value')} not stored as told, "
        f"{adjustment.problem}. The first: {visible(shorten(adjustment.value, 40))}, "
        f"of {visible(adjustment.row)}."
    )


def _sent(part: Sent, what: str) -> str:
    text = f"Flushed {what} to Postgres"
    if part.taken_back:
        text += f", {part.taken_back:,} taken back"
    if part.refused:
        text += f", {part.refused:,} refused (`eqcbatch report` says why)"
    if part.waiting:
        text += f", {part.waiting:,} could not be stored just now ({visible(part.waits_for)})"
    return text + "."


def flush_json(flushed: FlushReport) -> dict[str, Any]:
    """What went to Postgres."""
    return {
        "flushed": flushed.results.stored,
        "refused": flushed.results.refused,
        "waiting": flushed.results.waiting,
        "taken_back": flushed.results.taken_back,
        "backflow": flushed.backflow.stored,
        "backflow_refused": flushed.backflow.refused,
        "former_names": flushed.former_names.stored,
        "companies": flushed.companies.stored,
        "adjusted": sum(one.count for one in flushed.companies.adjustments),
        "lost": flushed.lost,
        **gate_json(flushed.gate),
        "overruled": [asdict(one) for one in flushed.overruled],
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


def revert_backflow_text(reverted: FlushReport) -> str:
    """What left the index of the ids that people vouched for."""
    taken_back = count(reverted.backflow.taken_back, "id")
    lines = [f"Taken back from Postgres: {taken_back} that a person vouched for."]
    if reverted.trouble:
        lines.append("The rest is noted in the ledger. Next: eqcbatch flush, which takes it back")
    return "\n".join(lines)


def revert_backflow_json(reverted: FlushReport) -> dict[str, Any]:
    """What left the index of the ids that people vouched for."""
    return {"names": 0, "taken_back": reverted.backflow.taken_back, "former_names": 0}


def revert_preview_text(preview: RevertPreview, session_id: int | str) -> str:
    """What a revert would take back, the first of it in a table, and what to type next."""
    whose = session_id if isinstance(session_id, str) else f"Session {session_id}"
    lines = [f"{whose}: {count(len(preview.results), 'result')} would leave Postgres."]
    if preview.former_names:
        lines[0] += f" {count(preview.former_names, 'former name')} that rested on them, too."
    if preview.left_alone:
        lines[0] += f" {preview.left_alone:,} would be left alone: not written by us, or changed since."
    rows = [(row.lookup_key, row.company_id, _instead(row)) for row in preview.results[:_SHOWN]]
    lines += [table(rows, ("lookup key", "taken back", "then stands"))] if rows else []
    if (more := len(preview.results) - _SHOWN) > 0:
        lines.append(f"and {more:,} more (--json has all)")
    lines.append(f"Nothing was changed. Next: eqcbatch flush --revert {session_id}")
    return "\n".join(lines)


def _instead(row: Written) -> str:
    return f"{row.before.company_id} ({row.before.source})" if row.before else "nothing"


def revert_preview_json(preview: RevertPreview) -> dict[str, Any]:
    """What a revert would take back."""
    return {
        "dry_run": True,
        "names": preview.names,
        "taken_back": len(preview.results),
        "former_names": preview.former_names,
        "results": [
            {
                "lookup_key": row.lookup_key,
                "company_id": row.company_id,
                "then": row.before.company_id if row.before else None,
            }
            for row in preview.results
        ],
    }


def revert_json(reverted: RevertReport) -> dict[str, Any]:
    """What of a session left Postgres."""
    sent = reverted.sent
    return {
        "names": reverted.names,
        "taken_back": sent.results.taken_back,
        "former_names": sent.former_names.taken_back,
    }
