"""What EQC offers for a name, what that amounts to, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from eqcbatch.domain.model.enums import EvidenceKind, Held, SecondQuestion, VerdictRule

if TYPE_CHECKING:
    from eqcbatch.settings import ConfidenceRule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that a search offers for a name.

    rank: its place in EQC's list, 0 is first. match_type: the `type` of the item (docs/domain.md section 3).
    former_names: the names the company bore before. short_name: what EQC says it is called for short.
    second: the second question that brought it, None where the first did.
    """

    rank: int
    company_id: str
    official_name: str | None = None
    match_type: str | None = None
    score: float | None = None
    unite_code: str | None = None
    registered_status: str | None = None
    former_names: tuple[str, ...] = ()
    short_name: str | None = None
    second: SecondQuestion | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the candidates of a name amount to.

    company: the chosen candidate. confidence: 0..1. how: the rule that decided. held: why the result must
    not reach Postgres, None when it may.
    """

    company: Candidate
    confidence: float
    how: VerdictRule
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What verdicts are made by: a version of the program, its rules, and what a match is worth.

    Years later a verdict can be made again by it, and held against what stands. rule_set: the number of the
    rules (`domain.matching.rule_set`).
    """

    version: str
    rule_set: int
    rule: ConfidenceRule


class RowEvidence(NamedTuple):
    """What stands in rows of a name beside it. rows: in how many. column: which one, "" where it is none."""

    kind: EvidenceKind
    value: str
    rows: int
    column: str = ""
