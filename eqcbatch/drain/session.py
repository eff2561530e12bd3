"""One session: the loop that asks EQC what the kinds of work want to know, within limits and pace.

One thread claims, books, decides and writes; requests fly on lanes (one, by default: strictly
sequential) and land in an inbox. Killed anywhere, the ledger says what was in flight, and the archive
what was answered.
"""

from __future__ import annotations

import math
import time
from bisect import insort
from typing import Protocol

from eqcbatch.domain.forecast import in_flight_needed
from eqcbatch.domain.model import ExitReason, Outcome, Reply
from eqcbatch.domain.rate_limit import pause_s
from eqcbatch.drain.company_details import Detailing
from eqcbatch.drain.context import Workplace
from eqcbatch.drain.dispatcher import SLICE_S, Sender
from eqcbatch.drain.doubt import Doubt
from eqcbatch.drain.events import Observer
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.health import Remedies
from eqcbatch.drain.name_search import Naming
from eqcbatch.drain.options import SessionCounts, SessionOptions
from eqcbatch.drain.retry_policy import Situation, Step, next_step, trouble
from eqcbatch.drain.shutdown import Ending
from eqcbatch.drain.worker_pool import Landed, Lanes, Task
from eqcbatch.eqc import Eqc, PaceFile
from eqcbatch.ledger import Ledger

_AWAIT_RETRIES_MIN = 15.0


class Kind(Protocol):
    """A kind of work."""

    def next_task(self) -> Task | None:
        """Take what comes next and is on no lane yet; None for nothing at the moment."""


class Session:
    """A session, to be run once."""

    def __init__(
        self,
        session_id: int,
        ledger: Ledger,
        eqc: Eqc,
        pace: PaceFile,
        flusher: Flusher,
        options: SessionOptions,
        observer: Observer,
        ending: Ending,
        doubt: Doubt,
        *,
        doubtful: bool,
    ) -> None:
        """doubtful: whether it begins with a doubt that it has to dismiss before it asks anything else."""
        self.counts = SessionCounts()
        self._ending = ending
        self._requests = ledger.requests
        self._names = ledger.names
        self._eqc = eqc
        self._pace = pace
        self._flusher = flusher
        self._options = options
        self._observer = observer
        self._latencies_s = ledger.stats.latencies_s() if options.in_flight is None else []
        self._lanes = Lanes(
            options.in_flight or in_flight_needed(self._latencies_s, pace.rate),
            lambda task: eqc.ask(
                task.endpoint, task.parameter, keep=task.keep, sending=lambda: pace.confirm(task.stamp)
            ),
        )
        place = Workplace(session_id, ledger, eqc, self._lanes, options, self.counts, flusher, observer)
        self._kinds: list[Kind] = [Naming(place)]
        if options.details:
            self._kinds.append(Detailing(place))
        self._sender = Sender(
            session_id, ledger.requests, eqc, pace, self._lanes, options.limits, self._ending
        )
        self._remedies = Remedies(
            ledger.streaks, doubt, eqc, self._sender, self._ending, observer, options, self.counts
        )
        self._rejection: Reply | None = None
        self._outage = False
        self._doubt = doubtful or doubt.arises(self._last_answers())
        self._pauses = 0
        self._paused_at = -math.inf
        self._failures = 0

    def run(self) -> None:
        """Go on until the queue is empty or something ends the session."""
        started = time.monotonic()
        try:
            with self._lanes:
                self._loop()
        except KeyboardInterrupt:
            self._ending.end(ExitReason.INTERRUPTED)
        finally:
            self._ending.end(ExitReason.QUEUE_EMPTY)
            spent = self._sender.spent
            self.counts.requests, self.counts.waiting_s = spent.requests, spent.waiting_s
            self.counts.processing_s = time.monotonic() - started - spent.blocked_s

    def _loop(self) -> None:
        try:
            while not self._ending:
                wait_s = self._advance()
                if wait_s is None and not self._lanes.flying:
                    break
                self._listen(SLICE_S if wait_s is None else wait_s)
                self._flusher.flush_if_due()
            self._heal()  # what landed last may say more than the limit that was reached
            if self._failures and not self.counts.usable:
                self._remedies.end_if_never_answered()
        except KeyboardInterrupt:
            self._eqc.abort()
            self._land_all()
            raise

    def _advance(self) -> float | None:
        """Take the next step; seconds until another can be taken, None where only a landing helps."""
        if self._rejection or self._outage or self._doubt:
            self._heal()
            return 0.0
        task = self._next_task()
        if task is None:
            return None if self._lanes.flying else self._await_retries()
        if self._replay(task):
            return 0.0
        wait_s = task.due - time.monotonic()
        return wait_s if wait_s > 0 else self._sender.send(task)

    def _heal(self) -> None:
        """Land all requests, then see to what is wrong with EQC, if anything."""
        self._land_all()
        rejection, outage, doubt = self._rejection, self._outage, self._doubt
        self._rejection, self._outage, self._doubt = None, False, False
        if rejection:
            self._remedies.renew_token(rejection)
        # What landed meanwhile, or answered with the fresh token, may have ended the stretch.
        if outage and not self._ending.trouble and self._remedies.outage():
            self._remedies.sit_out_outage()
        coming = self._last_answers()
        if doubt and not self._ending.trouble and self._remedies.doubt.arises(coming):
            self._remedies.dismiss_doubt(coming)

    def _next_task(self) -> Task | None:
        """The retry that is due first, while no lane is free; else what the first kind of work has to ask."""
        retry = min(self._lanes.waiting, key=lambda task: task.due, default=None)
        if self._lanes.full or (retry and retry.due <= time.monotonic()):
            return retry
        return next(filter(None, (kind.next_task() for kind in self._kinds)), retry)

    def _await_retries(self) -> float | None:
        """With nothing pending, failed names whose next round is near are waited for."""
        due_in_s = self._names.seconds_to_next_due()
        if due_in_s is None or due_in_s > _AWAIT_RETRIES_MIN * self._options.minute_s:
            return None
        if not self.counts.usable and self._failures:
            return None  # EQC has answered nothing yet: whether this is an outage is seen to at the end
        if self._sender.at_limit(due_in_s):
            return 0.0
        if due_in_s > 0:
            self._observer.waiting(due_in_s, "retry")
            return due_in_s
        requeued = self._names.requeue_due()
        self.counts.requeued(requeued)
        self._observer.requeued(requeued)
        return 0.0

    def _replay(self, task: Task) -> bool:
        """Settle a task by an answer that is archived already, if there is one."""
        if task.attempt or task.errand is None:
            return False
        reply = self._eqc.archived(task.endpoint, task.parameter)
        if reply is None:
            return False
        self.counts.replays += 1
        task.errand.decide(reply, None)
        return True

    def _listen(self, wait_s: float) -> None:
        """Wait for a request to land, and take it in."""
        landed = self._sender.listen(wait_s)
        if landed:
            self._take_in(landed)

    def _land_all(self) -> None:
        """Take in what is still in flight; what waits on the other lanes stays to be asked."""
        while self._lanes.flying:
            self._listen(SLICE_S)

    def _take_in(self, landed: Landed) -> None:
        task, reply = landed.task, landed.reply
        if reply is None or task.errand is None:
            self._requests.settle(task.request_id, Reply(Outcome.UNKNOWN))
            if reply is None:
                self._ending.end(ExitReason.ERROR, landed.trouble())
            return
        self._observer.replied(task, reply)
        self._count_pauses(task, reply)
        step = next_step(reply, self._situation(task))
        if step is Step.DECIDE:
            task.errand.decide(reply, task.request_id)
        elif step is Step.FAIL:
            task.errand.fail(reply, task.request_id)
        else:
            self._requests.settle(task.request_id, reply)
            self._send_again(step, task, reply)
        self._note(reply)

    def _last_answers(self) -> int:
        """How many answers may come before no request is left, where they may all be asked for at once."""
        coming = self._sender.left + len(self._lanes.flying)
        return int(coming) if coming <= self._lanes.count else 0

    def _widen_or_narrow(self, elapsed_s: float) -> None:
        """Let as many requests fly as use the rate, now that another latency is known."""
        if self._options.in_flight is None:
            insort(self._latencies_s, elapsed_s)
            self._lanes.count = in_flight_needed(self._latencies_s, self._pace.rate)

    def _situation(self, task: Task) -> Situation:
        return Situation(
            retries_left=self._options.retries - task.failures,
            bare_headers=task.bare_headers,
            pauses=self._pauses,
            stale_token=task.token_generation < self._sender.token_generation,
            minute_s=self._options.minute_s,
        )

    def _send_again(self, step: Step, task: Task, reply: Reply) -> None:
        """Keep the task on its lane for another request, after what the reply asks for."""
        if step is Step.STOP_BLOCKED:
            self._ending.end(ExitReason.BLOCKED, trouble(step, reply))
            return
        if step is Step.RETRY:
            task.failures += 1
            task.due = time.monotonic() + next(task.delays) * self._options.minute_s / 60
        elif step is Step.PAUSE:
            self._pause(task, pause_s(reply.retry_after_s, self._options.minute_s))
        elif step is Step.BARE_HEADERS:
            self._eqc.use_bare_headers()
        elif step is Step.RENEW_TOKEN:
            self._rejection = reply
        self._lanes.waiting.append(task)

    def _count_pauses(self, task: Task, reply: Reply) -> None:
        """Count the 429 answers in a row; those to requests in flight at one moment are one."""
        if reply.outcome is not Outcome.RATE_LIMITED:
            self._pauses = 0
        elif task.stamp >= self._paused_at:
            self._pauses += 1

    def _pause(self, task: Task, seconds: float) -> None:
        """Leave EQC alone, and be slower for the rest of the session: once for all that was in flight."""
        self._pace.pause(seconds)
        if task.stamp < self._paused_at:
            return
        self._paused_at = self._pace.clock()
        self._pace.rate = self._pace.rate.lowered()
        self._observer.waiting(seconds, "pause")

    def _note(self, reply: Reply) -> None:
        """Learn from a reply how EQC is."""
        if reply.outcome.usable:
            self.counts.usable += 1
            self._widen_or_narrow(reply.elapsed_s)
            self._remedies.usable_answer_came()
            empty = reply.outcome is Outcome.NOT_FOUND
            self._doubt = empty and self._remedies.doubt.arises(self._last_answers())
        elif reply.outcome.transient or reply.outcome is Outcome.REFUSED:
            self._failures += 1
            self._remedies.failure_came(reply)
            self._outage = self._remedies.outage()
