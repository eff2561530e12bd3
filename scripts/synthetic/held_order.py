"""The order in which a review is shown what is held, and what is proposed for it, held against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.names import query_for
from eqcbatch.domain.score import NOBODY, Proposal, Weights, propose, shipped
from synthetic.cases import Case

FIRST = 0.15  # of the sheet
LIKELY = 0.5
LEAST_IN_FIRST, LEAST_NOBODY_RIGHT = 0.80, 0.99


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """What the sheet of a review is worth.

    held, resolvable: names. in_first: how many of the resolvable stand in the first 15 % of the sheet.
    nobody, nobody_right: how often `none` is proposed, and no candidate is meant. candidates,
    candidates_right: the same of ids that are proposed with 0.5 and more.
    """

    held: int
    resolvable: int
    in_first: int
    nobody: int
    nobody_right: int
    candidates: int
    candidates_right: int

    @property
    def missed(self) -> list[str]:
        """The thresholds that were missed."""
        checks = {
            f"less than {LEAST_IN_FIRST} of the resolvable in the first {FIRST:.0%} of the sheet": (
                self.in_first < LEAST_IN_FIRST * self.resolvable
            ),
            f"a proposed none right in less than {LEAST_NOBODY_RIGHT}": (
                self.nobody_right < LEAST_NOBODY_RIGHT * self.nobody
            ),
        }
        return [name for name, failed in checks.items() if failed]

    def as_json(self) -> dict[str, Any]:
        """All figures by name."""
        return asdict(self)

    def __str__(self) -> str:
        """Return them as a line."""
        return (
            f"review sheet: {self.held} held, {self.resolvable} of them resolvable, {self.in_first} of these "
            f"in its first {FIRST:.0%}; `none` right in {self.nobody_right} of {self.nobody}, ids of "
            f"{LIKELY} and more in {self.candidates_right} of {self.candidates}"
        )


def held_order(cases: Sequence[Case], weights: Weights | None = None) -> HeldOrder:
    """Propose for all that is held, and count what stands where."""
    held = [(case, _proposed(case, weights or shipped())) for case in cases if case.is_held]
    held.sort(key=lambda one: (-one[1].resolvable, one[0].asked.raw))
    first = held[: round(FIRST * len(held))]
    nobody = [case for case, proposal in held if proposal.text == NOBODY]
    ids = [(case, one.text) for case, one in held if one.text != NOBODY and one.sure >= LIKELY]
    return HeldOrder(
        held=len(held),
        resolvable=sum(case.resolvable for case, _ in held),
        in_first=sum(case.resolvable for case, _ in first),
        nobody=len(nobody),
        nobody_right=sum(not _is_offered(case) for case in nobody),
        candidates=len(ids),
        candidates_right=sum(text == case.true_id for case, text in ids),
    )


def _proposed(case: Case, weights: Weights) -> Proposal:
    raw = case.asked.raw
    asked = Asked(case.key, query_for([raw]), (raw,))
    proposal = propose(asked, case.candidates, weights)
    assert proposal is not None  # as what is held has candidates
    return proposal


def _is_offered(case: Case) -> bool:
    return any(candidate.company_id == case.true_id for candidate in case.candidates)
