"""What a gate says, and by which reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count

if TYPE_CHECKING:
    from eqcbatch.domain.control_sample import GateVerdict


def gate_text(said: GateVerdict) -> str:
    """What a gate says, and what to do about it: one or two lines."""
    sample = said.sample
    figures = (
        f"{sample.controls.right:,} of {count(sample.controls.all, 'reviewed control')} right, "
        f"precision {sample.low:.4f} to {sample.high:.4f} (95 % each way)"
    )
    if sample.others.all:
        figures += f", {sample.others.wrong:,} of {sample.others.all:,} other reviewed ones wrong"
    if said.proven:
        return f"Gate {said.least:g}: open. {figures}."
    if said.open:
        more = f"{said.missing:,} more, all right, would prove it; {sample.to_review:,} wait for review."
        return f"Gate {said.least:g}: open, as nothing speaks against it: {figures}. {more}"
    waiting = (
        f"has {count(sample.to_review, 'control')} more" if sample.to_review else "--controls 0.1 draws more"
    )
    return (
        f"Gate {said.least:g}: shut, nothing that EQC decided is flushed. {figures}.\n"
        f"Nothing is lost. `eqcbatch review export held.xlsx` {waiting} to review: it opens again where they "
        "are right."
    )


def gate_json(said: GateVerdict | None) -> dict[str, Any]:
    """What a gate says, under its key; nothing without one."""
    return {} if said is None else {"gate": _said(said)}


def _said(said: GateVerdict) -> dict[str, Any]:
    sample = said.sample
    return {
        "asked": said.least,
        "open": said.open,
        "proven": said.proven,
        "low": sample.low,
        "high": sample.high,
        "accepted": sample.accepted,
        "controls_right": sample.controls.right,
        "controls_wrong": sample.controls.wrong,
        "controls_to_review": sample.to_review,
        "controls_missing": said.missing,
        "others_right": sample.others.right,
        "others_wrong": sample.others.wrong,
    }
