"""Names that are asked again: a round that is due, a wish of the user, a "no match" that has aged."""

from __future__ import annotations

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Endpoint, Reason
from eqcbatch.drain.settings import DrainSettings
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Names

# Of names: a year may leave hundreds of thousands that have aged, and no night waits for all of them.
PORTION = 2_000


def requeue(names: Names, settings: DrainSettings) -> int:
    """Let names be pending again that are due, or that the settings want asked again; return how many."""
    requeued = names.requeue_due() if settings.resume and not settings.audit else 0
    if settings.retry_failed and settings.retry_reason is not Reason.NOT_FOUND:
        requeued += names.requeue_failed(settings.retry_reason)
    return requeued


class UnknownNames:
    """The names that EQC did not know and that this session asks again, the heaviest first."""

    def __init__(self, names: Names, eqc: Eqc, settings: DrainSettings, clock: Clock) -> None:
        self._names = names
        self._eqc = eqc
        wanted = settings.retry_failed and settings.retry_reason is Reason.NOT_FOUND
        age_s = 0.0 if wanted else settings.retry_not_found_after_s
        # What is not found in this session is never older than it.
        self._until = None if age_s is None else clock.utc_in(-age_s)

    def requeue(self) -> int:
        """Let the next portion of them be pending again; return how many, 0 when all are.

        Archived "no matches" are forgotten before their names are pending: killed between the two, the names
        are found here again.
        """
        if self._until is None:
            return 0
        found = self._names.not_found_until(self._until, PORTION)
        if len(found) < PORTION:
            self._until = None
        self._eqc.supersede(Endpoint.SEARCH, *(query for _, query in found))
        self._names.requeue_not_found(*(lookup_key for lookup_key, _ in found))
        return len(found)
