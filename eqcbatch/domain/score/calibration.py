"""A score is fitted to what people decided, and shown to be better by names that it was not fitted to. Pure.

The decisions are split in five. Each fifth is proposed for by a fit to the other four; so what is told of a
fit is told of names that it has not seen. Few decisions stretch and move the weights that ship; of 200 and
more each weight is moved, too, and held back at where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eqcbatch.domain.estimate import Interval, wilson
from eqcbatch.domain.score.chances import outlook_of
from eqcbatch.domain.score.learning import Known, calibrated, learned, loss
from eqcbatch.domain.score.weights import Weights, shipped

FEWEST = 50  # decisions that a calibration is fitted to
FEWEST_FOR_WEIGHTS = 200
THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_PARTS = 5
_PULL, _PULL_OF_WEIGHTS = 0.5, 20.0  # in decisions


@dataclass(frozen=True, slots=True)
class Precision:
    """How right the proposals are that are so sure. sure: from what on. proposed: how many; right: of them.

    interval: Wilson's, 95 %; None of none.
    """

    sure: float
    proposed: int
    right: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a fit comes to.

    decisions: how many names it is fitted to. weights: the fit. loss_before, loss_after: how far off the
    weights that ship are, and fits to the other names; before, after: their precision.
    """

    decisions: int
    weights: Weights
    loss_before: float
    loss_after: float
    before: tuple[Precision, ...]
    after: tuple[Precision, ...]

    @property
    def better(self) -> bool:
        """Whether names that a fit has not seen are told better by it."""
        return self.loss_after < self.loss_before


def calibrate(known: Mapping[str, Known]) -> Calibration:
    """Fit the score to names whose company is known, by lookup key."""
    parts = _parts(known)
    unseen: list[tuple[Known, Weights]] = []
    for part in parts:
        fit = fitted([one for other in parts if other is not part for one in other])
        unseen += [(one, fit) for one in part]
    as_shipped = [(one, shipped()) for one in known.values()]
    return Calibration(
        decisions=len(known),
        weights=fitted([*known.values()]),
        loss_before=loss(known.values(), shipped()),
        loss_after=sum(loss([one], fit) for one, fit in unseen) / len(unseen),
        before=_by_threshold(as_shipped),
        after=_by_threshold(unseen),
    )


def fitted(known: Sequence[Known]) -> Weights:
    """The weights that ship, moved by what is known."""
    weights = shipped()
    if len(known) >= FEWEST_FOR_WEIGHTS:
        weights = learned(known, weights, _PULL_OF_WEIGHTS)
    return calibrated(known, weights, _PULL)


def _parts(known: Mapping[str, Known]) -> list[list[Known]]:
    """The names in parts of one size, always the same."""
    keys = sorted(known, key=lambda key: hashlib.sha256(key.encode()).digest())
    return [[known[key] for key in keys[part::_PARTS]] for part in range(_PARTS)]


def _by_threshold(proposed: Sequence[tuple[Known, Weights]]) -> tuple[Precision, ...]:
    told = [_proposal(one, weights) for one, weights in proposed]
    return tuple(_precision(sure, [right for found, right in told if found >= sure]) for sure in THRESHOLDS)


def _precision(sure: float, right: Sequence[bool]) -> Precision:
    of = len(right)
    interval = Interval(sum(right) / of, *wilson(sum(right), of)) if of else None
    return Precision(sure, of, sum(right), interval)


def _proposal(one: Known, weights: Weights) -> tuple[float, bool]:
    """How sure the proposal for a name is, and whether it is right."""
    outlook = outlook_of(one.traits, weights)
    if outlook.is_nobody:
        return outlook.nobody, one.right is None
    return outlook.chance, one.right == outlook.best
