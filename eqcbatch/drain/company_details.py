"""Detailing: once no name is pending, findDepart and findLabels are asked of each company, once."""

from __future__ import annotations

from functools import partial

from eqcbatch.domain.model import Endpoint, Reply
from eqcbatch.drain.context import Workplace
from eqcbatch.drain.worker_pool import Errand, Task
from eqcbatch.eqc import CHECK_KEYWORD, read_business_info, read_candidates, retry_delays, split_names
from eqcbatch.ledger.companies import PendingDetail


class Detailing:
    """The companies of one session, heaviest first."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._companies = place.ledger.companies
        self._registered_at = -1  # how many names were resolved then

    def next_task(self) -> Task | None:
        """Take the next detail that is on no lane yet; names on their way, or due again, come first."""
        if self._place.lanes.busy_keys or self._place.ledger.names.seconds_to_next_due() == 0:
            return None
        self._register()
        asked = self._place.lanes.busy_questions
        for detail in self._companies.next_details(self._place.session_id, limit=1 + len(asked)):
            if (detail.endpoint, detail.company_id) not in asked:
                return self._task(detail) if self._trusted(detail) else self._check()
        return None

    def _trusted(self, detail: PendingDetail) -> bool:
        """Whether a 404 would mean that there is no such company: any other server says 404, too."""
        if self._place.counts.usable:
            return True
        return self._place.eqc.archived(detail.endpoint, detail.company_id) is not None

    def _check(self) -> Task | None:
        """The light question that shows whether EQC is there, unless it is on its way."""
        if (Endpoint.SEARCH_ALL, CHECK_KEYWORD) in self._place.lanes.busy_questions:
            return None
        return Task(
            None,
            Endpoint.SEARCH_ALL,
            CHECK_KEYWORD,
            keep=False,
            errand=Errand(self._settle, self._settle),
            delays=retry_delays(self._place.options.retries),
        )

    def _settle(self, reply: Reply, request_id: int | None) -> None:
        if request_id is not None:
            self._place.ledger.requests.settle(request_id, reply)

    def _register(self) -> None:
        if self._registered_at == self._place.counts.resolved:
            return
        self._companies.register()
        self._registered_at = self._place.counts.resolved
        self._place.observer.detailing(self._companies.details_left(self._place.session_id))

    def _task(self, detail: PendingDetail) -> Task:
        return Task(
            None,
            detail.endpoint,
            detail.company_id,
            company_id=detail.company_id,
            errand=Errand(partial(self._decide, detail), partial(self._fail, detail)),
            delays=retry_delays(self._place.options.retries),
        )

    def _decide(self, detail: PendingDetail, reply: Reply, request_id: int | None) -> None:
        self._keep_search_answer(detail.company_id)
        former_names = split_names(read_business_info(reply.content).company_former_name)
        self._companies.record_detail(
            detail, reply, tuple(former_names), request_id=request_id, session_id=self._place.session_id
        )
        self._place.counts.details += 1
        self._place.flusher.result_came()
        self._tell(replayed=request_id is None)

    def _keep_search_answer(self, company_id: str) -> None:
        """Put the search answer that offered the company beside its details, if the archive has it."""
        if not self._companies.lacks_search_answer(company_id):
            return
        for query in self._companies.queries_offering(company_id):
            reply = self._place.eqc.archived(Endpoint.SEARCH, query)
            if reply and any(found.company_id == company_id for found in read_candidates(reply.content)):
                self._companies.keep_search_answer(company_id, query, reply.content)
                return

    def _fail(self, detail: PendingDetail, reply: Reply, request_id: int) -> None:
        self._companies.record_failure(
            detail, reply, request_id=request_id, session_id=self._place.session_id
        )
        self._place.counts.details_failed += 1
        self._tell(replayed=False)

    def _tell(self, *, replayed: bool) -> None:
        self._place.observer.detailed(self._companies.details_left(self._place.session_id), replayed)
