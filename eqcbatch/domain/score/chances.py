"""How likely each candidate is the one that is meant, and how likely none is. Pure.

A multinomial logit: every candidate has its odds against `none`, and shares the whole with its rivals. So two
that look alike have half of it each, however well they fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.score.traits import SAYS_TOO_LITTLE, Traits, traits_of
from eqcbatch.domain.score.weights import CHANCE, Weights, telling

NOBODY = "none"  # what is proposed where no candidate is meant
NOBODY_FROM = 0.99  # as sure it must be


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a name.

    text: the id of a candidate, or `none`. sure: how likely that is right. resolvable: how likely the
    likeliest candidate is the one, and is told from all others: that a person can resolve the name.
    """

    text: str
    sure: float
    resolvable: float


def propose(asked: Asked, candidates: Sequence[Candidate], weights: Weights) -> Proposal | None:
    """Propose a candidate, or none of them; None without candidates.

    `none` only where `Outlook.is_nobody` says so; else the likeliest candidate, however unsure.
    """
    found = traits_of(asked, candidates)
    if not found:
        return None
    outlook = outlook_of([traits for _, traits in found], weights)
    company, traits = found[outlook.best]
    (resolvable,) = chances([telling().log_odds({**traits, CHANCE: outlook.chance})])
    if outlook.is_nobody:
        return Proposal(NOBODY, outlook.nobody, resolvable)
    return Proposal(company.company_id, outlook.chance, resolvable)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the traits of a name's candidates come to.

    best: which of them is likeliest; chance: how likely. nobody: how likely none is. is_bare: whether the
    name is a bare brand.
    """

    best: int
    chance: float
    nobody: float
    is_bare: bool

    @property
    def is_nobody(self) -> bool:
        """Whether `none` is proposed: only where it is sure, as a company that is overlooked is lost.

        Never for a bare brand: anybody may be called so for short.
        """
        return self.nobody >= NOBODY_FROM and not self.is_bare


def outlook_of(candidates: Sequence[Traits], weights: Weights) -> Outlook:
    """What the traits of candidates, one at least, come to by these weights."""
    likely = chances([weights.log_odds(traits) for traits in candidates])
    best = max(range(len(likely)), key=likely.__getitem__)
    return Outlook(best, likely[best], 1 - sum(likely), SAYS_TOO_LITTLE in candidates[best])


def chances(log_odds: Sequence[float]) -> list[float]:
    """How likely each of several is, by its log odds against `none`; what is left is for that."""
    top = max(0.0, *log_odds) if log_odds else 0.0
    odds = [math.exp(one - top) for one in log_odds]
    whole = math.exp(-top) + sum(odds)
    return [one / whole for one in odds]
