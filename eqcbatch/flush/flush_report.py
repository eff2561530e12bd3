"""What a flush, or a revert, came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.errors import PostgresUnavailable


@dataclass(frozen=True, slots=True)
class Sent:
    """What Postgres has now, and what it does not take; the ledger says why. taken_back: what left it."""

    stored: int = 0
    refused: int = 0
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class FlushReport:
    """What was sent. trouble: why the rest was not; it is safe in the ledger.

    lost: rows that had been flushed before and that Postgres has no more; they are among what was sent.
    """

    results: Sent = Sent()
    former_names: Sent = Sent()
    companies: Sent = Sent()
    lost: int = 0
    trouble: PostgresUnavailable | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RevertReport:
    """names: those whose results are held now. sent: what left Postgres.

    What others wrote meanwhile, or we never did, is left alone.
    """

    names: int
    sent: FlushReport
