"""Limits of a share by a sample: exact ones, which hold for few as for many. Pure.

After C. J. Clopper and E. S. Pearson (Biometrika 26, 1934), one-sided: the lower limit is the share at which
so many right ones, or more, would come with the chance that is left (0.05 for 95 %).
"""

from __future__ import annotations

import math

LEFT = 0.05  # the chance that the share is beyond a limit
_STEPS = 60  # of halving: as exact as a float


def lower_limit(right: int, of: int) -> float:
    """The least share that `right` of `of` allow with 95 % confidence; 0 of none."""
    return 1 - _upper(of - right, of)


def upper_limit(right: int, of: int) -> float:
    """The greatest share that they allow with 95 % confidence; 1 of none."""
    return _upper(right, of)


def fewest_to_prove(share: float) -> int:
    """How many must all be right for a lower limit of so much."""
    return math.ceil(math.log(LEFT) / math.log(share)) if 0 < share < 1 else 0


def _upper(found: int, of: int) -> float:
    """The share at which as few as `found` of `of` come with the chance that is left."""
    if found >= of:
        return 1.0
    low, high = found / of, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _as_few(found, of, middle) > LEFT:
            low = middle
        else:
            high = middle
    return high


def _as_few(found: int, of: int, share: float) -> float:
    """The chance that `found` or fewer of `of` come, each with this share."""
    if share >= 1:
        return 0.0
    one, other = math.log(share), math.log1p(-share)
    whole = math.lgamma(of + 1)
    return sum(
        math.exp(
            whole - math.lgamma(count + 1) - math.lgamma(of - count + 1) + count * one + (of - count) * other
        )
        for count in range(found + 1)
    )
