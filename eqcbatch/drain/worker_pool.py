"""The lanes: questions on their way through EQC, each in a thread of a small pool while it flies."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from eqcbatch.domain.forecast import MOST_IN_FLIGHT
from eqcbatch.domain.model import Endpoint, Reply
from eqcbatch.errors import EqcbatchError


@dataclass(frozen=True, slots=True)
class Errand:
    """What a question is asked for.

    decide: what a usable answer means, with the request that brought it (None: the archive alone did).
    fail: what it means that a round ends without one, with its last request.
    """

    decide: Callable[[Reply, int | None], None]
    fail: Callable[[Reply, int], None]


@dataclass(slots=True, eq=False)
class Task:
    """A question to EQC until it is settled.

    lookup_key, company_id: the name, or the company, that it is about, if any. errand: what it is asked
    for; None decides nothing. keep: whether the answer is archived. delays: the waits before its retries.
    attempt: requests sent for it so far. failures: those that failed and count as tries. due: the moment
    (monotonic) before which it is not sent again. request_id, stamp, token_generation, bare_headers: of its
    latest request, when that took its turn, which token and whether no other header it carried.
    """

    lookup_key: str | None
    endpoint: Endpoint
    parameter: str
    keep: bool = True
    company_id: str | None = None
    errand: Errand | None = None
    delays: Iterator[float] = field(default_factory=lambda: iter(()))
    attempt: int = 0
    failures: int = 0
    due: float = 0.0
    request_id: int = 0
    stamp: float = 0.0
    token_generation: int = 0
    bare_headers: bool = False


@dataclass(frozen=True, slots=True)
class Landed:
    """A task whose request came to a reply, or to an error that ends the session."""

    task: Task
    reply: Reply | None = None
    error: BaseException | None = None

    def trouble(self) -> EqcbatchError | None:
        """The error, where it is one that the user can mend; any other is raised: it is a defect."""
        if self.error is None or isinstance(self.error, EqcbatchError):
            return self.error
        raise self.error


class Lanes:
    """At most `count` questions at a time; it may change. waiting: tasks not in flight just now."""

    def __init__(self, count: int, ask: Callable[[Task], Reply]) -> None:
        self.count = count
        self.waiting: list[Task] = []
        self.flying: list[Task] = []
        self._ask = ask
        self._landed: deque[Landed] = deque()
        self._bell = threading.Lock()  # free while it rings; SimpleQueue.get may hang in Python 3.10
        self._bell.acquire()
        self._pool = ThreadPoolExecutor(MOST_IN_FLIGHT, thread_name_prefix="eqc")

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)

    @property
    def full(self) -> bool:
        """Whether no further question can be taken."""
        return len(self.waiting) + len(self.flying) >= self.count

    @property
    def busy_keys(self) -> set[str]:
        """The names on the lanes."""
        return {task.lookup_key for task in (*self.waiting, *self.flying) if task.lookup_key}

    @property
    def busy_questions(self) -> set[tuple[Endpoint, str]]:
        """What the tasks on the lanes ask."""
        return {(task.endpoint, task.parameter) for task in (*self.waiting, *self.flying)}

    def launch(self, task: Task) -> None:
        """Send the task's request. It flies once it will land: a second signal may strike in between."""
        if task in self.waiting:
            self.waiting.remove(task)
        self._pool.submit(self._fly, task)
        self.flying.append(task)

    def hear(self, timeout_s: float) -> Landed | None:
        """The next task whose request comes back; None after `timeout_s`, or sooner.

        A second signal may strike anywhere in here: no task may seem to fly for ever.
        """
        if not self._landed:
            self._bell.acquire(timeout=max(0.0, timeout_s))
        if not self._landed:
            return None
        task = self._landed[0].task
        if task in self.flying:
            self.flying.remove(task)
        return self._landed.popleft()

    def _fly(self, task: Task) -> None:
        try:
            landed = Landed(task, reply=self._ask(task))
        except BaseException as error:  # whatever it is, the writer must hear of it
            landed = Landed(task, error=error)
        self._landed.append(landed)
        with suppress(RuntimeError):  # it rings already
            self._bell.release()
