"""The worker pool: each request waits for its answer in a thread of its own, and completes into one inbox.

The session's own thread alone decides and writes; workers do nothing but send and wait.

Why: docs/decisions/0004.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from eqcbatch.booking import Booked
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.forecast.concurrency import MOST_IN_FLIGHT
from eqcbatch.domain.model import Endpoint, Question, Reply
from eqcbatch.errors import EqcbatchError

_NOT_BOOKED = Booked(0, 0.0)


@dataclass(frozen=True, slots=True)
class AnswerHandlers:
    """What becomes of a question's answer.

    decide: takes a usable answer, with the request that brought it (None: the archive alone did).
    fail: takes the last reply of a round that ends without one, with its request.
    """

    decide: Callable[[Reply, int | None], None]
    fail: Callable[[Reply, int], None]


@dataclass(slots=True, eq=False)
class Task:
    """A question to EQC until it is settled.

    handlers: what becomes of the answer; None where it decides nothing. keep: whether it is archived. since:
    the moment (UTC ISO-8601) until which an archived answer is too old for it; None takes any.
    delays: the waits before its retries, in seconds. attempt: requests sent for it so far. failures: those
    that failed and count as tries. due: the moment (monotonic) before which it is not sent again. booked,
    token_generation, bare_headers: of its latest request, which token it carried and whether nothing else.
    """

    question: Question
    handlers: AnswerHandlers | None = None
    keep: bool = True
    since: str | None = None
    delays: Iterator[float] = field(default_factory=lambda: iter(()))
    attempt: int = 0
    failures: int = 0
    due: float = 0.0
    booked: Booked = _NOT_BOOKED
    token_generation: int = 0
    bare_headers: bool = False

    def takes(self, archived: Reply) -> bool:
        """Whether an archived answer is as good as asking."""
        return self.since is None or (archived.archived_at or "") > self.since

    @property
    def request_id(self) -> int:
        """The latest request's row in the ledger, 0 before the first."""
        return self.booked.request_id


@dataclass(frozen=True, slots=True)
class Completed:
    """A task whose request came to a reply, or to an error that ends the session."""

    task: Task
    reply: Reply | None = None
    error: BaseException | None = None

    def trouble(self) -> EqcbatchError | None:
        """Return the error, where it is one that the user can mend; raise any other: it is a defect."""
        if self.error is None or isinstance(self.error, EqcbatchError):
            return self.error
        raise self.error


class WorkerPool:
    """At most `count` tasks at a time; it may change.

    waiting: tasks that will be sent again. in_flight: those whose request is on its way.
    """

    def __init__(self, count: int, send: Callable[[Task], Reply], clock: Clock = SYSTEM_CLOCK) -> None:
        self.count = count
        self.waiting: list[Task] = []
        self.in_flight: list[Task] = []
        self._send = send
        self._clock = clock
        self._completed: deque[Completed] = deque()
        self._wakeup = threading.Lock()  # free where something came; SimpleQueue.get may hang in Python 3.10
        self._wakeup.acquire()
        self._executor = clock.executor(MOST_IN_FLIGHT, "eqc")

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True)

    @property
    def full(self) -> bool:
        """Whether no further task can be taken."""
        return len(self.waiting) + len(self.in_flight) >= self.count

    @property
    def busy_keys(self) -> set[str]:
        """The names that tasks are about."""
        return {task.question.lookup_key for task in self._tasks if task.question.lookup_key}

    @property
    def busy_questions(self) -> set[tuple[Endpoint, str]]:
        """What the tasks ask, whatever name or company they are about."""
        return {(task.question.endpoint, task.question.parameter) for task in self._tasks}

    @property
    def _tasks(self) -> tuple[Task, ...]:
        return (*self.waiting, *self.in_flight)

    def submit(self, task: Task) -> None:
        """Send the task's request.

        It is in flight once it is sure to complete: a second signal may strike in between.
        """
        if task in self.waiting:
            self.waiting.remove(task)
        self._executor.submit(self._run, task)
        self.in_flight.append(task)

    def next_completed(self, timeout_s: float) -> Completed | None:
        """Return the next task whose request is done; None after `timeout_s`, or sooner.

        A second signal may strike anywhere in here: no task may seem to be in flight for ever.
        """
        if not self._completed:
            self._clock.wait(self._woken, max(0.0, timeout_s))
        if not self._completed:
            return None
        task = self._completed[0].task
        if task in self.in_flight:
            self.in_flight.remove(task)
        return self._completed.popleft()

    def _woken(self, timeout_s: float) -> bool:
        return self._wakeup.acquire(timeout=timeout_s)

    def _run(self, task: Task) -> None:
        try:
            completed = Completed(task, reply=self._send(task))
        except BaseException as error:  # whatever it is, the session must hear of it
            completed = Completed(task, error=error)
        self._completed.append(completed)
        with suppress(RuntimeError):  # whoever waits is woken already
            self._wakeup.release()
