"""The share of wrong rows in the index, by a stratified sample of which EQC was asked. Pure.

Wrong rows are rare, and the strata are sampled unevenly. So each stratum has a Wilson score interval, which
keeps its coverage where few rows, or none, are found wrong (E. B. Wilson, Journal of the American Statistical
Association 22, 1927), narrowed by how much of the stratum was asked: of one that was asked whole, the share
is known. The strata are put together as R. G. Newcombe (Statistics in Medicine 17, 1998) and G. Y. Zou and
A. Donner (Statistics in Medicine 27, 2008) put together independent shares: the distances from each share to
its limits are weighed, squared and added up, and the root of that is the distance of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z_95 = 1.959964  # of the normal distribution, between plus and minus which 95 % lie


@dataclass(frozen=True, slots=True)
class StratumCount:
    """A part of the index, and what its sample came to.

    rows: how many it has. right, wrong: of those asked, by EQC's answers. undecided: those that its answer
    did not decide: held, or not found.
    """

    rows: int
    right: int = 0
    wrong: int = 0
    undecided: int = 0

    @property
    def decided(self) -> int:
        """How many of the rows asked are known to be right or wrong."""
        return self.right + self.wrong

    @property
    def asked(self) -> int:
        """How many rows were asked, and answered."""
        return self.decided + self.undecided


@dataclass(frozen=True, slots=True)
class Interval:
    """A share, and the limits between which it lies with 95 % confidence."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample says of the index.

    wrong: the share of wrong rows, among the rows that EQC's answers decide. undecided: the share of rows
    that they do not. if_right, if_wrong: the share of wrong rows among all, were these all right, or wrong.
    """

    wrong: Interval
    undecided: float
    if_right: Interval
    if_wrong: Interval


def estimate(strata: Sequence[StratumCount]) -> Estimate | None:
    """Put the strata together; None before a single row is decided.

    The wrong rows are estimated among all, then told as a share of those that can be decided.
    """
    asked = [stratum for stratum in strata if stratum.asked]
    if not any(stratum.decided for stratum in asked):
        return None
    if_right = _together([(one.rows, _interval(one.wrong, one)) for one in asked])
    if_wrong = _together([(one.rows, _interval(one.wrong + one.undecided, one)) for one in asked])
    decided = 1 - (if_wrong.share - if_right.share)
    limits = (min(1.0, limit / decided) for limit in (if_right.share, if_right.low, if_right.high))
    return Estimate(Interval(*limits), 1 - decided, if_right, if_wrong)


def _together(parts: Sequence[tuple[float, Interval]]) -> Interval:
    """The interval of the whole: each part counts for so many rows."""
    rows = sum(weight for weight, _ in parts)
    share = sum(weight * part.share for weight, part in parts) / rows
    below = math.hypot(*(weight * (part.share - part.low) for weight, part in parts)) / rows
    above = math.hypot(*(weight * (part.high - part.share) for weight, part in parts)) / rows
    return Interval(share, max(0.0, share - below), min(1.0, share + above))


def _interval(found: int, stratum: StratumCount) -> Interval:
    """The interval of a share in a stratum: the less of it is left unasked, the narrower.

    It lies between what was found, were all the rest not so, and the same, were all the rest so.
    """
    share, left = found / stratum.asked, stratum.rows - stratum.asked
    if left <= 0:
        return Interval(share, share, share)
    low, high = wilson(found, stratum.asked, stratum.asked * (stratum.rows - 1) / left)
    return Interval(share, max(low, found / stratum.rows), min(high, (found + left) / stratum.rows))


def wilson(wrong: int, of: int, worth: float | None = None) -> tuple[float, float]:
    """The limits of Wilson's 95 % score interval. worth: how many the sample counts for, if not as many."""
    share, sample = wrong / of, of if worth is None else worth
    z2 = Z_95**2
    middle = (share + z2 / (2 * sample)) / (1 + z2 / sample)
    half = Z_95 / (1 + z2 / sample) * math.sqrt(share * (1 - share) / sample + z2 / (4 * sample**2))
    return max(0.0, middle - half), min(1.0, middle + half)
