"""What each trait weighs: learned offline from made-up names, or besides from what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from eqcbatch.domain.score.traits import SIGNS, Traits
from eqcbatch.tables import lines

TABLE = "score"
BIAS = "(any candidate)"  # the line of the table that weighs being offered at all


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
    """The weights that ship with the program (scripts/score_fit.py writes them)."""
    return read_weights(lines(TABLE))


def read_weights(table: tuple[str, ...]) -> Weights:
    """The weights of a table: on each line a weight and its trait."""
    pairs = (line.strip().split(maxsplit=1) for line in table)
    weights = {trait: float(weight) for weight, trait in pairs}
    bias = weights.pop(BIAS)
    return Weights({trait: weight for trait, weight in weights.items() if trait in SIGNS}, bias)


def table_of(weights: Weights) -> list[str]:
    """The lines of a table, in the order of SIGNS."""
    told = {BIAS: weights.bias} | {trait: weights.of.get(trait, 0.0) for trait in SIGNS}
    return [f"{weight:6.2f} {trait}" for trait, weight in told.items()]
