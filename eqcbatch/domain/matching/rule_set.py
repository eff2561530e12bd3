"""Which rules a verdict was made by, so that years later it can be made again and held against what stands.

`RULE_SET` counts up with every change by which some name would be judged otherwise: rules, vocabulary, the
parts of a name. tests/data/rule_set.json holds verdicts of this one, and a test holds them against the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.settings import ConfidenceRule

RULE_SET = 2


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What verdicts are made by: a version of the program, its rules, and what a match is worth."""

    version: str
    rule_set: int
    rule: ConfidenceRule
