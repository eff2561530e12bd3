"""Company details: once no name is pending, findDepart and findLabels are asked of each company, once.

Why: docs/decisions/0023.
"""

from __future__ import annotations

from functools import partial

from eqcbatch.domain.model import Endpoint, PendingDetail, Question, Reply
from eqcbatch.drain.context import Context
from eqcbatch.drain.light_check import LightCheck
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import read_business_info, read_candidates, retry_delays, split_names


class CompanyDetails:
    """The companies of one session, heaviest first."""

    def __init__(self, context: Context, pool: WorkerPool) -> None:
        self._context = context
        self._pool = pool
        self._check = LightCheck(context, pool)
        self._companies = context.ledger.companies
        self._registered_at = -1  # how many names were resolved then
        self._left = 0

    def next_task(self) -> Task | None:
        """Take the next detail that no task asks yet; names on their way, or due again, come first."""
        if self.waiting:
            return None
        self._register()
        asked = self._pool.busy_questions
        for detail in self._companies.next_details(self._context.session_id, limit=1 + len(asked)):
            if (detail.endpoint, detail.company_id) not in asked:
                return self._task(detail) if self._trusted(detail) else self._check.task()
        return None

    def expect(self, details: int) -> None:
        """Hear of details that are due besides those of new companies."""
        self._left += details

    @property
    def waiting(self) -> bool:
        """Whether a name is on its way, or due again, or it is not known yet whether EQC is there."""
        names_first = self._pool.busy_keys or self._context.ledger.names.seconds_to_next_due() == 0
        return bool(names_first) or self._check.on_its_way

    def _trusted(self, detail: PendingDetail) -> bool:
        """Whether a 404 would mean that there is no such company."""
        return (
            self._check.passed or self._context.eqc.archived(detail.endpoint, detail.company_id) is not None
        )

    def _register(self) -> None:
        resolved = self._context.counts.resolved + self._context.counts.second_settled
        if self._registered_at == resolved:
            return
        self._companies.register()
        self._registered_at = resolved
        self._left = self._companies.details_left(self._context.session_id)
        self._context.events.detailing(self._left)

    def _task(self, detail: PendingDetail) -> Task:
        return Task(
            Question(detail.endpoint, detail.company_id, company_id=detail.company_id),
            AnswerHandlers(partial(self._decide, detail), partial(self._fail, detail)),
            delays=retry_delays(self._context.settings.retries),
        )

    def _decide(self, detail: PendingDetail, reply: Reply, request_id: int | None) -> None:
        self._keep_search_answer(detail.company_id)
        former_names = split_names(read_business_info(reply.content).company_former_name)
        self._companies.record_detail(
            detail, reply, tuple(former_names), request_id=request_id, session_id=self._context.session_id
        )
        self._context.counts.details += 1
        self._tell(replayed=request_id is None)

    def _keep_search_answer(self, company_id: str) -> None:
        """Put the search answer that offered the company beside its details, if the archive has it."""
        if not self._companies.lacks_search_answer(company_id):
            return
        for query in self._companies.queries_offering(company_id):
            reply = self._context.eqc.archived(Endpoint.SEARCH, query)
            if reply and any(found.company_id == company_id for found in read_candidates(reply.content)):
                self._companies.keep_search_answer(company_id, query, reply.content)
                return

    def _fail(self, detail: PendingDetail, reply: Reply, request_id: int) -> None:
        self._companies.record_failure(
            detail, reply, request_id=request_id, session_id=self._context.session_id
        )
        self._context.counts.details_failed += 1
        self._tell(replayed=False)

    def _tell(self, *, replayed: bool) -> None:
        self._left = max(0, self._left - 1)
        self._context.events.detailed(self._left, replayed)
