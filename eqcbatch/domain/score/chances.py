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
from eqcbatch.domain.score.traits import traits_of
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

    `none` only where it is as sure as NOBODY_FROM: a company that is overlooked is asked for no more. Else
    the likeliest candidate, however unsure.
    """
    traits = traits_of(asked, candidates)
    if not traits:
        return None
    likely = chances([weights.log_odds(one) for _, one in traits])
    nobody, best = 1 - sum(likely), max(range(len(likely)), key=likely.__getitem__)
    company, found = traits[best]
    (resolvable,) = chances([telling().log_odds({**found, CHANCE: likely[best]})])
    if nobody >= NOBODY_FROM:
        return Proposal(NOBODY, nobody, resolvable)
    return Proposal(company.company_id, likely[best], resolvable)


def chances(log_odds: Sequence[float]) -> list[float]:
    """How likely each of several is, by its log odds against `none`; what is left is for that."""
    top = max(0.0, *log_odds) if log_odds else 0.0
    odds = [math.exp(one - top) for one in log_odds]
    whole = math.exp(-top) + sum(odds)
    return [one / whole for one in odds]
