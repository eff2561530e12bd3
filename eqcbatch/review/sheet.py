"""The sheet of a review: one line a name that awaits a person, with candidates and room for a decision.

What can most likely be resolved comes first, then what weighs most; each line has a proposal, which counts
for nothing until a person writes it into the column `decision`. No line says by which rule its name is held:
there may be accepted names among them, as controls (`domain.control_sample`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.domain.matching import Asked, weigh_evidence
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.score import Proposal, Weights, propose
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review.agreement import distinct, evidence
from eqcbatch.review.calibrating import weights_of
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source.sheets import Value, read_sheet, write_sheet

KEY, DECISION, FORCE = "lookup_key", "decision", "force"
PROPOSAL, SURE = "proposal", "sure"
FACTS = (KEY, "query", "held", "rows", "weight", PROPOSAL, SURE, DECISION, FORCE, "candidates")
MATCH = "match"  # in the column `held`: whether a candidate is meant is the question, for whatever reason
EVIDENCE = "evidence"
OF_CANDIDATE = ("id", "name", "type", "status", "agrees", "contradicts")
MOST_SHOWN = 10  # candidates side by side; the column `candidates` says how many there are


Proposed = tuple[Reviewed, "Proposal | None"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in a sheet: names that are held, accepted ones as controls, those of changed companies."""

    held: int
    changed: int
    controls: int


def export(ledger: Ledger, path: Path) -> Exported:
    """Write the sheet of all that awaits a person, with the controls among it that nobody has looked at.

    Raises BadInput if a sheet is there already that holds decisions on that: nobody's work is written over.
    """
    held, changed = ledger.reviews.held(), ledger.reviews.changed()
    aside = {name.lookup_key for name in changed}
    controls = list(ledger.reviews.named(ledger.controls.to_review() - aside).values())
    names = [*held, *controls]
    _keep_decisions(path, {name.lookup_key for name in (*names, *changed)})
    header, lines = export_lines(ordered(names, weights_of(ledger)), changed)
    write_sheet(path, header, lines)
    return Exported(len(held), len(changed), len(controls))


def ordered(names: Sequence[Reviewed], weights: Weights) -> list[Proposed]:
    """Names with what is proposed for them: the likeliest to be resolved first, of those the heaviest."""
    proposed = [
        (name, propose(Asked(name.lookup_key, name.query, name.variants), name.offers, weights))
        for name in names
    ]
    return sorted(proposed, key=lambda one: (-_resolvable(one[1]), -one[0].weight, one[0].lookup_key))


def export_lines(
    held: Sequence[Proposed], changed: Sequence[Reviewed] = ()
) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """The header and the lines of the sheet, all of one length; evidence comes last, if there is any.

    Nothing is proposed for a changed company.
    """
    proposed = [*held, *((name, None) for name in changed)]
    offers = [distinct(name.offers)[:MOST_SHOWN] for name, _ in proposed]
    most = max(map(len, offers), default=0)
    header = FACTS + tuple(f"{column}_{number + 1}" for number in range(most) for column in OF_CANDIDATE)
    lines = [
        _facts(name, proposal) + tuple(cell for found in offered for cell in _of_candidate(name, found))
        for (name, proposal), offered in zip(proposed, offers, strict=True)
    ]
    lines = [line + (None,) * (len(header) - len(line)) for line in lines]
    if not any(name.evidence for name, _ in proposed):
        return header, lines
    told = [(*line, _beside(name)) for (name, _), line in zip(proposed, lines, strict=True)]
    return (*header, EVIDENCE), told


def _facts(name: Reviewed, proposal: Proposal | None) -> tuple[Value, ...]:
    offered = len(distinct(name.offers))
    weight = int(name.weight) if name.weight.is_integer() else name.weight
    told = (name.lookup_key, name.query, str(name.change or MATCH), name.rows, weight)
    proposed = (proposal.text, _two_digits(proposal.sure)) if proposal else (None, None)
    return (*told, *proposed, None, None, offered)


def _resolvable(proposal: Proposal | None) -> float:
    return _two_digits(proposal.resolvable) if proposal else 0.0


def _two_digits(share: float) -> float:
    """A share as it is told: never that a guess is certain."""
    return math.floor(share * 100) / 100


def _beside(name: Reviewed) -> Value:
    """What stands in its rows beside it, and whom of the candidates that fits; None for nothing."""
    asked = Asked(name.lookup_key, name.query, name.variants)
    weighed = weigh_evidence(asked, name.candidates, ConfidenceRule(), name.evidence)
    return "; ".join(map(str, weighed)) or None


def _of_candidate(name: Reviewed, found: Candidate) -> tuple[Value, ...]:
    asked = Asked(name.lookup_key, name.query, name.variants)
    told = (found.company_id, found.official_name, found.match_type, found.registered_status)
    return told + evidence(asked, found)


def _keep_decisions(path: Path, held: set[str]) -> None:
    if not path.exists():
        return
    try:
        sheet = read_sheet(path)
    except BadInput:
        return  # no sheet of ours
    if KEY not in sheet.header or DECISION not in sheet.header:
        return
    lines = [dict(zip(sheet.header, cells, strict=False)) for _, cells in sheet.rows]
    decided = sum(line.get(KEY) in held and bool(line.get(DECISION)) for line in lines)
    if decided:
        raise BadInput(
            f"{path} holds {count(decided, 'decision')} not imported yet. "
            f"Run `eqcbatch review import {path}` first, or name another file."
        )
