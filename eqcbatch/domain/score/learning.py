"""Weights are learned from names whose company is known. Pure, and without a library.

The likelihood of what was right is made as great as it can be, by accelerated gradient steps (Y. Nesterov,
1983; A. Beck and M. Teboulle, 2009) that never give a trait the other sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from eqcbatch.domain.score.chances import chances, outlook_of
from eqcbatch.domain.score.traits import SIGNS, Traits
from eqcbatch.domain.score.weights import BIAS, CHANCE, Weights

STEPS = 300
SETTLED = 1e-4  # of every weight: less is no step any more
LEAST = 1e-9  # a likelihood is taken for
_SIGNS = {CHANCE: 1, **SIGNS}
_SUM = "sum"
_PER_SUM = 5.0  # so that a sum is about as large as a trait


@dataclass(frozen=True, slots=True)
class Known:
    """A name whose company is known.

    traits: of its candidates. right: which of them is meant, None for none of them.
    """

    traits: tuple[Traits, ...]
    right: int | None


def learned(known: Sequence[Known], start: Weights, pull: float, steps: int = STEPS) -> Weights:
    """The weights that make what is known likeliest, uncalibrated.

    pull: how strongly each is held back at where it starts, in names.
    """
    cases = [([{BIAS: 1.0, **traits} for traits in one.traits], one.right) for one in known]
    begin = {BIAS: start.bias} | {trait: start.of.get(trait, 0.0) for trait in _SIGNS}
    found = _likeliest(cases, begin, _SIGNS, pull, steps)
    return Weights({trait: found[trait] for trait in _SIGNS}, found[BIAS])


def told_apart(one: Known, weights: Weights, *, resolvable: bool) -> Known:
    """The same name as it teaches what tells: its likeliest candidate alone, right where that resolves it."""
    outlook = outlook_of(one.traits, weights)
    traits = {**one.traits[outlook.best], CHANCE: outlook.chance}
    return Known((traits,), 0 if resolvable and one.right == outlook.best else None)


def calibrated(known: Sequence[Known], weights: Weights, pull: float) -> Weights:
    """The same weights, with the calibration that makes what is known likeliest."""
    cases = [
        ([{BIAS: 1.0, _SUM: weights.sum(traits) / _PER_SUM} for traits in one.traits], one.right)
        for one in known
    ]
    found = _likeliest(cases, {BIAS: 0.0, _SUM: _PER_SUM}, {_SUM: 1}, pull, STEPS)
    return replace(weights, scale=found[_SUM] / _PER_SUM, shift=found[BIAS])


def loss(known: Iterable[Known], weights: Weights) -> float:
    """How far off weights are: the mean of the negative log likelihoods of what was right."""
    losses = [-math.log(max(LEAST, likelihood(one, weights))) for one in known]
    return sum(losses) / len(losses)


def likelihood(one: Known, weights: Weights) -> float:
    """How likely what was right is, by these weights."""
    likely = chances([weights.log_odds(traits) for traits in one.traits])
    return 1 - sum(likely) if one.right is None else likely[one.right]


_Case = tuple[list[dict[str, float]], "int | None"]


def _likeliest(
    cases: Sequence[_Case], start: dict[str, float], signs: Mapping[str, int], pull: float, steps: int
) -> dict[str, float]:
    """The values that make the cases likeliest, less what they are pulled back."""
    curves = [max(sum(value**2 for value in one.values()) for one in traits) for traits, _ in cases]
    step = 1 / (sum(curves) / 2 + pull)  # of a function that is nowhere more curved
    values, ahead, momentum = start, start, 1.0
    for _ in range(steps):
        slopes = _slopes(cases, ahead)
        reached = {
            trait: _signed(
                value + step * (slopes[trait] - pull * (value - start[trait])), signs.get(trait, 0)
            )
            for trait, value in ahead.items()
        }
        moved = max(abs(reached[trait] - value) for trait, value in values.items())
        onward = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        carry = (momentum - 1) / onward
        ahead = {trait: value + carry * (value - values[trait]) for trait, value in reached.items()}
        values, momentum = reached, onward
        if moved < SETTLED:
            break
    return values


def _slopes(cases: Sequence[_Case], values: Mapping[str, float]) -> dict[str, float]:
    """How much likelier the cases become with each of the values."""
    slopes = dict.fromkeys(values, 0.0)
    for candidates, right in cases:
        likely = chances([sum([values[trait] * x for trait, x in one.items()]) for one in candidates])
        for at, one in enumerate(candidates):
            missing = (at == right) - likely[at]
            for trait, x in one.items():
                slopes[trait] += missing * x
    return slopes


def _signed(value: float, sign: int) -> float:
    return value if sign * value >= 0 else 0.0
