"""What goes to Postgres, and what stood there before."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.domain.model.enums import IdSource

SOURCE_DOMAIN = "eqcbatch"  # of the rows that we write
BACKFLOW = "backflow"  # the source of those whose ids a person vouches for


@dataclass(frozen=True, slots=True)
class PriorRow:
    """A row of the index as somebody left it; source, source_domain: in that one's words.

    ours: whether we wrote it. first: of such a row, what stood before we wrote at all; None for nothing.
    """

    company_id: str
    confidence: float
    source: str
    source_domain: str | None
    ours: bool = field(default=False, compare=False)
    first: PriorRow | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Written:
    """A row of the index as we flushed it.

    before: what stood there then, None for nothing. noted: whether that is known. by_a_person: whether a
    decision in this ledger gave the name that id, so that a row of source `manual` may be ours.
    """

    lookup_key: str
    company_id: str
    confidence: float
    before: PriorRow | None = None
    noted: bool = False
    by_a_person: bool = False

    def stands_as(self, row: PriorRow) -> bool:
        """Whether this row of the index is as we wrote it; one that somebody else confirmed since is not."""
        ours = (self.company_id, round(self.confidence, 2), SOURCE_DOMAIN)
        sources = ("eqc_api", "manual") if self.by_a_person else ("eqc_api",)
        return (row.company_id, row.confidence, row.source_domain) == ours and row.source in sources

    def stands_as_vouched(self, row: PriorRow) -> bool:
        """Whether this row of the index is as we wrote it because a person vouches for it."""
        return row == PriorRow(self.company_id, round(self.confidence, 2), BACKFLOW, SOURCE_DOMAIN)

    @property
    def first(self) -> PriorRow | None:
        """What stood there before we wrote at all; None for nothing."""
        return self.before.first if self.before and self.before.ours else self.before


@dataclass(frozen=True, slots=True)
class Result:
    """A resolved name on its way to Postgres.

    source: who decided: EQC, asked for this name or another one, or a reviewer. instead_of: what we flushed
    for it before, if anything.
    """

    lookup_key: str
    company_id: str
    confidence: float
    source: IdSource
    instead_of: Written | None = None

    @property
    def index_source(self) -> str:
        """Who decided, in the words of the index."""
        return "manual" if self.source is IdSource.MANUAL else "eqc_api"

    def stands_as(self, row: PriorRow | None) -> bool:
        """Whether this row of the index is the very result, written by us before."""
        ours = PriorRow(self.company_id, round(self.confidence, 2), self.index_source, SOURCE_DOMAIN)
        return row == ours
