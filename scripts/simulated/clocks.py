"""The clock of a simulated process, and the threads that it starts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

from eqcbatch.clock import UTC, Clock
from simulated.processes import Process
from simulated.scheduler import Scheduler, Until, never

BEGAN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)


class SimulatedClock(Clock):
    """What a process sees of time."""

    def __init__(self, scheduler: Scheduler, process: Process) -> None:
        super().__init__()
        self._scheduler = scheduler
        self._process = process

    def now(self) -> datetime:
        """The world's time, as far as somebody set the clock by it."""
        self._process.expect_alive()
        ahead = self._process.machine.wall_ahead_s
        return BEGAN + timedelta(seconds=self._scheduler.now + ahead)

    def monotonic(self) -> float:
        """Seconds since the machine was started, without those it slept."""
        self._process.expect_alive()
        machine = self._process.machine
        return self._scheduler.now - machine.booted_at - machine.asleep_s

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        self._scheduler.wait(never, seconds)

    def wait(self, until: Until, seconds: float) -> bool:
        """Wait by the scheduler."""
        return self._scheduler.wait(until, seconds)

    def start(self, work: Callable[[], None], name: str) -> threading.Thread:
        """Begin a thread of the process."""
        return self._scheduler.start(self._process, work, name)

    def executor(self, most: int, name: str) -> Executor:
        """An executor whose threads are of the process."""
        return SimulatedExecutor(self._scheduler, self._process, most, name)


class SimulatedExecutor(Executor):
    """Threads that take work in the order in which it came."""

    def __init__(self, scheduler: Scheduler, process: Process, most: int, name: str) -> None:
        self._scheduler = scheduler
        self._process = process
        self._most = most
        self._name = name
        self._work: deque[Callable[[], None]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a thread do it."""
        future: Future[Any] = Future()

        def do() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # as an executor does: whoever asks the future hears of it
                future.set_exception(error)

        self._work.append(do)
        if self._idle < len(self._work) and len(self._threads) < self._most:
            self._threads.append(self._scheduler.start(self._process, self._run, self._name))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait until all is done."""
        self._closed = True
        for thread in self._threads if wait else ():
            thread.join()

    def _run(self) -> None:
        while True:
            self._idle += 1
            self._scheduler.wait(lambda _seconds: bool(self._work) or self._closed, threading.TIMEOUT_MAX)
            self._idle -= 1
            if not self._work:
                return
            self._work.popleft()()
