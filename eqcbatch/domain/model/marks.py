"""The requests that other pipelines leave in Postgres (docs/domain.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model.enums import Held, QueueStatus, Reason, State


@dataclass(frozen=True, slots=True)
class Mark:
    """What the queue is told of a request.

    error: why it failed. retry_at: when a request that failed for the moment is asked again (UTC ISO-8601).
    """

    status: QueueStatus
    company_id: str | None = None
    error: str | None = None
    retry_at: str | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A request as its row in the queue says.

    stamp: the row's time of update as Postgres has it; it is the same for as long as nobody writes the row.
    """

    id: int
    raw: str
    stamp: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class RowMark:
    """A mark on its way to a row of the queue, for the case that the row still has this status and stamp."""

    id: int
    status: QueueStatus
    stamp: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class QueuedName:
    """What a request's mark depends on: its name, as the ledger has it.

    confidence: None for a name that is cached by its rows' own keys alone. due_at: when a failed name is
    asked again by itself (UTC ISO-8601), if it is.
    """

    state: State
    company_id: str | None = None
    confidence: float | None = None
    held: Held | None = None
    flushed: bool = False
    flush_error: str | None = None
    reason: Reason | None = None
    due_at: str | None = None
