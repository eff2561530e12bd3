"""A score beside the rules: how likely each candidate of a name is meant, and how likely none is. Pure.

The rules decide (`matching`); the score orders what they hold, and proposes. Nothing is flushed by it.
`traits` says what speaks for a candidate, `weights` what that weighs, `chances` what it comes to, `learning`
where the weights come from.

Why: docs/decisions/0036.
"""

from eqcbatch.domain.score.chances import NOBODY, NOBODY_FROM, Proposal, propose
from eqcbatch.domain.score.weights import Weights, shipped

__all__ = ["NOBODY", "NOBODY_FROM", "Proposal", "Weights", "propose", "shipped"]
