"""One thread that ends whatever takes longer than it may; a timer for each request would be dear."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from eqcbatch.clock import Clock

Watched = TypeVar("Watched")


class Watchdog(Generic[Watched]):
    """Calls `end` for each thing that is watched longer than `time_s`.

    All have the same time, so none that comes later ends sooner: the thread sleeps until the first of
    those it knows is over, and nobody has to wake it.
    """

    def __init__(self, time_s: float, end: Callable[[Watched], None], clock: Clock) -> None:
        self._clock = clock
        self._time_s = time_s
        self._end = end
        self._until: dict[Watched, float] = {}
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextmanager
    def watching(self, thing: Watched) -> Iterator[None]:
        """Watch a thing during the block."""
        self._until[thing] = self._clock.monotonic() + self._time_s
        if self._thread is None:
            self._start()
        try:
            yield
        finally:
            self._until.pop(thing, None)

    @property
    def watched(self) -> tuple[Watched, ...]:
        """What is watched just now."""
        return tuple(self._until)

    def close(self) -> None:
        """Watch no longer."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = self._clock.start(self._watch, "deadlines")

    def _watch(self) -> None:
        while not self._clock.wait(self._closed.wait, min(self._sleep_s(), threading.TIMEOUT_MAX)):
            now = self._clock.monotonic()
            for thing, until in tuple(self._until.items()):
                if until <= now:
                    self._until.pop(thing, None)
                    self._end(thing)

    def _sleep_s(self) -> float:
        first = min(tuple(self._until.values()), default=None)
        return self._time_s if first is None else max(0.0, first - self._clock.monotonic())
