"""Reverification: with what a night has left, EQC is asked again of companies, the oldest word first.

By the id (findDepart) first; of a company that is gone by its name as well, for whoever bears it now. An
archived answer that is young enough is as good as asking: so a killed session asks nothing twice.

Why: docs/decisions/0034.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from eqcbatch.domain.company_today import KnownCompany, reverify, to_be_searched
from eqcbatch.domain.model import Endpoint, Outcome, Question, Reply
from eqcbatch.domain.model.companies import CompanyFacts
from eqcbatch.drain.company_details import CompanyDetails
from eqcbatch.drain.context import Context
from eqcbatch.drain.light_check import LightCheck
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import read_business_info, read_candidates, retry_delays, split_names

PORTION = 200  # companies that are looked up at a time
Decide = Callable[[Reply, int | None], None]


class Reverification:
    """The companies of one session, the oldest first. age_s: how old EQC's last word on them is at least."""

    def __init__(self, context: Context, pool: WorkerPool, age_s: float) -> None:
        self._context = context
        self._pool = pool
        self._check = LightCheck(context, pool)
        self._reverified = context.ledger.reverified
        self._until = context.clock.utc_in(-age_s)  # what is found in this session is never older
        self._due: deque[str] = deque()
        self._exhausted = False  # what is due becomes fewer only
        self._taken: set[str] = set()  # each once a session, whatever comes of it or happens to the clock
        self._searches: deque[Task] = deque()
        self._left: int | None = None

    def next_task(self) -> Task | None:
        """Take the next question; names on their way, or due again, come first."""
        if self._pool.busy_keys or self._context.ledger.names.seconds_to_next_due() == 0:
            return None
        if self._searches:
            return self._searches.popleft()
        company_id = self._oldest()
        if company_id is None or (Endpoint.FIND_DEPART, company_id) in self._pool.busy_questions:
            return None  # the answer that a detail brings is as good
        if not (self._check.passed or self._young(Endpoint.FIND_DEPART, company_id)):
            return self._check.task()
        self._due.popleft()
        self._taken.add(company_id)
        known = self._reverified.known(company_id)
        return self._ask(known, Endpoint.FIND_DEPART, company_id, partial(self._hear_by_id, known))

    def _oldest(self) -> str | None:
        if not (self._due or self._exhausted):
            self._due.extend(self._reverified.due(self._until, PORTION, self._taken))
            self._exhausted = not self._due
        if self._left is None:
            self._left = self._reverified.count_due(self._until)
            self._context.events.reverifying(self._left)
        return self._due[0] if self._due else None

    def _young(self, endpoint: Endpoint, parameter: str) -> bool:
        """Whether the archive has an answer that is as good as another one."""
        reply = self._context.eqc.archived(endpoint, parameter)
        return reply is not None and (reply.archived_at or "") > self._until

    def _ask(self, known: KnownCompany, endpoint: Endpoint, parameter: str, decide: Decide) -> Task:
        """Ask anew, unless the archive has a young answer: an old one stays until another one comes."""
        return Task(
            Question(endpoint, parameter, company_id=known.company_id),
            AnswerHandlers(decide, self._fail),
            since=self._until,
            delays=retry_delays(self._context.settings.retries),
        )

    def _hear_by_id(self, known: KnownCompany, reply: Reply, request_id: int | None) -> None:
        if not to_be_searched(known, _facts(reply)):
            self._decide(known, reply, None, request_id)
            return
        self._context.ledger.requests.settle_or_replay(request_id, reply, self._context.session_id)
        search = partial(self._decide, known, reply)
        self._searches.append(self._ask(known, Endpoint.SEARCH, known.name, search))

    def _decide(
        self, known: KnownCompany, by_id: Reply, by_name: Reply | None, request_id: int | None
    ) -> None:
        facts = _facts(by_id)
        former_names = tuple(split_names(facts.company_former_name)) if facts else ()
        offered = read_candidates(by_name.content) if by_name else []
        namesake = self._reverified.namesake(known, facts.company_full_name if facts else None)
        found = reverify(known, facts, former_names, offered, namesake)
        self._reverified.record(
            known, found, by_id, by_name, request_id=request_id, session_id=self._context.session_id
        )
        counts = self._context.counts
        counts.reverified[found.finding] = counts.reverified.get(found.finding, 0) + 1
        self._tell(replayed=request_id is None)

    def _fail(self, reply: Reply, request_id: int) -> None:
        self._context.ledger.requests.settle(request_id, reply)
        self._context.counts.reverify_failed += 1
        self._tell(replayed=False)

    def _tell(self, *, replayed: bool) -> None:
        self._left = max(0, (self._left or 0) - 1)
        self._context.events.reverified(self._left, replayed)


class AgedLabels:
    """What findLabels said of companies so long ago, asked again; findDepart is asked in a reverification."""

    def __init__(self, context: Context, details: CompanyDetails, age_s: float) -> None:
        self._context = context
        self._details = details
        self._until: str | None = context.clock.utc_in(-age_s)

    def next_task(self) -> Task | None:
        """Let the labels of the oldest companies be due, where no other detail is, and take the first.

        Archived answers are forgotten before: killed between the two, the companies are found here again.
        """
        if self._until is None or self._details.waiting:
            return None
        companies = self._context.ledger.companies
        found = companies.labels_until(self._until, PORTION)
        if len(found) < PORTION:
            self._until = None
        self._context.eqc.supersede(Endpoint.FIND_LABELS, *found)
        companies.requeue_labels(found)
        self._details.expect(len(found))
        return self._details.next_task()


def _facts(reply: Reply) -> CompanyFacts | None:
    """What EQC says of the company; None where it has none."""
    return read_business_info(reply.content) if reply.outcome is Outcome.ANSWERED else None
