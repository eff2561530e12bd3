"""How right proposals are by how sure they are, before a score was fitted and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count
from eqcbatch.render.plain_text import table

if TYPE_CHECKING:
    from eqcbatch.domain.score.calibration import Precision
    from eqcbatch.review import Calibrated


def calibration_text(calibrated: Calibrated) -> str:
    """What a calibration came to, and what to type next."""
    found = calibrated.calibration
    decided = count(calibrated.decisions, "decision")
    if found is None:
        return (
            f"{decided} by people on names with candidates: {calibrated.missing:,} more are needed. "
            "Nothing was changed.\nNext: eqcbatch review export held.xlsx"
        )
    rows = [
        (f"{before.sure:.2f}", *_told(before), *_told(after))
        for before, after in zip(found.before, found.after, strict=True)
    ]
    heads = ("sure from", "proposed", "right, as shipped", "(95 %)", "proposed", "right, fitted", "(95 %)")
    kept = (
        "Kept: `eqcbatch review export` goes by the fit now."
        if calibrated.kept
        else "Not kept: the weights that ship tell these names as well."
    )
    return (
        f"Fitted to {decided} by people; each name is told by a fit to others.\n{table(rows, heads)}\n"
        f"Loss {found.loss_before:.3f} as shipped, {found.loss_after:.3f} fitted. {kept}"
    )


def _told(one: Precision) -> tuple[str, ...]:
    if one.interval is None:
        return "0", "", ""
    interval = one.interval
    return f"{one.proposed:,}", f"{interval.share:.3f}", f"{interval.low:.3f} to {interval.high:.3f}"


def calibration_json(calibrated: Calibrated) -> dict[str, Any]:
    """What a calibration came to."""
    found = calibrated.calibration
    return {
        "decisions": calibrated.decisions,
        "missing": calibrated.missing,
        "kept": calibrated.kept,
        "loss_before": found.loss_before if found else None,
        "loss_after": found.loss_after if found else None,
        "before": _precisions(found.before) if found else [],
        "after": _precisions(found.after) if found else [],
    }


def _precisions(told: Sequence[Precision]) -> list[dict[str, Any]]:
    return [
        {"sure": one.sure, "proposed": one.proposed, "right": one.right}
        | (asdict(one.interval) if one.interval else {"share": None, "low": None, "high": None})
        for one in told
    ]
