"""One session: the loop that asks EQC for pending names, heaviest first, within budget and pace.

One thread claims, books, decides and writes; requests fly on lanes (one, by default: strictly
sequential) and land in an inbox. Killed anywhere, the ledger says what was in flight, and the archive
what was answered.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field

from eqcbatch.drain.ending import ExitReason
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.lanes import Landed, Lanes, Task
from eqcbatch.drain.observer import Observer
from eqcbatch.drain.steps import Situation, Step, failure, next_step, pause_s, trouble
from eqcbatch.eqc import Eqc, PaceFile, read_candidates, retry_delays
from eqcbatch.errors import EqcbatchError, TokenUnusable
from eqcbatch.ledger import Work
from eqcbatch.matching import judge
from eqcbatch.records import Endpoint, Outcome, PendingName, Reason, Reply, Verdict
from eqcbatch.settings import DEFAULT_BUDGET, ConfidenceRule

_SLICE_S = 0.5  # the longest wait at a stretch: Windows delivers Ctrl-C only between waits
_AWAIT_RETRIES_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """budget: requests at most, None for no limit. retries: further attempts for a failed request."""

    budget: int | None = DEFAULT_BUDGET
    retries: int = 2
    in_flight: int = 1
    rule: ConfidenceRule = field(default_factory=ConfidenceRule)


@dataclass(slots=True)
class SessionCounts:
    """What a session did so far. waiting_s: for the rate, a retry or a pause, with nothing in flight."""

    requests: int = 0
    replays: int = 0
    resolved: int = 0
    failed: int = 0
    held: int = 0
    waiting_s: float = 0.0
    processing_s: float = 0.0


class Session:
    """A running session. trouble: the error that ended it, None for an end as asked."""

    def __init__(
        self,
        session_id: int,
        work: Work,
        eqc: Eqc,
        pace: PaceFile,
        flusher: Flusher,
        options: SessionOptions,
        observer: Observer,
    ) -> None:
        self.counts = SessionCounts()
        self.trouble: EqcbatchError | None = None
        self._id = session_id
        self._work = work
        self._eqc = eqc
        self._pace = pace
        self._flusher = flusher
        self._options = options
        self._observer = observer
        self._lanes = Lanes(options.in_flight, lambda task: eqc.ask(Endpoint.SEARCH, task.name.query))
        self._stop: ExitReason | None = None
        self._pauses = 0
        self._blocked_s = 0.0

    def ask_to_stop(self, signal_number: int) -> None:
        """End the session once what is in flight has landed; safe to call from a signal handler."""
        terminated = signal_number == signal.SIGTERM
        self._stop = ExitReason.TERMINATED if terminated else ExitReason.INTERRUPTED
        self._lanes.wake()

    def run(self) -> ExitReason:
        """Go on until the queue is empty, the budget is spent, or something stops the session."""
        started = time.monotonic()
        try:
            with self._lanes:
                self._loop()
        except KeyboardInterrupt:
            self._stop = ExitReason.INTERRUPTED
        finally:
            self.counts.processing_s = time.monotonic() - started - self._blocked_s
        return self._stop or ExitReason.QUEUE_EMPTY

    def _loop(self) -> None:
        try:
            while not self._stop:
                wait_s = self._advance()
                if wait_s is None and not self._lanes.flying:
                    return
                self._listen(_SLICE_S if wait_s is None else min(wait_s, _SLICE_S))
                self._flusher.flush_if_due()
            self._land_all()
        except KeyboardInterrupt:
            self._eqc.abort()
            self._land_all()
            raise

    def _advance(self) -> float | None:
        """Take the next step; seconds until another can be taken, None where only a landing helps."""
        task = self._next_task()
        if task is None:
            return None if self._lanes.flying else self._await_retries()
        if self._replay(task):
            return 0.0
        if self._budget_spent():
            return 0.0
        wait_s = task.due - time.monotonic()
        return wait_s if wait_s > 0 else self._send(task)

    def _budget_spent(self) -> bool:
        if self._options.budget is None or self.counts.requests < self._options.budget:
            return False
        self._end(ExitReason.BUDGET)
        return True

    def _next_task(self) -> Task | None:
        """The retry that is due first, while there is no lane for another name; else the heaviest name."""
        retry = min(self._lanes.waiting, key=lambda task: task.due, default=None)
        if self._lanes.full or (retry and retry.due <= time.monotonic()):
            return retry
        asked = self._lanes.busy_queries
        for name in self._work.next_pending(self._lanes.busy_keys, limit=1 + len(asked)):
            if name.query not in asked:
                return Task(name, retry_delays(self._options.retries))
        return retry

    def _await_retries(self) -> float | None:
        """With nothing pending, failed names whose next round is near are waited for."""
        due_in_s = self._work.seconds_to_next_due()
        if due_in_s is None or due_in_s > _AWAIT_RETRIES_S or self._budget_spent():
            return None
        if due_in_s > 0:
            self._observer.waiting(due_in_s, "retry")
            return due_in_s
        self._work.requeue_due()
        return 0.0

    def _replay(self, task: Task) -> bool:
        """Decide a name by an answer that is archived already, if there is one."""
        if task.attempt:
            return False
        reply = self._eqc.archived(Endpoint.SEARCH, task.name.query)
        if reply is None:
            return False
        self.counts.replays += 1
        self._decide(task.name, reply, request_id=None)
        return True

    def _send(self, task: Task) -> float:
        """Book and send the task's request if the rate allows it; seconds to wait if it does not yet."""
        try:
            self._eqc.require_token()
        except TokenUnusable as error:
            self._end(ExitReason.TOKEN, error)
            return 0.0
        with self._pace.turn() as turn:
            if turn.delay_s > 0:
                return turn.delay_s
            task.attempt += 1
            task.request_id = self._work.book(
                self._id, task.name.lookup_key, Endpoint.SEARCH, task.attempt, self.counts.waiting_s
            )
            self.counts.requests += 1
            turn.take()
        self._lanes.launch(task)
        return 0.0

    def _listen(self, wait_s: float) -> None:
        """Wait for a request to land, and take it in."""
        started = time.monotonic()
        landed = self._lanes.land(wait_s)
        waited_s = time.monotonic() - started
        self._blocked_s += waited_s
        if landed:
            self._take_in(landed)
        elif not self._lanes.flying:
            self.counts.waiting_s += waited_s

    def _land_all(self) -> None:
        """Take in what is still in flight; names on the other lanes stay pending."""
        while self._lanes.flying:
            self._listen(_SLICE_S)

    def _take_in(self, landed: Landed) -> None:
        task, reply = landed.task, landed.reply
        if reply is None:
            self._work.settle(task.request_id, Reply(Outcome.UNKNOWN))
            self._end(ExitReason.ERROR, landed.trouble())
            return
        self._observer.replied(task.name, task.attempt, reply)
        self._pauses = self._pauses + 1 if reply.outcome is Outcome.RATE_LIMITED else 0
        retries_left = self._options.retries - task.failures
        step = next_step(reply, Situation(retries_left, self._eqc.bare_headers, self._pauses))
        if step is Step.DECIDE:
            self._decide(task.name, reply, request_id=task.request_id)
        elif step is Step.FAIL:
            self._fail(task, reply)
        else:
            self._work.settle(task.request_id, reply)
            self._follow(step, task, reply)

    def _follow(self, step: Step, task: Task, reply: Reply) -> None:
        """What a reply that decides nothing asks for: another attempt, or the end."""
        if step in (Step.STOP_TOKEN, Step.STOP_BLOCKED):
            self._end(
                ExitReason.TOKEN if step is Step.STOP_TOKEN else ExitReason.BLOCKED, trouble(step, reply)
            )
            return
        if step is Step.RETRY:
            task.failures += 1
            task.due = time.monotonic() + next(task.delays, 0.0)
        elif step is Step.PAUSE:
            self._pace.pause(pause_s(reply))
            self._observer.waiting(pause_s(reply), "pause")
        else:
            self._eqc.use_bare_headers()
        self._lanes.waiting.append(task)

    def _decide(self, name: PendingName, reply: Reply, request_id: int | None) -> None:
        candidates = read_candidates(reply.content)
        verdict = judge(candidates, self._options.rule)
        self._work.record_answer(name, reply, candidates, verdict, request_id=request_id, session_id=self._id)
        self._count(name, verdict, None if verdict else Reason.NOT_FOUND, replayed=request_id is None)

    def _fail(self, task: Task, reply: Reply) -> None:
        reason, retry_in_s = failure(reply, task.name.attempts)
        self._work.record_failure(task.name, reason, retry_in_s, request_id=task.request_id, reply=reply)
        self._count(task.name, None, reason, replayed=False)

    def _count(
        self, name: PendingName, verdict: Verdict | None, reason: Reason | None, replayed: bool
    ) -> None:
        if verdict is None:
            self.counts.failed += 1
        else:
            self.counts.resolved += 1
            self.counts.held += verdict.held is not None
            self._flusher.result_came()
        self._observer.decided(name, verdict, reason, replayed)

    def _end(self, reason: ExitReason, trouble: EqcbatchError | None = None) -> None:
        self._stop = self._stop or reason
        self.trouble = self.trouble or trouble
