"""A connection on which nothing waits for ever, that commits durably, and leaves no setting behind.

A server that hangs (its disk is stuck, its machine is paused) acknowledges what it is sent and answers
nothing, so neither TCP nor the server ends a wait: the client does. A pool that gives a server's connection
to another program after each transaction (PgBouncer) would give it our settings, too, and take from us what
was prepared: all settings are LOCAL to a transaction, and nothing is prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import psycopg
from psycopg import sql, waiting
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

from eqcbatch.clock import SYSTEM_CLOCK

LOCK_TIMEOUT_S = 10.0  # for another program to let go of the table or a row: a drain goes on without it
STATEMENT_S = 60.0  # one statement, save
LOOKUP_S = 600.0  # the lookup of a plan, which may read the whole index, and
QUERY_S = 7_200.0  # somebody's own query over tables of any size
HURRIED_LOCK_S, HURRIED_STATEMENT_S = 0.5, 5.0  # the same, while the rows to blame are sought
GRACE_S = 10.0  # of the client, for the server to say itself that it took too long
TICK_S = 0.1  # between looks at the clock

_SETTINGS = sql.SQL(
    "SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement}; "
    "SET LOCAL idle_in_transaction_session_timeout = {idle}; SET LOCAL synchronous_commit = on"
)

Value = TypeVar("Value")
Meanwhile = Callable[[], AbstractContextManager[None]]


class BoundedConnection(psycopg.Connection[TupleRow]):
    """A connection whose waits end, and whose transactions say themselves what they need.

    meanwhile: what is entered for each wait, so that others can go on.
    """

    meanwhile: Meanwhile = nullcontext
    _statement_s = STATEMENT_S
    _lock_timeout_s: float | None = None

    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[psycopg.Transaction]:
        """A transaction that commits durably and whose statements are bounded, by the server as well."""
        lock_s = LOCK_TIMEOUT_S if self._lock_timeout_s is None else self._lock_timeout_s
        with super().transaction(savepoint_name, force_rollback) as transaction:
            # SET, other than SELECT, leaves the isolation level to be chosen.
            self.execute(
                _SETTINGS.format(
                    lock=_milliseconds(lock_s),
                    statement=_milliseconds(self._statement_s),
                    idle=_milliseconds(STATEMENT_S),
                )
            )
            yield transaction

    @contextmanager
    def taking_up_to(self, statement_s: float) -> Iterator[None]:
        """Let a statement of the block take so long."""
        before, self._statement_s = self._statement_s, statement_s
        try:
            yield
        finally:
            self._statement_s = before

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Wait neither for locks of others nor for slow statements for long in the block."""
        before = self._lock_timeout_s
        self._lock_timeout_s = min(HURRIED_LOCK_S, LOCK_TIMEOUT_S)
        try:
            with self.taking_up_to(min(HURRIED_STATEMENT_S, self._statement_s)):
                yield
        finally:
            self._lock_timeout_s = before

    def wait(self, gen: PQGen[Value], interval: float = TICK_S, *_: Any, **__: Any) -> Value:
        """Wait as psycopg does, but not for ever; a connection that gave no answer in time is closed.

        So is one that a signal interrupts: asking the server to cancel would be another wait for it.
        """
        try:
            with self.meanwhile():
                return waiting.wait(self._bounded(gen), self.pgconn.socket, interval=min(interval, TICK_S))
        except BaseException as error:
            if not isinstance(error, Exception):
                self.pgconn.finish()
            raise

    def _bounded(self, gen: PQGen[Value]) -> PQGen[Value]:
        until = SYSTEM_CLOCK.monotonic() + self._statement_s + GRACE_S
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and SYSTEM_CLOCK.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(
                        f"it gave no answer within {self._statement_s + GRACE_S:,.0f} s"
                    )
                wanted = gen.send(ready)
        except StopIteration as done:
            value: Value = done.value
            return value


def _milliseconds(seconds: float) -> sql.Literal:
    return sql.Literal(round(1000 * seconds))
