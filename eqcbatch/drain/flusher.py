"""Flushing as a drain goes: in batches, and with patience when Postgres is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from eqcbatch.clock import Clock
from eqcbatch.drain.events import Events
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.ledger import Ledger

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

EVERY_S = 30.0
EVERY_RESULTS = 100
PATIENCE_S = (15.0, 30.0, 60.0, 120.0, 300.0)  # before the next try, after each failure in a row


class Flusher:
    """Sends results on as they come.

    flushed: how many in this session. trouble: the last failure, while it lasts.
    """

    def __init__(
        self,
        ledger: Ledger,
        postgres: Postgres | None,
        events: Events,
        clock: Clock,
        trusted: Callable[[], bool],
    ) -> None:
        """trusted: whether the ledger may be believed by now; asked again and again, it may raise."""
        self.flushed = 0
        self.trouble: PostgresUnavailable | None = None
        self._ledger = ledger
        self._postgres = postgres
        self._events = events
        self._clock = clock
        self._trusted = trusted
        self._waiting = 0
        self._failures = 0
        self._next_at = self._clock.monotonic() + EVERY_S

    def result_came(self) -> None:
        """Count a result that may be flushed."""
        self._waiting += 1

    def flush_if_due(self) -> None:
        """Flush when enough results wait, or the oldest waited long enough."""
        if not self._trusted() or not self._waiting:
            return
        due = self._clock.monotonic() >= self._next_at
        if due or (self._waiting >= EVERY_RESULTS and not self.trouble):
            self.flush_now()

    def flush_now(self) -> None:
        """Flush all that is due; a Postgres that is away is noted and asked again later.

        Of a ledger that is not trusted yet nothing leaves; it is flushed as soon as it is.
        """
        if not self._trusted():
            self._waiting, self._next_at = max(1, self._waiting), 0.0
            return
        if self._postgres is None:
            return
        from eqcbatch.flush import flush  # who has no Postgres does not wait for its driver

        sent = flush(self._ledger, self._postgres)
        self.flushed += sent.results.stored
        self._events.flushed(sent)
        if sent.trouble:
            self._note_failure(sent.trouble)
            return
        self.trouble, self._failures, self._waiting = None, 0, 0
        self._next_at = self._clock.monotonic() + EVERY_S

    def _note_failure(self, error: PostgresUnavailable) -> None:
        patience = PATIENCE_S[min(self._failures, len(PATIENCE_S) - 1)]
        self.trouble = error
        self._failures += 1
        self._next_at = self._clock.monotonic() + patience
        self._events.flush_failed(error, patience)
