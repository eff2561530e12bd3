"""The second questions of a session: of names that are held or not found, once nothing is pending.

The heaviest first, each in the ways that `domain.second_query` knows, one after the other and once in the
life of a ledger; a kind that does not pay is not asked any more. What an answer offers is judged together
with what the first one did, against the name as it was written. It decides the name, or leaves it as it is.

Why: docs/decisions/0038.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import Candidate, Endpoint, PendingName, Question, Reply, SecondQuestion, Verdict
from eqcbatch.domain.second_query import pays, second_queries
from eqcbatch.drain.context import Context
from eqcbatch.drain.retry_policy import DUE_SOON_MIN
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import read_candidates, retry_delays
from eqcbatch.ledger.second_questions import Unsettled, Yield

PORTION = 200  # names that are looked up at a time


class SecondSearch:
    """The names of one session that get a second question."""

    def __init__(self, context: Context, pool: WorkerPool) -> None:
        self._context = context
        self._pool = pool
        self._names = context.ledger.names
        self._questions = context.ledger.second_questions
        self._yields = self._questions.yields()
        self._unpaid: set[SecondQuestion] = set()  # that this session has told of
        self._portion: deque[PendingName] = deque()
        self._last: PendingName | None = None
        self._read_at: tuple[int, int] | None = None  # names decided when there were no more

    def next_task(self) -> Task | None:
        """Take the next question; names that are pending, or due soon, come first."""
        due_in_s = self._names.seconds_to_next_due()
        due_soon = due_in_s is not None and due_in_s <= DUE_SOON_MIN * self._context.clock.minute_s
        if due_soon or self._names.next_pending():
            return None
        while name := self._next_name():
            asked = self._questions.of_name(name)
            task = self._task(asked) if asked else None
            if task is None:
                self._portion.popleft()
                continue
            if (Endpoint.SEARCH, task.question.parameter) in self._pool.busy_questions:
                return None  # its answer is as good, once it is there
            self._portion.popleft()
            return task
        return None

    def _next_name(self) -> PendingName | None:
        decided = (self._context.counts.resolved, self._context.counts.failed)
        if not self._portion and self._read_at != decided:
            if self._read_at is not None:
                self._last = None
            self._portion.extend(self._questions.unsettled(self._last, PORTION))
            self._read_at = None if self._portion else decided
            self._last = self._portion[-1] if self._portion else None
        return self._portion[0] if self._portion else None

    def _task(self, asked: Unsettled) -> Task | None:
        """The first question that is still to be asked for a name; None where all are, or none would help."""
        before = self._questions.asked_before(asked.name.lookup_key, self._context.session_id)
        closed = {one.kind for one in before if not one.open}
        queries = {one.query for one in before if one.kind in closed}
        ways = second_queries(asked.name.query, asked.evidence)
        left = [(kind, query) for kind, query in ways if kind not in closed and query not in queries]
        if not left or self._is_settled(asked):
            return None
        way = next(self._paying(left), None)
        if way is None:
            return None
        kind, query = way
        number = self._questions.take(asked.name.lookup_key, kind, query)
        return Task(
            Question(Endpoint.SEARCH, query, second_id=number),
            AnswerHandlers(
                partial(self._decide, asked, kind, number), partial(self._fail, asked.name, number)
            ),
            delays=retry_delays(self._context.settings.retries),
        )

    def _is_settled(self, asked: Unsettled) -> bool:
        """Whether what is known decides the name by today's rules: a rescore would, without a request."""
        verdict = self._verdict(asked)
        return verdict is not None and not verdict.held

    def _paying(self, ways: list[tuple[SecondQuestion, str]]) -> Iterator[tuple[SecondQuestion, str]]:
        for kind, query in ways:
            so_far = self._yields.get(kind, Yield(kind, 0, 0))
            if pays(so_far.requests, so_far.settled):
                yield kind, query
            elif kind not in self._unpaid:
                self._unpaid.add(kind)
                self._context.events.second_question_unpaid(kind, so_far.requests, so_far.settled)

    def _decide(
        self, asked: Unsettled, kind: SecondQuestion, number: int, reply: Reply, request_id: int | None
    ) -> None:
        offered = {one.company_id for one in asked.candidates}
        first_rank = max((one.rank for one in asked.candidates), default=-1) + 1
        found = [one for one in read_candidates(reply.content) if one.company_id not in offered]
        found = [replace(one, rank=first_rank + one.rank, second=kind) for one in found]
        verdict = self._verdict(asked, found)
        settles = verdict if verdict and not verdict.held else None
        settled = self._questions.record_answer(
            number,
            asked,
            reply,
            found,
            settles,
            request_id=request_id,
            session_id=self._context.session_id,
        )
        if request_id is not None:
            so_far = self._yields.get(kind, Yield(kind, 0, 0))
            self._yields[kind] = Yield(kind, so_far.requests + 1, so_far.settled)
        self._count(asked, kind, settled, replayed=request_id is None)

    def _verdict(self, asked: Unsettled, found: list[Candidate] | None = None) -> Verdict | None:
        name, rule = asked.name, self._context.settings.rule
        candidates = [*asked.candidates, *(found or ())]
        return judge(Asked(name.lookup_key, name.query, asked.written), candidates, rule, asked.evidence)

    def _count(self, asked: Unsettled, kind: SecondQuestion, settled: bool, *, replayed: bool) -> None:
        counts = self._context.counts
        counts.second_asked += 1
        if not settled:
            self._portion.appendleft(asked.name)  # for its next kind
        else:
            so_far = self._yields.get(kind, Yield(kind, 0, 0))
            self._yields[kind] = Yield(kind, so_far.requests, so_far.settled + 1)
            counts.second_settled += 1
        self._context.events.second_question_answered(asked.name, settled, replayed)

    def _fail(self, name: PendingName, number: int, reply: Reply, request_id: int) -> None:
        self._questions.record_failure(
            number, reply, request_id=request_id, session_id=self._context.session_id
        )
        self._portion.appendleft(name)
