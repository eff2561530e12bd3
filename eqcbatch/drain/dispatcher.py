"""The dispatcher: tasks out through the worker pool, within the limits, at the rate, and their replies back.

All that a session knows of the rate is here: turns, the pauses that EQC asks for, how much slower it is then,
and how many requests in flight use it.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable

from eqcbatch.booking import NotYet, book, send
from eqcbatch.domain.forecast import in_flight_needed
from eqcbatch.domain.model import ExitReason, Outcome, Question, Reply
from eqcbatch.domain.rate_limit import pause_min
from eqcbatch.drain.context import Context
from eqcbatch.drain.settings import Limits
from eqcbatch.drain.shutdown import SLICE_S
from eqcbatch.drain.worker_pool import Completed, Task, WorkerPool
from eqcbatch.eqc import RateLimiter
from eqcbatch.errors import PaceHeld, TokenUnusable


class Dispatcher:
    """The one who sends, for one session. Nothing but its shutdown and the limits stops it.

    pauses: 429 answers in a row. token_generation: how often the token was renewed.
    """

    def __init__(self, context: Context, rate_limiter: RateLimiter, limits: Limits) -> None:
        settings = context.settings
        self.pauses = 0
        self.token_generation = 0
        self._context = context
        self._clock = context.clock
        self._rate_limiter = rate_limiter
        self._limits = limits
        self._latencies_s = list(context.ledger.stats.latencies_s() if settings.in_flight is None else ())
        self._blocked_s = 0.0  # in all waits
        self._paused_at = -math.inf
        self.pool = WorkerPool(
            settings.in_flight or in_flight_needed(self._latencies_s, rate_limiter.rate),
            self._worker(rate_limiter),
            context.clock,
        )

    @property
    def left(self) -> float:
        """How many more requests the budgets allow."""
        return self._limits.left(self._context.counts.requests)

    @property
    def blocked_s(self) -> float:
        """Seconds in waits so far."""
        return self._blocked_s

    def send(self, task: Task) -> float:
        """Book and send the task's request if limits, token and rate allow it; seconds to wait, 0 if done.

        At a limit, or without a token, the session ends instead.
        """
        if self.at_limit():
            return 0.0
        try:
            self._context.eqc.require_token(self._context.shutdown.__bool__)
        except TokenUnusable as error:
            self._context.shutdown.begin(ExitReason.TOKEN, error)
            return 0.0
        try:
            booked = book(self._rate_limiter, lambda: self._enter(task))
        except PaceHeld as error:  # nothing was booked
            self._context.shutdown.begin(ExitReason.ERROR, error)
            return 0.0
        if isinstance(booked, NotYet):
            self.at_limit(booked.delay_s)
            return booked.delay_s
        task.booked = booked
        self.pool.submit(task)
        return 0.0

    def _worker(self, rate_limiter: RateLimiter) -> Callable[[Task], Reply]:
        """What sends a task's request, in a thread of the pool."""
        eqc, clock, limits = self._context.eqc, self._clock, self._limits

        def in_time() -> bool:
            return limits.in_time(clock.monotonic(), clock.now())

        def worker(task: Task) -> Reply:
            return send(eqc, rate_limiter, task.question, task.booked, keep=task.keep, in_time=in_time)

        return worker

    def _enter(self, task: Task) -> int:
        """Write the task's request into the ledger."""
        task.attempt += 1
        task.token_generation = self.token_generation
        task.bare_headers = self._context.eqc.bare_headers
        question, counts = task.question, self._context.counts
        request_id = self._context.ledger.requests.book(
            self._context.session_id,
            question.lookup_key,
            question.endpoint,
            task.attempt,
            counts.waiting_s,
            company_id=question.company_id,
            parameter=question.parameter_to_note,
            sample_id=question.sample_id,
            second_id=question.second_id,
        )
        counts.requests += 1
        return request_id

    def at_limit(self, wait_s: float = 0.0) -> bool:
        """Say whether a limit forbids a request `wait_s` from now; if so, the session ends."""
        sent, clock = self._context.counts.requests, self._clock
        reached = self._limits.reached(sent, clock.monotonic(), clock.now(), wait_s)
        if reached:
            self._context.shutdown.begin(reached)
        return reached is not None

    def next_completed(self, wait_s: float) -> Completed | None:
        """Wait for a request to complete, `SLICE_S` at the most."""
        started = self._clock.monotonic()
        with self._context.turn.lent():
            completed = self.pool.next_completed(min(wait_s, SLICE_S))
        waited_s = self._clock.monotonic() - started
        self._blocked_s += waited_s
        if not completed and not self.pool.in_flight:
            self._context.counts.waiting_s += waited_s
        return completed

    def rest(self, seconds: float) -> None:
        """Wait with nothing in flight, unless the session ends meanwhile."""
        until = self._clock.monotonic() + seconds
        while not self._context.shutdown and (left_s := until - self._clock.monotonic()) > 0:
            self.next_completed(left_s)

    def ask(self, question: Question) -> Reply | None:
        """Send one request that decides nothing, with nothing else in flight, and settle it.

        None if the session ends before it can be sent, or because it cannot.
        """
        task = Task(question, keep=False)
        while not self._context.shutdown and not task.request_id:
            self.rest(self.send(task))
        completed = None
        while task.request_id and completed is None:
            completed = self.next_completed(SLICE_S)
        if completed is None:
            return None
        self._context.ledger.requests.settle(task.request_id, completed.reply or Reply(Outcome.UNKNOWN))
        if completed.reply is None:
            self._context.shutdown.begin(ExitReason.ERROR, completed.trouble())
        return completed.reply

    def hear(self, task: Task, reply: Reply) -> None:
        """Count the 429 answers in a row, those in flight at one moment as one; and learn the latency."""
        if reply.outcome is not Outcome.RATE_LIMITED:
            self.pauses = 0
        elif task.booked.stamp >= self._paused_at:
            self.pauses += 1
        if reply.outcome.usable and self._context.settings.in_flight is None:
            insort(self._latencies_s, reply.elapsed_s)
            self.pool.count = in_flight_needed(self._latencies_s, self._rate_limiter.rate)

    def pause_min(self, reply: Reply) -> float:
        """Return for how many minutes a 429 asks to be left alone."""
        return pause_min(reply.retry_after_s, self._clock.minute_s)

    def pause(self, task: Task, minutes: float) -> None:
        """Be slower for the rest of the session: once for all that was in flight at the 429."""
        if task.booked.stamp < self._paused_at:
            return
        self._paused_at = self._clock.monotonic()
        self._rate_limiter.rate = self._rate_limiter.rate.lowered()
        self._context.events.waiting(minutes * self._clock.minute_s, "pause")
