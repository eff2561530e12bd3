"""A sample as it stands: what of it was asked, and what the answers came to. Values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from eqcbatch.domain.estimate import Estimate, StratumCount, estimate
from eqcbatch.domain.model import RowAnswer


@dataclass(frozen=True, slots=True)
class StratumStanding:
    """A stratum of a sample.

    verdicts, sources: of its rows. rows: how many the index has of them; wanted: how many are to be asked.
    answers: how many of these came to what.
    """

    verdicts: tuple[str, ...]
    sources: tuple[str, ...]
    rows: int
    wanted: int
    answers: Mapping[RowAnswer, int]

    @property
    def count(self) -> StratumCount:
        """The same for an estimate: what got no answer is as if it had not been asked."""
        right, wrong, held, not_found = (
            self.answers.get(answer, 0)
            for answer in (RowAnswer.RIGHT, RowAnswer.WRONG, RowAnswer.HELD, RowAnswer.NOT_FOUND)
        )
        return StratumCount(self.rows, right, wrong, held + not_found)


@dataclass(frozen=True, slots=True)
class SampleStanding:
    """The sample of an audit.

    number: the audit's. drawn_at: UTC ISO-8601; the sample tells of the index as it was then. index: the
    database. index_rows: how many rows it had, those that cannot be asked among them.
    """

    number: int
    drawn_at: str
    index: str
    index_rows: int
    strata: tuple[StratumStanding, ...]

    @property
    def rows(self) -> int:
        """How many rows of the index can be asked: the sample tells of these."""
        return sum(stratum.rows for stratum in self.strata)

    @property
    def wanted(self) -> int:
        """How many rows are to be asked."""
        return sum(stratum.wanted for stratum in self.strata)

    @property
    def answers(self) -> Counter[RowAnswer]:
        """How many of them came to what."""
        total: Counter[RowAnswer] = Counter()
        for stratum in self.strata:
            total.update(stratum.answers)
        return total

    @property
    def left(self) -> int:
        """How many are still to be asked."""
        return self.wanted - self.answers.total()

    @property
    def estimate(self) -> Estimate | None:
        """What the answers so far say of the index; None where they decide nothing."""
        return estimate([stratum.count for stratum in self.strata])
