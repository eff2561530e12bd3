"""One session: the loop that asks EQC what the kinds of work want to know.

One thread claims, books, decides and writes; requests wait for their answers in the worker pool (one at a
time by default: strictly sequential). Killed anywhere, the ledger says what was in flight, and the archive
what was answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from eqcbatch.domain.model import ExitReason, Outcome, Reply
from eqcbatch.drain.circuit_breaker import CircuitBreaker
from eqcbatch.drain.context import Context
from eqcbatch.drain.dispatcher import Dispatcher
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.retry_policy import DUE_SOON_MIN, Situation, Step, next_step
from eqcbatch.drain.shutdown import SLICE_S, blocked
from eqcbatch.drain.worker_pool import Completed, Task


class Work(Protocol):
    """A kind of work."""

    def next_task(self) -> Task | None:
        """Take what comes next and no task asks yet; None for nothing at the moment."""


class Session:
    """A session, to be run once. work: its kinds, the first first."""

    def __init__(
        self,
        context: Context,
        dispatcher: Dispatcher,
        breaker: CircuitBreaker,
        flusher: Flusher,
        work: Sequence[Work],
    ) -> None:
        self._context = context
        self._dispatcher = dispatcher
        self._breaker = breaker
        self._flusher = flusher
        self._work = work
        self._pool = dispatcher.pool

    def run(self) -> None:
        """Go on until the queue is empty or something ends the session."""
        clock, counts, shutdown = self._context.clock, self._context.counts, self._context.shutdown
        started = clock.monotonic()
        try:
            with self._pool:
                self._loop()
        except KeyboardInterrupt:
            shutdown.begin(ExitReason.INTERRUPTED)
        finally:
            shutdown.begin(ExitReason.QUEUE_EMPTY)
            counts.processing_s = clock.monotonic() - started - self._dispatcher.blocked_s

    def _loop(self) -> None:
        try:
            while not self._context.shutdown:
                wait_s = self._advance()
                if wait_s is None and not self._pool.in_flight:
                    break
                self._take_next(SLICE_S if wait_s is None else wait_s)
                self._flusher.flush_if_due()
            self._close_breaker()  # what completed last may say more than the limit that was reached
            self._breaker.check_at_last()
        except KeyboardInterrupt:
            self._context.eqc.abort()
            self._take_all()
            raise

    def _advance(self) -> float | None:
        """Take the next step; seconds until another can be taken, None where only a completion helps."""
        if self._breaker.open:
            self._close_breaker()
            return 0.0
        task = self._next_task()
        if task is None:
            return None if self._pool.in_flight else self._await_retries()
        if self._replay(task):
            return 0.0
        wait_s = task.due - self._context.clock.monotonic()
        return wait_s if wait_s > 0 else self._dispatcher.send(task)

    def _close_breaker(self) -> None:
        """Take in all that is in flight, then see to what is wrong with EQC, if anything."""
        self._take_all()
        self._breaker.close()

    def _next_task(self) -> Task | None:
        """The retry due first, while no worker is free; else what the first kind of work has to ask."""
        retry = min(self._pool.waiting, key=lambda task: task.due, default=None)
        if self._pool.full or (retry and retry.due <= self._context.clock.monotonic()):
            return retry
        return next(filter(None, (kind.next_task() for kind in self._work)), retry)

    def _await_retries(self) -> float | None:
        """With nothing pending, failed names whose next round is near are waited for."""
        names, events = self._context.ledger.names, self._context.events
        if self._context.settings.audit:
            return None
        due_in_s = names.seconds_to_next_due()
        if due_in_s is None or due_in_s > DUE_SOON_MIN * self._context.clock.minute_s:
            return None
        if self._breaker.never_answered:
            return None  # whether this is an outage is seen to at the end
        if self._dispatcher.at_limit(due_in_s):
            return 0.0
        if due_in_s > 0:
            events.waiting(due_in_s, "retry")
            return due_in_s
        requeued = names.requeue_due()
        self._context.counts.requeued(requeued)
        events.requeued(requeued)
        return 0.0

    def _replay(self, task: Task) -> bool:
        """Settle a task by an answer that is archived already, if there is one."""
        if task.attempt or task.handlers is None:
            return False
        reply = self._context.eqc.archived(task.question.endpoint, task.question.parameter)
        if reply is None or not task.takes(reply):
            return False
        self._context.counts.replays += 1
        task.handlers.decide(reply, None)
        return True

    def _take_next(self, wait_s: float) -> None:
        """Wait for a request to complete, and take it in."""
        completed = self._dispatcher.next_completed(wait_s)
        if completed:
            self._take_in(completed)

    def _take_all(self) -> None:
        """Take in what is still in flight; what waits to be sent again goes on waiting."""
        while self._pool.in_flight:
            self._take_next(SLICE_S)

    def _take_in(self, completed: Completed) -> None:
        task, reply = completed.task, completed.reply
        requests = self._context.ledger.requests
        if reply is None or task.handlers is None:
            requests.settle(task.request_id, Reply(Outcome.UNKNOWN))
            if reply is None:
                self._context.shutdown.begin(ExitReason.ERROR, completed.trouble())
            return
        self._context.events.replied(task, reply)
        self._dispatcher.hear(task, reply)
        step = next_step(reply, self._situation(task, reply))
        if step is Step.DECIDE:
            task.handlers.decide(reply, task.request_id)
        elif step is Step.FAIL:
            task.handlers.fail(reply, task.request_id)
        else:
            requests.settle(task.request_id, reply)
            self._send_again(step, task, reply)
        self._context.counts.usable += reply.outcome.usable
        self._breaker.hear(reply)

    def _situation(self, task: Task, reply: Reply) -> Situation:
        return Situation(
            retries_left=self._context.settings.retries - task.failures,
            bare_headers=task.bare_headers,
            pauses=self._dispatcher.pauses,
            pause_min=self._dispatcher.pause_min(reply),
            stale_token=task.token_generation < self._dispatcher.token_generation,
        )

    def _send_again(self, step: Step, task: Task, reply: Reply) -> None:
        """Keep the task for another request, after what the reply asks for."""
        clock = self._context.clock
        if step is Step.STOP_BLOCKED:
            self._context.shutdown.begin(ExitReason.BLOCKED, blocked(reply.detail))
            return
        if step is Step.RETRY:
            task.failures += 1
            task.due = clock.monotonic() + next(task.delays) * clock.minute_s / 60
        elif step is Step.PAUSE:
            self._dispatcher.pause(task, self._dispatcher.pause_min(reply))
        elif step is Step.BARE_HEADERS:
            self._context.eqc.use_bare_headers()
        elif step is Step.RENEW_TOKEN:
            self._breaker.token_refused(reply)
        self._pool.waiting.append(task)
