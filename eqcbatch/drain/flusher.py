"""Flushing as a drain goes: in batches, and with patience when Postgres is away."""

from __future__ import annotations

import time

from eqcbatch.base_info import flush_companies
from eqcbatch.drain.observer import Observer
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.flush import send
from eqcbatch.former_names import flush_former_names
from eqcbatch.index import Postgres
from eqcbatch.ledger import Ledger
from eqcbatch.queue import mark_requests

EVERY_S = 30.0
EVERY_RESULTS = 100
PATIENCE_S = (15.0, 30.0, 60.0, 120.0, 300.0)  # before the next try, after each failure in a row


class Flusher:
    """Sends results on as they come.

    flushed: how many in this session. trouble: the last failure, while it lasts.
    """

    def __init__(self, ledger: Ledger, postgres: Postgres | None, observer: Observer) -> None:
        self.flushed = 0
        self.trouble: PostgresUnavailable | None = None
        self._ledger = ledger
        self._postgres = postgres
        self._observer = observer
        self._waiting = 0
        self._failures = 0
        self._next_at = time.monotonic() + EVERY_S

    def result_came(self) -> None:
        """Count a result that may be flushed."""
        self._waiting += 1

    def flush_if_due(self) -> None:
        """Flush when enough results wait, or the oldest waited long enough."""
        if not self._waiting:
            return
        due = time.monotonic() >= self._next_at
        if due or (self._waiting >= EVERY_RESULTS and not self.trouble):
            self.flush_now()

    def flush_now(self) -> None:
        """Flush all that is due; a Postgres that is away is noted and asked again later."""
        if self._postgres is None:
            return
        try:
            self._flush_names(self._postgres)
            mark_requests(self._ledger.flushing.queue, self._postgres)
            self._flush_former_names(self._postgres)
            self._flush_companies(self._postgres)
        except PostgresUnavailable as error:
            self._note_failure(error)
            return
        self.trouble, self._failures, self._waiting = None, 0, 0
        self._next_at = time.monotonic() + EVERY_S

    def _flush_names(self, postgres: Postgres) -> None:
        report = send(self._ledger.flushing, postgres)
        self.flushed += report.flushed
        if report.flushed or report.refused:
            self._observer.flushed(report.flushed, report.refused)

    def _flush_former_names(self, postgres: Postgres) -> None:
        report = flush_former_names(self._ledger.former_names, postgres)
        if report.stored or report.refused:
            self._observer.flushed_former_names(report.stored, report.refused)

    def _flush_companies(self, postgres: Postgres) -> None:
        report = flush_companies(self._ledger.companies, postgres)
        if report.stored or report.refused:
            self._observer.flushed_companies(report.stored, report.refused)

    def _note_failure(self, error: PostgresUnavailable) -> None:
        patience = PATIENCE_S[min(self._failures, len(PATIENCE_S) - 1)]
        self.trouble = error
        self._failures += 1
        self._next_at = time.monotonic() + patience
        self._observer.flush_failed(error, patience)
