"""The light check: whether it is EQC that answers, before a 404 may say that there is no such company."""

from __future__ import annotations

from eqcbatch.domain.model import Reply
from eqcbatch.drain.context import Context
from eqcbatch.drain.worker_pool import AnswerHandlers, Task, WorkerPool
from eqcbatch.eqc import LIGHT_QUESTION, retry_delays


class LightCheck:
    """Whether a session may believe a 404: any other server says so, too."""

    def __init__(self, context: Context, pool: WorkerPool) -> None:
        self._context = context
        self._pool = pool

    @property
    def passed(self) -> bool:
        """Whether EQC gave a usable answer in this session."""
        return bool(self._context.counts.usable)

    @property
    def on_its_way(self) -> bool:
        """Whether the light question is asked just now, whoever asks it."""
        return (LIGHT_QUESTION.endpoint, LIGHT_QUESTION.parameter) in self._pool.busy_questions

    def task(self) -> Task | None:
        """The light question that shows whether EQC is there, unless it is on its way."""
        if self.on_its_way:
            return None
        return Task(
            LIGHT_QUESTION,
            AnswerHandlers(self._settle, self._settle),
            keep=False,
            delays=retry_delays(self._context.settings.retries),
        )

    def _settle(self, reply: Reply, request_id: int | None) -> None:
        if request_id is not None:
            self._context.ledger.requests.settle(request_id, reply)
