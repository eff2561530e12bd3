"""Flushing as a drain goes: in batches, and with patience when Postgres is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from eqcbatch.drain.context import Context
from eqcbatch.errors import PostgresUnavailable

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

EVERY_S = 30.0
EVERY_RESULTS = 100
PATIENCE_S = (15.0, 30.0, 60.0, 120.0, 300.0)  # before the next try, after each failure in a row


class Flusher:
    """Sends results on as they come.

    flushed: how many in this session. trouble: the last failure, while it lasts.
    """

    def __init__(self, context: Context, postgres: Postgres | None, trusted: Callable[[], bool]) -> None:
        """trusted: whether the ledger may be believed by now; asked again and again, it may raise."""
        self.flushed = 0
        self.trouble: PostgresUnavailable | None = None
        self._context = context
        self._postgres = postgres
        self._trusted = trusted
        self._sent = 0  # of the session's results
        self._failures = 0
        self._next_at = context.clock.monotonic() + EVERY_S

    def flush_if_due(self) -> None:
        """Flush when enough results wait, or the oldest waited long enough."""
        if not self._trusted() or not (waiting := self._waiting):
            return
        due = self._context.clock.monotonic() >= self._next_at
        if due or (waiting >= EVERY_RESULTS and not self.trouble):
            self.flush_now()

    def flush_now(self) -> None:
        """Flush all that is due; a Postgres that is away is noted and asked again later.

        Of a ledger that is not trusted yet nothing leaves; it is flushed as soon as it is.
        """
        if not self._trusted():
            self._sent, self._next_at = self._context.counts.results - max(1, self._waiting), 0.0
            return
        if self._postgres is None:
            return
        from eqcbatch.flush import flush  # who has no Postgres does not wait for its driver

        sent = flush(self._context.ledger, self._postgres)
        self.flushed += sent.results.stored
        self._context.events.flushed(sent)
        if sent.trouble:
            self._note_failure(sent.trouble)
            return
        self.trouble, self._failures, self._sent = None, 0, self._context.counts.results
        self._next_at = self._context.clock.monotonic() + EVERY_S

    @property
    def _waiting(self) -> int:
        """How many results came since the last flush; one more at least while one is overdue."""
        return self._context.counts.results - self._sent

    def _note_failure(self, error: PostgresUnavailable) -> None:
        patience = PATIENCE_S[min(self._failures, len(PATIENCE_S) - 1)]
        self.trouble = error
        self._failures += 1
        self._next_at = self._context.clock.monotonic() + patience
        self._context.events.flush_failed(error, patience)
