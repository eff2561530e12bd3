"""One session: the loop that asks EQC for pending names, heaviest first, within limits and pace.

One thread claims, books, decides and writes; requests fly on lanes (one, by default: strictly
sequential) and land in an inbox. Killed anywhere, the ledger says what was in flight, and the archive
what was answered.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from eqcbatch.drain.ending import Ending
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.lanes import Landed, Lanes, Task
from eqcbatch.drain.limits import Limits
from eqcbatch.drain.observer import Observer
from eqcbatch.drain.remedies import Remedies
from eqcbatch.drain.sender import SLICE_S, Sender
from eqcbatch.drain.steps import Situation, Step, failure, next_step, pause_s, trouble
from eqcbatch.eqc import Eqc, PaceFile, read_candidates, retry_delays
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.work import Harvested
from eqcbatch.matching import Asked, bearers, judge
from eqcbatch.records import Candidate, Endpoint, ExitReason, Outcome, PendingName, Reason, Reply, Verdict
from eqcbatch.settings import ConfidenceRule

_AWAIT_RETRIES_MIN = 15.0


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session drains.

    limits: what it may spend. retries: further attempts for a failed request. in_flight: requests at a
    time. rule: what a match is worth. minute_s: how long a minute takes; less only in time-scaled trials.
    """

    limits: Limits = field(default_factory=Limits)
    retries: int = 2
    in_flight: int = 1
    rule: ConfidenceRule = field(default_factory=ConfidenceRule)
    minute_s: float = 60.0


@dataclass(slots=True)
class SessionCounts:
    """What a session did."""

    requests: int = 0
    replays: int = 0
    resolved: int = 0
    failed: int = 0
    held: int = 0
    waiting_s: float = 0.0
    processing_s: float = 0.0


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
    ) -> None:
        self.counts = SessionCounts()
        self._ending = ending
        self._id = session_id
        self._work = ledger.work
        self._rounds = ledger.rounds
        self._eqc = eqc
        self._pace = pace
        self._flusher = flusher
        self._options = options
        self._observer = observer
        self._lanes = Lanes(
            options.in_flight,
            lambda task, sending: eqc.ask(task.endpoint, task.parameter, keep=task.keep, sending=sending),
        )
        self._sender = Sender(session_id, ledger.work, eqc, pace, self._lanes, options.limits, self._ending)
        self._remedies = Remedies(
            ledger.stretches, eqc, self._sender, self._ending, observer, options.minute_s
        )
        self._rejection: Reply | None = None
        self._outage = False
        self._doubt = self._remedies.doubtful()
        self._pauses = 0
        self._usable = self._failures = 0

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
            self._land_all()
            if not self._usable:
                self._remedies.end_if_never_answered(self._failures)
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
        """See to what is wrong with EQC, once nothing is in flight."""
        self._land_all()
        rejection, outage, doubt = self._rejection, self._outage, self._doubt
        self._rejection, self._outage, self._doubt = None, False, False
        if rejection:
            self._remedies.renew_token(rejection)
        elif outage:
            self._remedies.sit_out_outage()
        elif doubt:
            self._remedies.dismiss_doubt()

    def _next_task(self) -> Task | None:
        """The retry that is due first, while there is no lane for another name; else the heaviest name."""
        retry = min(self._lanes.waiting, key=lambda task: task.due, default=None)
        if self._lanes.full or (retry and retry.due <= time.monotonic()):
            return retry
        asked = self._lanes.busy_queries
        for name in self._work.next_pending(self._lanes.busy_keys, limit=1 + len(asked)):
            if name.query not in asked:
                delays = retry_delays(self._options.retries)
                return Task(name.lookup_key, Endpoint.SEARCH, name.query, name=name, delays=delays)
        return retry

    def _await_retries(self) -> float | None:
        """With nothing pending, failed names whose next round is near are waited for."""
        due_in_s = self._rounds.seconds_to_next_due()
        if due_in_s is None or due_in_s > _AWAIT_RETRIES_MIN * self._options.minute_s:
            return None
        if not self._usable and self._failures:
            return None  # EQC has answered nothing yet: whether this is an outage is seen to at the end
        if self._sender.at_limit(due_in_s):
            return 0.0
        if due_in_s > 0:
            self._observer.waiting(due_in_s, "retry")
            return due_in_s
        self._observer.requeued(self._rounds.requeue_due())
        return 0.0

    def _replay(self, task: Task) -> bool:
        """Decide a name by an answer that is archived already, if there is one."""
        if task.attempt or task.name is None:
            return False
        reply = self._eqc.archived(task.endpoint, task.parameter)
        if reply is None:
            return False
        self.counts.replays += 1
        self._decide(task.name, reply, request_id=None)
        return True

    def _listen(self, wait_s: float) -> None:
        """Wait for a request to land, and take it in."""
        landed = self._sender.listen(wait_s)
        if landed:
            self._take_in(landed)

    def _land_all(self) -> None:
        """Take in what is still in flight; names on the other lanes stay pending."""
        while self._lanes.flying:
            self._listen(SLICE_S)

    def _take_in(self, landed: Landed) -> None:
        task, reply = landed.task, landed.reply
        if reply is None or task.name is None:
            self._work.settle(task.request_id, Reply(Outcome.UNKNOWN))
            if reply is None:
                self._ending.end(ExitReason.ERROR, landed.trouble())
            return
        self._observer.replied(task.name, task.attempt, reply)
        self._pauses = self._pauses + 1 if reply.outcome is Outcome.RATE_LIMITED else 0
        step = next_step(reply, self._situation(task))
        if step is Step.DECIDE:
            self._decide(task.name, reply, request_id=task.request_id)
        elif step is Step.FAIL:
            self._fail(task, task.name, reply)
        else:
            self._work.settle(task.request_id, reply)
            self._send_again(step, task, reply)
        self._note(reply)

    def _situation(self, task: Task) -> Situation:
        return Situation(
            retries_left=self._options.retries - task.failures,
            bare_headers=self._eqc.bare_headers,
            pauses=self._pauses,
            stale_token=task.token_generation < self._sender.token_generation,
            minute_s=self._options.minute_s,
        )

    def _send_again(self, step: Step, task: Task, reply: Reply) -> None:
        """Keep the name on its lane for another request, after what the reply asks for."""
        if step is Step.STOP_BLOCKED:
            self._ending.end(ExitReason.BLOCKED, trouble(step, reply))
            return
        if step is Step.RETRY:
            task.failures += 1
            task.due = time.monotonic() + next(task.delays) * self._options.minute_s / 60
        elif step is Step.PAUSE:
            self._pause(pause_s(reply, self._options.minute_s))
        elif step is Step.BARE_HEADERS:
            self._eqc.use_bare_headers()
        elif step is Step.RENEW_TOKEN:
            self._rejection = reply
        self._lanes.waiting.append(task)

    def _pause(self, seconds: float) -> None:
        """Leave EQC alone, and be slower for the rest of the session."""
        self._pace.pause(seconds)
        self._pace.rate = self._pace.rate.lowered()
        self._observer.waiting(seconds, "pause")

    def _note(self, reply: Reply) -> None:
        """Learn from a reply how EQC is."""
        if reply.outcome.usable:
            self._usable += 1
            self._remedies.usable_answer_came()
            self._doubt = reply.outcome is Outcome.NOT_FOUND and self._remedies.doubtful()
        elif reply.outcome.transient or reply.outcome is Outcome.REFUSED:
            self._failures += 1
            self._outage = self._remedies.outage()

    def _decide(self, name: PendingName, reply: Reply, request_id: int | None) -> None:
        candidates = read_candidates(reply.content)
        asked = Asked(name.lookup_key, name.query, self._work.variants(name.lookup_key))
        verdict = judge(asked, candidates, self._options.rule)
        harvest = self._harvest(name, candidates)
        self._work.record_answer(
            name, reply, candidates, verdict, request_id=request_id, session_id=self._id, harvest=harvest
        )
        self._count(name, verdict, None if verdict else Reason.NOT_FOUND, replayed=request_id is None)
        for found in harvest:
            self._count(found.name, found.verdict, None, replayed=True)

    def _harvest(self, name: PendingName, candidates: Sequence[Candidate]) -> list[Harvested]:
        """The other pending names that this answer decides, none of them on a lane just now."""
        verdicts = bearers(candidates)
        others = self._work.pending_asked_as(verdicts, {name.lookup_key, *self._lanes.busy_keys})
        return [Harvested(other, verdicts[form]) for form, other in others]

    def _fail(self, task: Task, name: PendingName, reply: Reply) -> None:
        reason, retry_in_s = failure(reply, name.attempts, self._options.minute_s)
        self._work.record_failure(name, reason, retry_in_s, request_id=task.request_id, reply=reply)
        self._count(name, None, reason, replayed=False)

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
