"""Naming: pending names are asked of EQC, heaviest first, and decided by what it offers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from eqcbatch.domain.matching import Asked, bearers, judge, states_several_places
from eqcbatch.domain.model import Candidate, Endpoint, PendingName, Reason, Reply, Verdict
from eqcbatch.drain.context import Workplace
from eqcbatch.drain.retry_policy import failure
from eqcbatch.drain.worker_pool import Errand, Task
from eqcbatch.eqc import read_candidates, retry_delays
from eqcbatch.ledger.names import Harvested


class Naming:
    """The names of one session."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._names = place.ledger.names

    def next_task(self) -> Task | None:
        """Take the heaviest pending name whose query is on no lane yet."""
        asked = self._place.lanes.busy_questions
        for name in self._names.next_pending(self._place.lanes.busy_keys, limit=1 + len(asked)):
            if (Endpoint.SEARCH, name.query) not in asked:
                return self._task(name)
        return None

    def _task(self, name: PendingName) -> Task:
        return Task(
            name.lookup_key,
            Endpoint.SEARCH,
            name.query,
            errand=Errand(partial(self._decide, name), partial(self._fail, name)),
            delays=retry_delays(self._place.options.retries),
        )

    def _decide(self, name: PendingName, reply: Reply, request_id: int | None) -> None:
        candidates = read_candidates(reply.content)
        verdict = judge(self._asked(name), candidates, self._place.options.rule)
        harvest = self._harvest(name, candidates)
        self._names.record_answer(
            name,
            reply,
            candidates,
            verdict,
            request_id=request_id,
            session_id=self._place.session_id,
            harvest=harvest,
        )
        self._count(name, verdict, None if verdict else Reason.NOT_FOUND, replayed=request_id is None)
        for found in harvest:
            self._count(found.name, found.verdict, None, replayed=True)

    def _harvest(self, name: PendingName, candidates: Sequence[Candidate]) -> list[Harvested]:
        """The other pending names that this answer decides, none of them on a lane just now."""
        verdicts = bearers(candidates)
        others = self._names.pending_asked_as(verdicts, {name.lookup_key, *self._place.lanes.busy_keys})
        return [
            Harvested(other, verdicts[form])
            for form, other in others
            if not states_several_places(self._asked(other))
        ]

    def _asked(self, name: PendingName) -> Asked:
        return Asked(name.lookup_key, name.query, self._names.variants(name.lookup_key))

    def _fail(self, name: PendingName, reply: Reply, request_id: int) -> None:
        reason, retry_in_s = failure(reply, name.attempts, self._place.options.minute_s)
        self._names.record_failure(name, reason, retry_in_s, request_id=request_id, reply=reply)
        self._count(name, None, reason, replayed=False)

    def _count(
        self, name: PendingName, verdict: Verdict | None, reason: Reason | None, replayed: bool
    ) -> None:
        if verdict is None:
            self._place.counts.failed += 1
        else:
            self._place.counts.resolved += 1
            self._place.counts.held += verdict.held is not None
            self._place.flusher.result_came()
        self._place.observer.decided(name, verdict, reason, replayed)
