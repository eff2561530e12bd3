"""What can be said of a row of the index without asking, and how likely its id is wrong then."""

from __future__ import annotations

from collections.abc import Mapping

from eqcbatch.domain.model import NamePart, StrEnum


class RowVerdict(StrEnum):
    """What is stored says this of a row of the index."""

    DECIDED = "decided"  # a person said so
    OVERRULED = "overruled"  # a person decided its name otherwise
    AGREES = "agrees"  # its company bears the name, or bears it out
    RENAMED = "renamed"  # its company bore the name before
    GONE = "gone"  # it agrees, and its company is struck off the register
    AMBIGUOUS = "ambiguous"  # it agrees, and another company may be meant as well
    CONTRADICTING_REGION = f"contradiction:{NamePart.REGION.value}"
    CONTRADICTING_BRANCH = f"contradiction:{NamePart.BRANCH.value}"
    CONTRADICTING_NUMBER = f"contradiction:{NamePart.NUMBER.value}"
    CONTRADICTING_CORE = f"contradiction:{NamePart.CORE.value}"
    CONTRADICTING_FORM = f"contradiction:{NamePart.FORM.value}"
    ANOTHER_COMPANY = "another_company"  # another company bears the name, or is closer to it
    TWO_IDS = "two_ids"  # the key has another id in another row
    UNLIKE_NAMES = "unlike_names"  # other names of its id say another company, of which nothing is stored
    UNKNOWN_COMPANY = "unknown_company"  # nothing is stored of its company
    UNPROVEN = "unproven"  # its company is known, but nothing that would tell whether it is meant
    NO_ID = "no_id"  # its id is none: nobody uses the row

    @classmethod
    def contradicting(cls, part: NamePart) -> RowVerdict:
        """The company's name contradicts the row's in this part."""
        return cls(f"contradiction:{part}")

    @property
    def contradicts(self) -> bool:
        """Whether the names contradict each other."""
        return self.startswith("contradiction:")

    @property
    def judged(self) -> bool:
        """Whether anything that is stored speaks for the row or against it."""
        return self not in (RowVerdict.UNKNOWN_COMPANY, RowVerdict.UNPROVEN, RowVerdict.NO_ID)

    @property
    def suspicious(self) -> bool:
        """Whether an id with this verdict is rather wrong than right."""
        return LIKELIHOOD[self] >= SUSPICIOUS


SUSPICIOUS = 0.5

# Measured by scripts/audit_quality.py: of 100 rows with this verdict, so many are wrong in an index of which
# 5 in 100 are. Of what says nothing, that is the share itself.
LIKELIHOOD: Mapping[RowVerdict, float] = {
    RowVerdict.DECIDED: 0.0,  # a person's word is final (docs/decisions/0032)
    RowVerdict.OVERRULED: 1.0,  # so it is here
    RowVerdict.AGREES: 0.002,
    RowVerdict.RENAMED: 0.002,
    RowVerdict.GONE: 0.02,
    RowVerdict.AMBIGUOUS: 0.15,
    RowVerdict.CONTRADICTING_REGION: 0.95,
    RowVerdict.CONTRADICTING_BRANCH: 0.99,
    RowVerdict.CONTRADICTING_NUMBER: 0.97,
    RowVerdict.CONTRADICTING_CORE: 0.90,
    RowVerdict.CONTRADICTING_FORM: 0.90,
    RowVerdict.ANOTHER_COMPANY: 0.55,
    RowVerdict.TWO_IDS: 0.30,
    RowVerdict.UNLIKE_NAMES: 0.30,
    RowVerdict.UNKNOWN_COMPANY: 0.05,
    RowVerdict.UNPROVEN: 0.05,
    RowVerdict.NO_ID: 0.0,
}
