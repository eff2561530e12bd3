"""What EQC offers for a name, and what that amounts to."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model.str_enum import StrEnum


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that a search offers for a name.

    rank: its place in EQC's list, 0 is first. match_type: the `type` of the item (DOMAIN section 3).
    former_names: the names the company bore before.
    """

    rank: int
    company_id: str
    official_name: str | None = None
    match_type: str | None = None
    score: float | None = None
    unite_code: str | None = None
    registered_status: str | None = None
    former_names: tuple[str, ...] = ()


class Held(StrEnum):
    """Why an answer is not good enough for Postgres and waits for a review."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    CONTRADICTION = "contradiction"
    REVERTED = "reverted"  # it was in Postgres, and was taken back with its session


class NamePart(StrEnum):
    """A part of a company's name in which an offered name can contradict what was asked for."""

    REGION = "region"
    BRANCH = "branch"
    NUMBER = "number"
    CORE = "core"
    FORM = "form"


class VerdictRule(StrEnum):
    """The rule that decided a name, as `names.verdict` has it."""

    EXACT_NAME = "exact_name"  # the company bears the name
    FORMER_NAME = "former_name"  # it bore the name before
    FIRST_CANDIDATE = "first_candidate"  # its name bears out what was asked for
    AMBIGUOUS = "ambiguous"  # another may be meant as well
    CONTRADICTING_REGION = f"contradiction:{NamePart.REGION.value}"
    CONTRADICTING_BRANCH = f"contradiction:{NamePart.BRANCH.value}"
    CONTRADICTING_NUMBER = f"contradiction:{NamePart.NUMBER.value}"
    CONTRADICTING_CORE = f"contradiction:{NamePart.CORE.value}"
    CONTRADICTING_FORM = f"contradiction:{NamePart.FORM.value}"
    MANUAL = "manual"  # a reviewer decided

    @classmethod
    def contradicting(cls, part: NamePart) -> VerdictRule:
        """All candidates contradict the name; `part`: in what the first one does."""
        return cls(f"contradiction:{part}")

    @property
    def contradicted(self) -> NamePart | None:
        """In which part the name is contradicted, None if it is not."""
        return next((part for part in NamePart if self is self.contradicting(part)), None)


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
