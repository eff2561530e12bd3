"""What a revert would take back; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import SOURCE_DOMAIN, LookupType, PriorRow, Written
from eqcbatch.flush.batches import BATCH
from eqcbatch.flush.flush import nothing_to_revert

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Enrichment, Postgres


@dataclass(frozen=True, slots=True)
class RevertPreview:
    """What a revert would do.

    results: what it would take back, with what would stand instead. left_alone: results that others have
    written over, or whose row we never wrote. former_names: how many of these would leave with them.
    """

    results: tuple[Written, ...]
    left_alone: int
    former_names: int

    @property
    def names(self) -> int:
        """How many names would be held."""
        return len(self.results) + self.left_alone


def preview_revert(ledger: Ledger, postgres: Postgres, session_id: int) -> RevertPreview:
    """Say what `revert` of a session would take back.

    Raises BadInput if the session flushed nothing, PostgresUnavailable.
    """
    written = ledger.outbox.to_revert(session_id)
    if not written and not ledger.outbox.revoked(1):
        raise nothing_to_revert(ledger, session_id)
    results: list[Written] = []
    if written:
        with postgres.enrichment() as index:
            for begin in range(0, len(written), BATCH):
                results += _standing(index, written[begin : begin + BATCH])
    former_names = ledger.former_names.resting_on(session_id)
    return RevertPreview(tuple(results), len(written) - len(results), former_names)


def _standing(index: Enrichment, written: list[Written]) -> list[Written]:
    """Those of our rows that stand as we wrote them."""
    standing = index.standing(LookupType.CUSTOMER_NAME, [row.lookup_key for row in written])
    return [row for row in written if _stands(row, standing.get(row.lookup_key))]


def _stands(written: Written, row: PriorRow | None) -> bool:
    if row is None or not written.noted or row.source_domain != SOURCE_DOMAIN:
        return False
    if (row.company_id, row.confidence) != (written.company_id, round(written.confidence, 2)):
        return False
    return row.source == "eqc_api" or (row.source == "manual" and written.confidence == 1)
