"""What each trait weighs: learned offline from made-up names, or besides from what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from eqcbatch.domain.score.traits import SIGNS, Traits
from eqcbatch.tables import lines

TABLE = "score"
BIAS = "(any candidate)"  # the line of the table that weighs being offered at all
CHANCE = "(its chance)"  # and that which weighs how likely the candidate is the one


@dataclass(frozen=True, slots=True)
class Weights:
    """What the traits weigh, on the scale of log odds against `none`; those that are left out weigh nothing.

    bias: what every candidate has. scale, shift: the calibration, which stretches and moves the sum.
    """

    of: Mapping[str, float]
    bias: float
    scale: float = 1.0
    shift: float = 0.0

    def sum(self, traits: Traits) -> float:
        """What the traits of a candidate weigh together, before the calibration."""
        return self.bias + sum([self.of.get(trait, 0.0) * value for trait, value in traits.items()])

    def log_odds(self, traits: Traits) -> float:
        """How far a candidate is likelier than `none`."""
        return self.scale * self.sum(traits) + self.shift


@cache
def shipped() -> Weights:
    """By what a candidate is likely the one that is meant (scripts/score_fit.py writes them)."""
    return read_weights(lines(TABLE))[0]


@cache
def telling() -> Weights:
    """By what the likeliest candidate is told from all others, so that a person can resolve the name."""
    return read_weights(lines(TABLE))[1]


def read_weights(table: Sequence[str]) -> tuple[Weights, Weights]:
    """The weights of a table: on each line both weights of a trait, then the trait."""
    split = [line.split(maxsplit=2) for line in table]
    likely, tells = ({trait: float(weights[at]) for *weights, trait in split} for at in (0, 1))
    return Weights(likely, likely.pop(BIAS)), Weights(tells, tells.pop(BIAS))


def table_of(likely: Weights, tells: Weights) -> list[str]:
    """The lines of a table, in the order of SIGNS."""
    told = {BIAS: (likely.bias, tells.bias)}
    told |= {trait: (likely.of.get(trait, 0.0), tells.of.get(trait, 0.0)) for trait in (CHANCE, *SIGNS)}
    return [f"{one:6.2f} {other:6.2f}  {trait}" for trait, (one, other) in told.items()]
