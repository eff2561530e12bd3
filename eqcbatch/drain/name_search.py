"""The name search: pending names are asked of EQC, heaviest first, and decided by what it offers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from eqcbatch.domain.matching import Asked, bearers, judge, states_several_bodies
from eqcbatch.domain.model import Candidate, Endpoint, PendingName, Question, Reason, Reply, Verdict
from eqcbatch.drain.context import Context
from eqcbatch.drain.requeue import UnknownNames
from eqcbatch.drain.retry_policy import failure
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import read_candidates, retry_delays
from eqcbatch.ledger.names import Harvested


class NameSearch:
    """The names of one session."""

    def __init__(self, context: Context, pool: WorkerPool, unknown: UnknownNames) -> None:
        self._context = context
        self._pool = pool
        self._unknown = unknown
        self._names = context.ledger.names

    def next_task(self) -> Task | None:
        """Take the heaviest pending name whose query no task asks yet."""
        task = self._heaviest()
        if task is None and (requeued := self._unknown.requeue()):
            self._context.counts.requeued(requeued)
            self._context.events.requeued(requeued)
            task = self._heaviest()
        return task

    def _heaviest(self) -> Task | None:
        asked = self._pool.busy_questions
        for name in self._names.next_pending(self._pool.busy_keys, limit=1 + len(asked)):
            if (Endpoint.SEARCH, name.query) not in asked:
                return self._task(name)
        return None

    def _task(self, name: PendingName) -> Task:
        return Task(
            Question(Endpoint.SEARCH, name.query, name.lookup_key),
            AnswerHandlers(partial(self._decide, name), partial(self._fail, name)),
            delays=retry_delays(self._context.settings.retries),
        )

    def _decide(self, name: PendingName, reply: Reply, request_id: int | None) -> None:
        candidates = read_candidates(reply.content)
        evidence = self._names.evidence(name.lookup_key)
        verdict = judge(self._asked(name), candidates, self._context.settings.rule, evidence)
        harvest = self._harvest(name, candidates)
        self._names.record_answer(
            name,
            reply,
            candidates,
            verdict,
            request_id=request_id,
            session_id=self._context.session_id,
            harvest=harvest,
        )
        self._count(name, verdict, None if verdict else Reason.NOT_FOUND, replayed=request_id is None)
        for found in harvest:
            self._count(found.name, found.verdict, None, replayed=True)

    def _harvest(self, name: PendingName, candidates: Sequence[Candidate]) -> list[Harvested]:
        """The other pending names that this answer decides, none of them asked just now."""
        verdicts = bearers(candidates)
        others = self._names.pending_asked_as(verdicts, {name.lookup_key, *self._pool.busy_keys})
        return [
            Harvested(other, verdicts[form])
            for form, other in others
            if not states_several_bodies(self._asked(other))
        ]

    def _asked(self, name: PendingName) -> Asked:
        return Asked(name.lookup_key, name.query, self._names.variants(name.lookup_key))

    def _fail(self, name: PendingName, reply: Reply, request_id: int) -> None:
        reason, retry_in_min = failure(reply, name.attempts)
        retry_in_s = None if retry_in_min is None else retry_in_min * self._context.clock.minute_s
        self._names.record_failure(name, reason, retry_in_s, request_id=request_id, reply=reply)
        self._count(name, None, reason, replayed=False)

    def _count(
        self, name: PendingName, verdict: Verdict | None, reason: Reason | None, replayed: bool
    ) -> None:
        if verdict is None:
            self._context.counts.failed += 1
        else:
            self._context.counts.resolved += 1
            self._context.counts.held += verdict.held is not None
        self._context.events.decided(name, verdict, reason, replayed)
