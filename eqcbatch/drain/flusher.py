"""Flushing as a drain goes: in batches, beside the requests, and with patience when Postgres is away.

A flush is a background task. Where Postgres is well it takes a moment, which the session waits; where it
hangs the session goes on, and ends without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from eqcbatch.domain.control_sample import GateVerdict
from eqcbatch.drain.background_task import BackgroundTask, Outside
from eqcbatch.drain.context import Context
from eqcbatch.drain.settings import Limits
from eqcbatch.drain.shutdown import SLICE_S
from eqcbatch.errors import PostgresUnavailable

if TYPE_CHECKING:
    from eqcbatch.flush import FlushReport
    from eqcbatch.postgres import Postgres

PROMPT_S = 1.0  # for a flush before requests go on without it
END_S = 10.0  # for the last one, where a signal or the end of the window ends the session
EVERY_S = 30.0
EVERY_RESULTS = 100
PATIENCE_S = (15.0, 30.0, 60.0, 120.0, 300.0)  # before the next try, after each failure in a row


def end_of_patience(began: float, signalled_at: float, deadline: float) -> float:
    """Until when the last flush is awaited.

    | what ends the session | until |
    |---|---|
    | a signal | 10 s after it, or after the flush began |
    | its window | the end of the window, and 10 s at least |
    | else | for ever: each statement has its own bound |
    """
    return min(max(signalled_at, began), max(deadline - END_S, began)) + END_S


class Flusher:
    """Sends results on as they come.

    flushed: how many in this session. trouble: the last failure, while it lasts. gate: what the gate said
    last.
    """

    def __init__(
        self,
        context: Context,
        postgres: Postgres | None,
        trusted: Callable[[], bool],
        limits: Limits,
    ) -> None:
        """Make ready.

        trusted: whether the ledger may be believed by now; asked again and again, it may raise. limits:
        they know when the session is to be over.
        """
        self.flushed = 0
        self.trouble: PostgresUnavailable | None = None
        self.gate: GateVerdict | None = None
        self._context = context
        self._postgres = None if context.settings.audit else postgres  # an audit has no results
        self._trusted = trusted
        self._limits = limits
        self._background: BackgroundTask[FlushReport] | None = None
        self._taken = 0  # of the session's results, with the background task
        self._sent = 0  # of the session's results
        self._failures = 0
        self._abandoned = False
        self._looked_again = False
        self._next_at = context.clock.monotonic() + EVERY_S

    def begin(self) -> None:
        """Note who vouches for ids, whatever becomes of Postgres; flush what an earlier session left."""
        if by := self._context.settings.backflow_by:
            self._context.ledger.backflow.vouch(by)
        if self._context.settings.resume:
            self.flush_now()

    def flush_if_due(self) -> None:
        """Flush when enough results wait, or the oldest waited long enough."""
        if self._background:
            self._look_after(0.0)
            return
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
        from eqcbatch.flush import Again, flush  # who has no Postgres does not wait for its driver

        ledger, postgres = self._context.ledger, self._postgres
        again = Again.NOT if self._looked_again else Again.LATEST
        self._looked_again = True

        def work(outside: Outside) -> FlushReport:
            gate = self._context.settings.gate
            return flush(ledger, postgres.waiting_by(outside), look_again=again, gate=gate)

        self._taken = self._context.counts.results
        self._background = BackgroundTask(self._context.turn, work, self._context.clock)
        self._look_after(PROMPT_S)

    def finish(self) -> None:
        """Flush what is left; a session that a signal or its window ends does not wait for ever."""
        began = self._context.clock.monotonic()
        self._await(began)
        if not self._abandoned:
            self.flush_now()
            self._await(began)

    def _await(self, began: float) -> None:
        """Look after the background task until it is done, or the session must end without it."""
        signalled_at = math.inf
        while self._background:
            now = self._context.clock.monotonic()
            if self._context.shutdown.signalled:
                signalled_at = min(signalled_at, now)
            deadline = now + self._limits.seconds_left(now, self._context.clock.now())
            if now >= end_of_patience(began, signalled_at, deadline):
                self._abandon()
            else:
                self._look_after(SLICE_S)

    def _look_after(self, wait_s: float) -> None:
        """Take in what the background task came to, if it is done within so long."""
        task = self._background
        if task is None or not task.done_within(wait_s):
            return
        self._background = None
        sent = task.result()
        self.flushed += sent.results.stored
        self.gate = sent.gate or self.gate
        self._context.events.flushed(sent)
        if sent.trouble:
            self._note_failure(sent.trouble)
            return
        self.trouble, self._failures, self._sent = None, 0, self._taken
        self._next_at = self._context.clock.monotonic() + EVERY_S

    def _abandon(self) -> None:
        assert self._background
        assert self._postgres
        self._background.abandon()
        self._background = None
        self._abandoned = True
        self._context.shutdown.leave()
        self.trouble = PostgresUnavailable(
            f"{self._postgres.name} hangs: it gave no answer before the session had to end. "
            "What is decided is safe in the ledger."
        )

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
