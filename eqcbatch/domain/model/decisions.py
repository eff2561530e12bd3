"""What people decide of names, and how names stand before and after."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model.enums import Choice, Held, IdSource, Reason, State, VerdictRule


@dataclass(frozen=True, slots=True)
class NameStanding:
    """How a name stands: all that a decision takes the place of, under the names of the ledger's columns."""

    state: State
    reason: Reason | None = None
    company_id: str | None = None
    official_name: str | None = None
    unite_code: str | None = None
    match_type: str | None = None
    confidence: float | None = None
    verdict: VerdictRule | None = None
    held: Held | None = None
    source: IdSource | None = None
    index_source: str | None = None

    @property
    def by_a_person(self) -> bool:
        """Whether a person decided that it stands so."""
        return self.verdict is VerdictRule.MANUAL

    @property
    def accepted(self) -> bool:
        """Whether an answer of EQC decided it, well enough for Postgres."""
        by_eqc = self.source in (IdSource.EQC, IdSource.HARVEST)
        return self.state is State.RESOLVED and by_eqc and self.held is None

    def __str__(self) -> str:
        """Return it in a few words, such as `600000001 (eqc), held: ambiguous`."""
        if self.reason is Reason.NO_COMPANY:
            return "no company"
        if self.state is State.FAILED:
            return f"failed ({self.reason})"
        if self.company_id is None:
            return f"{self.state} ({self.source})" if self.source else str(self.state)
        return f"{self.company_id} ({self.source})" + (f", held: {self.held}" if self.held else "")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides of a name.

    before, after: how it stands without and with that. origin: where that was said, such as a line of a
    sheet. forced: whether the id is one that EQC did not offer, and was to be taken all the same.
    """

    lookup_key: str
    choice: Choice
    before: NameStanding
    after: NameStanding
    origin: str
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """An accepted name whose id a person confirms without knowing that it is accepted. origin: where."""

    lookup_key: str
    company_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class OverruledRow:
    """A row of the index that others keep against a person's decision of its name.

    decided_id: what the person decided, None for no company. decided_by: who, None where a version before
    did not keep it. seen_at: when the row was first seen so (UTC ISO-8601). index_*: what it says.
    """

    lookup_key: str
    decided_id: str | None
    decided_by: str | None
    seen_at: str
    index_id: str
    index_confidence: float
    index_source: str
    index_domain: str | None
