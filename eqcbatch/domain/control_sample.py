"""Controls: accepted names that people review without knowing it, and what a gate makes of that. Pure.

A name is a control by its key and the ledger's seed, whatever else happens: a run that goes on after a kill,
or the next export, draws the same. A larger share draws the same and others.

Why: docs/decisions/0037.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from eqcbatch.domain.binomial import fewest_to_prove, lower_limit, upper_limit

SHARE = 0.01  # of the accepted names


def is_drawn(seed: str, share: float, lookup_key: str) -> bool:
    """Whether a name is a control, if it is accepted."""
    digest = hashlib.sha256(f"{seed} {lookup_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What people said of names that EQC's answers decided: the id was theirs, or it was not."""

    right: int = 0
    wrong: int = 0

    @property
    def all(self) -> int:
        """How many they looked at."""
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of the precision of a ledger's verdicts.

    accepted: names that EQC's answers decided, people's corrections among them. controls: those of them that
    were drawn by chance and reviewed. others: those that people looked at for another reason, which says
    nothing of the rest. to_review: controls that nobody has looked at.
    """

    accepted: int
    controls: Reviewed = Reviewed()
    others: Reviewed = Reviewed()
    to_review: int = 0

    @property
    def low(self) -> float:
        """The least precision that this allows, with 95 % confidence."""
        return self._whole(lower_limit(self.controls.right, self.controls.all))

    @property
    def high(self) -> float:
        """The greatest that it allows, with 95 % confidence."""
        return self._whole(upper_limit(self.controls.right, self.controls.all))

    def _whole(self, share: float) -> float:
        """The precision of all accepted names, where that of those not known otherwise is this share."""
        rest = self.accepted - self.others.all
        return (self.others.right + share * rest) / self.accepted if self.accepted else share


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What a gate says. least: the precision that it asks for. sample: by which it judges.

    | what the sample says                                          | the gate           |
    |---------------------------------------------------------------|--------------------|
    | the lower limit of precision is as high as asked, or higher   | open               |
    | lower, though as many controls are reviewed as could prove it | shut               |
    | lower, with fewer: even the upper limit is lower              | shut               |
    | lower, with fewer: the upper limit is not                     | open, and unproven |

    So a new ledger, of which nobody has reviewed anything, flushes until something speaks against it.
    """

    least: float
    sample: Sample

    @property
    def proven(self) -> bool:
        """Whether the precision is known to be as high as asked."""
        return self.sample.low >= self.least

    @property
    def open(self) -> bool:
        """Whether what EQC decides may be flushed."""
        if self.proven:
            return True
        return self.missing > 0 and self.sample.high >= self.least

    @property
    def missing(self) -> int:
        """How many more controls must be reviewed before they could prove it, were they all right."""
        return max(0, fewest_to_prove(self.least) - self.sample.controls.all)
