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

    before: what stood there then, None for nothing. noted: whether that is known.
    """

    lookup_key: str
    company_id: str
    confidence: float
    before: PriorRow | None = None
    noted: bool = False

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

    def stands_as(self, row: PriorRow | None) -> bool:
        """Whether this row of the index is the very result, written by us before."""
        ours = (self.company_id, round(self.confidence, 2), SOURCE_DOMAIN)
        return row is not None and (row.company_id, row.confidence, row.source_domain) == ours
