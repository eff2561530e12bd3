"""Work beside the session that may have to wait for ever, and the ledger that both use by turns.

The ledger has one user at a time: the session, which lends it while it waits, or a background task, which
gives it back while it waits for what is outside. Where nothing hangs, the session waits for its background
task, and all goes one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

from eqcbatch.clock import Clock

Value = TypeVar("Value")
Outside = Callable[[], AbstractContextManager[None]]


class LedgerTurn:
    """Whose turn it is to use the ledger: the session's, save where it lends it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lock.acquire()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let a background task have the ledger while the session waits for something else."""
        self._lock.release()
        try:
            yield
        finally:
            self._clock.acquire(self._lock)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the ledger, as a background task, when it is lent."""
        self._clock.acquire(self._lock)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let the session have the ledger while the background task waits."""
        self._lock.release()
        try:
            yield
        finally:
            self._clock.acquire(self._lock)


class Abandoned(BaseException):
    """The session has ended without this background task: it may not touch the ledger any more."""


class BackgroundTask(Generic[Value]):
    """A piece of work in a thread of its own, which a session may leave behind.

    work: is given what it enters while it waits for something outside.
    """

    def __init__(self, turn: LedgerTurn, work: Callable[[Outside], Value], clock: Clock) -> None:
        self._turn = turn
        self._clock = clock
        self._work = work
        self._done = threading.Event()
        self._abandoned = False
        self._value: list[Value] = []
        self._error: BaseException | None = None
        clock.start(self._run, "background")

    def done_within(self, seconds: float) -> bool:
        """Lend the ledger for so long, or until all is done; whether it is."""
        with self._turn.lent():
            return self._clock.wait(self._done.wait, seconds)

    def result(self) -> Value:
        """What the work came to, once it is done. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value[0]

    def abandon(self) -> None:
        """Go on without it: wherever it waits, it does nothing more than to close its connection."""
        self._abandoned = True

    def _run(self) -> None:
        try:
            with self._turn.taken():
                self._value.append(self._work(self._outside))
        except Abandoned:
            pass
        except BaseException as error:  # whatever it is, the session must hear of it
            self._error = error
        self._done.set()

    @contextmanager
    def _outside(self) -> Iterator[None]:
        if self._abandoned:
            raise Abandoned
        try:
            with self._turn.given_back():
                yield
        finally:
            if self._abandoned:
                raise Abandoned
