"""What a review took in, and what a rescore changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import Choice, Decision
from eqcbatch.humanize import count
from eqcbatch.render.plain_text import table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.review import Change, Imported, Rescoring, Set

_SHOWN = 20  # of a kind that a terminal shows


def imported_text(imported: Imported) -> str:
    """What became of the decisions in a sheet, with every id that was let through, and what was changed."""
    reopened = imported.of(Choice.REOPEN)
    lines = [
        f"Read {count(imported.lines, 'line')}: {count(imported.of(Choice.COMPANY), 'name')} decided by "
        f"hand, {imported.of(Choice.NONE):,} without a company, "
        + (f"{reopened:,} opened again, " if reopened else "")
        + f"{imported.unchanged:,} decided so before, {imported.undecided:,} left open."
    ]
    if imported.controls or imported.contradicted:
        lines.append(
            f"Of the accepted names among them {len(imported.controls):,} confirmed, "
            f"{len(imported.contradicted):,} corrected."
        )
    lines += _listed("Let through by force", imported.forced, _forced)
    lines += _listed("Decisions of people changed", imported.changed, _changed)
    return "\n".join(lines)


def _listed(headline: str, decisions: Sequence[Decision], told: Callable[[Decision], str]) -> Iterator[str]:
    if decisions:
        yield f"{headline}: {len(decisions):,}"
        yield from (f"  {visible(told(one))}" for one in decisions[:_SHOWN])
    if len(decisions) > _SHOWN:
        yield f"  and {len(decisions) - _SHOWN:,} more (--json has all)"


def _forced(decision: Decision) -> str:
    return (
        f"{decision.origin}: {decision.after.company_id} for {decision.lookup_key}, which EQC did not offer"
    )


def _changed(decision: Decision) -> str:
    return f"{decision.origin}: {decision.lookup_key}: {decision.before} -> {decision.after}"


def imported_json(imported: Imported) -> dict[str, Any]:
    """What became of the decisions in a sheet."""
    return {
        "lines": imported.lines,
        "undecided": imported.undecided,
        "decided": imported.of(Choice.COMPANY),
        "rejected": imported.of(Choice.NONE),
        "reopened": imported.of(Choice.REOPEN),
        "unchanged": imported.unchanged,
        "controls_confirmed": len(imported.controls),
        "controls_corrected": len(imported.contradicted),
        "forced": [
            {"origin": one.origin, "lookup_key": one.lookup_key, "company_id": one.after.company_id}
            for one in imported.forced
        ],
        "changed": [
            {"origin": one.origin, "lookup_key": one.lookup_key, "before": asdict(one.before)}
            | {"after": asdict(one.after)}
            for one in imported.changed
        ],
    }


def set_text(done: Set) -> str:
    """What became of one name, and who decided."""
    name = visible(done.lookup_key)
    if done.decision is None:
        return f"Nothing changes: {name} is {visible(done.now)}{_since(done)}."
    forced = " EQC did not offer it: let through by force." if done.decision.forced else ""
    return f"{name}: {visible(done.decision.before)} -> {visible(done.now)}{_since(done)}.{forced}"


def _since(done: Set) -> str:
    latest = done.latest
    if latest is None or not (done.decision or done.now.by_a_person):
        return ""
    by = f", by {visible(latest.decided_by)}" if latest.decided_by else ", by hand"
    when = f" on {latest.decided_at[:10]}" if latest.decided_at and done.decision is None else ""
    return by + when


def set_json(done: Set) -> dict[str, Any]:
    """What became of one name."""
    decision = done.decision
    return {
        "lookup_key": done.lookup_key,
        "changed": decision is not None,
        "choice": str(decision.choice) if decision else None,
        "before": asdict(decision.before if decision else done.now),
        "after": asdict(done.now),
        "forced": decision is not None and decision.forced,
        "decided_by": done.latest.decided_by if done.latest else None,
        "decided_at": done.latest.decided_at if done.latest else None,
    }


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
