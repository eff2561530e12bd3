"""Ids that a person vouches for go to the index, and leave it where nobody does any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eqcbatch.flush.batches import send_own_rows
from eqcbatch.flush.flush_report import Sent

if TYPE_CHECKING:
    from eqcbatch.ledger import Backflow
    from eqcbatch.postgres import Postgres


def send(backflow: Backflow, postgres: Postgres, by: str | None) -> Sent:
    """Send what a person vouches for, after taking back what nobody does any more.

    by: who vouches for what stands now, refused before or not; None for nobody.
    """
    if by:
        backflow.vouch(by)
    return send_own_rows(backflow, postgres.backflow, refused=by is not None)
