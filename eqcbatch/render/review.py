"""What a review took in, and what a rescore changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count
from eqcbatch.render.plain_text import table

if TYPE_CHECKING:
    from eqcbatch.review import Change, Imported, Rescoring

_SHOWN = 20  # changes of a kind that a terminal shows


def imported_text(imported: Imported) -> str:
    """What became of the decisions in a sheet."""
    return (
        f"Read {count(imported.lines, 'line')}: {count(imported.decided, 'name')} decided by "
        f"hand, {imported.rejected:,} without a company, {imported.unchanged:,} decided so before, "
        f"{imported.undecided:,} left open."
    )


def rescoring_json(rescoring: Rescoring) -> dict[str, Any]:
    """What a rescore changes, name by name."""
    return {
        "names": rescoring.names,
        "unjudged": rescoring.unjudged,
        "newly_confident": [_change_json(change) for change in rescoring.newly_confident],
        "newly_held": [_change_json(change) for change in rescoring.newly_held],
        "changed_id": [_change_json(change) for change in rescoring.changed_id],
        "otherwise": rescoring.otherwise,
    }


def _change_json(change: Change) -> dict[str, Any]:
    now = change.now
    return {
        "lookup_key": change.lookup_key,
        "rows": change.rows,
        "before": _side(change.company_id, change.confidence, change.verdict, change.held),
        "now": _side(now.company.company_id, now.confidence, now.how, now.held),
    }


def _side(company_id: str, confidence: float, verdict: str, held: str | None) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "confidence": confidence,
        "verdict": verdict,
        "held": str(held) if held else None,
    }


def rescoring_text(rescoring: Rescoring) -> str:
    """What a rescore changes, the heaviest names of each kind."""
    lines = [f"Judged {count(rescoring.names, 'stored answer')} anew; no request was sent."]
    if rescoring.unjudged:
        lines.append(f"{count(rescoring.unjudged, 'name')} without stored candidates left alone.")
    for headline, changes in (
        ("Newly confident", rescoring.newly_confident),
        ("Newly held", rescoring.newly_held),
        ("Changed id", rescoring.changed_id),
    ):
        lines.append(f"{headline}: {len(changes):,}" + (f"\n{_changes(changes)}" if changes else ""))
    lines.append(f"Other confidence or verdict alone: {rescoring.otherwise:,}")
    return "\n".join(lines)


def _changes(changes: Sequence[Change]) -> str:
    rows = [
        (
            change.rows,
            change.lookup_key,
            f"{change.company_id} {change.confidence:.2f} {change.verdict}",
            f"{change.now.company.company_id} {change.now.confidence:.2f} {change.now.how}",
        )
        for change in changes[:_SHOWN]
    ]
    more = len(changes) - _SHOWN
    listing = table(rows, ("rows", "lookup key", "before", "now"))
    return listing + (f"\nand {more:,} more (--json has all)" if more > 0 else "")


def rescoring_next_text(rescoring: Rescoring) -> str:
    """What to type where a rescore was only shown."""
    if not rescoring.changes:
        return "Nothing changes."
    return "Nothing was changed. Next: eqcbatch review rescore --apply"
