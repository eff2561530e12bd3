"""The verdict: what a search's candidates amount to for a name. Pure (DOMAIN section 3)."""

from __future__ import annotations

from collections.abc import Sequence

from eqcbatch.records import Candidate, Held, Verdict
from eqcbatch.settings import ConfidenceRule


def judge(candidates: Sequence[Candidate], rule: ConfidenceRule) -> Verdict | None:
    """Decide for EQC's first candidate, at the confidence of its match type; None without candidates.

    A confidence below the rule's minimum holds the answer for review.
    """
    if not candidates:
        return None
    first = candidates[0]
    confidence = rule.of(first.match_type)
    held = Held.LOW_CONFIDENCE if confidence < rule.minimum else None
    return Verdict(first, confidence, "first_candidate", held)
