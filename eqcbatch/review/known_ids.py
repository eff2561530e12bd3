"""What ids look like, by those that ledger and index have."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eqcbatch.domain.id_look import IdLook
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.ledger import Ledger

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres


def id_look(ledger: Ledger, postgres: Postgres | None) -> IdLook:
    """What ids look like; where Postgres is away the ledger alone tells."""
    found = ledger.decisions.id_look()
    if postgres is not None:
        with suppress(PostgresUnavailable), postgres.enrichment() as index:
            found += index.id_lengths()
    return IdLook.of(found)
