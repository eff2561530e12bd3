"""What a revert would take back; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import LookupType, PriorRow, Written
from eqcbatch.flush.batches import BATCH
from eqcbatch.flush.flush import nothing_to_revert, nothing_vouched_for

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


@dataclass(frozen=True, slots=True)
class RevertPreview:
    """What a revert would do.

    results: what it would take back, with what would stand instead. left_alone: results that others have
    written over, or whose row we never wrote. former_names: how many of these would leave with them. names:
    how many would be held.
    """

    results: tuple[Written, ...]
    left_alone: int
    former_names: int
    names: int


def preview_revert(ledger: Ledger, postgres: Postgres, session_id: int) -> RevertPreview:
    """Say what `revert` of a session would take back.

    Raises BadInput if the session flushed nothing, PostgresUnavailable.
    """
    written = ledger.outbox.to_revert(session_id)
    if not written and not ledger.outbox.revoked(1):
        raise nothing_to_revert(ledger, session_id)
    results = _standing(postgres, written, _is_result)
    former_names = ledger.former_names.resting_on(session_id)
    return RevertPreview(results, len(written) - len(results), former_names, len(written))


def preview_revert_backflow(ledger: Ledger, postgres: Postgres) -> RevertPreview:
    """Say what `revert_backflow` would take back.

    Raises BadInput if there is nothing of it, PostgresUnavailable.
    """
    if not ledger.backflow.counts().any:
        raise nothing_vouched_for()
    written = ledger.backflow.sent()
    results = _standing(postgres, written, Written.stands_as_vouched)
    return RevertPreview(results, len(written) - len(results), former_names=0, names=0)


def _standing(
    postgres: Postgres, written: Sequence[Written], is_ours: Callable[[Written, PriorRow], bool]
) -> tuple[Written, ...]:
    """Those of our rows that stand as we wrote them. is_ours: whether a row there does."""
    found: list[Written] = []
    if not written:
        return ()
    with postgres.enrichment() as index:
        for begin in range(0, len(written), BATCH):
            batch = written[begin : begin + BATCH]
            standing = index.standing(LookupType.CUSTOMER_NAME, [row.lookup_key for row in batch])
            rows = [(row, standing[row.lookup_key]) for row in batch if row.lookup_key in standing]
            found += [row for row, stands in rows if is_ours(row, stands)]
    return tuple(found)


def _is_result(written: Written, row: PriorRow) -> bool:
    return written.noted and written.stands_as(row)
