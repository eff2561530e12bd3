"""The empty-streak guard: answers without content that come so suddenly, and so many, that EQC may be ill.

Why: docs/decisions/0010.
"""

from __future__ import annotations

from eqcbatch.domain.model import Endpoint, Question
from eqcbatch.drain.health import EMPTIES_TO_DOUBT
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Streaks


class EmptyStreak:
    """The empty answers in a row, as the ledger has them; those to details count by themselves, if at all.

    coming: answers that may come before the session's last request is sent. They count as empty ones: none
    would be left to tell by.
    """

    def __init__(self, streaks: Streaks, eqc: Eqc, *, details: bool) -> None:
        self._streaks = streaks
        self._eqc = eqc
        self._details = details

    def doubtful(self, coming: int = 0) -> bool:
        """Say whether they are to be doubted, by what was answered so far."""
        return self._of_searches(coming) or self._of_details(coming)

    def latest_found(self, coming: int) -> Question | None:
        """Return what EQC found before; whether it still does tells how it is."""
        if self._of_searches(coming):
            return self._streaks.latest_found()
        return self._streaks.latest_found_detail()

    def requeue(self, coming: int = 0) -> int:
        """Let what is to be doubted be asked again, archived or not; how many names.

        Killed anywhere, it is still to be doubted, and requeued again.
        """
        names = 0
        if self._of_searches(coming):
            for query in self._streaks.queries_of_empty_streak():
                self._eqc.supersede(Endpoint.SEARCH, query)
            names = self._streaks.requeue_empty_streak()
        if self._of_details(coming):
            for detail in self._streaks.details_of_empty_streak():
                self._eqc.supersede(detail.endpoint, detail.company_id)
            self._streaks.requeue_empty_details()
        return names

    def _of_searches(self, coming: int) -> bool:
        return (
            self._streaks.empties_in_a_row() + coming >= EMPTIES_TO_DOUBT
            and self._streaks.mostly_found_before()
        )

    def _of_details(self, coming: int) -> bool:
        return (
            self._details
            and self._streaks.empties_in_a_row(details=True) + coming >= EMPTIES_TO_DOUBT
            and self._streaks.mostly_found_before(details=True)
        )
