"""The sample of an audit: rows of the index are asked by their names, and what EQC says of each is noted."""

from __future__ import annotations

from functools import partial

from eqcbatch.domain.index_audit import judge_answer
from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Endpoint, PendingName, PendingSample, Question, Reason, Reply, RowAnswer
from eqcbatch.drain.context import Context
from eqcbatch.drain.retry_policy import failure
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import read_candidates, retry_delays


class IndexSample:
    """The rows of one session, in the order in which they were drawn. No name of the ledger is decided."""

    def __init__(self, context: Context, pool: WorkerPool) -> None:
        self._context = context
        self._pool = pool
        self._audits = context.ledger.audits

    def next_task(self) -> Task | None:
        """Take the next row whose question no task asks yet."""
        asked = self._pool.busy_questions
        for sample in self._audits.next_samples(self._context.session_id, limit=1 + len(asked)):
            if (Endpoint.SEARCH, sample.query) not in asked:
                return self._task(sample)
        return None

    def _task(self, sample: PendingSample) -> Task:
        return Task(
            Question(Endpoint.SEARCH, sample.query, sample_id=sample.id),
            AnswerHandlers(partial(self._decide, sample), partial(self._fail, sample)),
            delays=retry_delays(self._context.settings.retries),
        )

    def _decide(self, sample: PendingSample, reply: Reply, request_id: int | None) -> None:
        context = self._context
        asked = Asked(sample.name, sample.query, context.ledger.names.variants(sample.name))
        answered = judge_answer(
            asked,
            sample.company_id,
            read_candidates(reply.content),
            context.settings.rule,
            contradicted=sample.contradicted,
        )
        self._audits.record_answer(
            sample, reply, answered, request_id=request_id, session_id=context.session_id
        )
        context.counts.resolved += answered.answer is not RowAnswer.NOT_FOUND
        context.counts.failed += answered.answer is RowAnswer.NOT_FOUND
        context.counts.held += answered.answer is RowAnswer.HELD
        reason = None if answered.verdict else Reason.NOT_FOUND
        context.events.decided(_named(sample), answered.verdict, reason, request_id is None)

    def _fail(self, sample: PendingSample, reply: Reply, request_id: int) -> None:
        self._audits.record_failure(sample, reply, request_id=request_id, session_id=self._context.session_id)
        self._context.counts.failed += 1
        reason, _ = failure(reply, sample.attempts)
        self._context.events.decided(_named(sample), None, reason, False)


def _named(sample: PendingSample) -> PendingName:
    """The row as whoever watches is told of it."""
    return PendingName(sample.name, sample.query, sample.attempts, rows=0, weight=0.0)
