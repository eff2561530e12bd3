"""Doubt: answers without content that come so suddenly, and so many, that EQC may be ill."""

from __future__ import annotations

from eqcbatch.domain.model import Endpoint, Question
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Streaks

EMPTIES_TO_DOUBT = 20  # in a row


class Doubt:
    """What empty answers in a row give reason to doubt; those to details count by themselves, if at all.

    coming: answers that may come before the session's last request is sent. They count as empty ones: none
    would be left to dismiss the doubt by.
    """

    def __init__(self, stretches: Streaks, eqc: Eqc, *, details: bool) -> None:
        self._stretches = stretches
        self._eqc = eqc
        self._details = details

    def arises(self, coming: int = 0) -> bool:
        """Whether there is any, by what was answered so far."""
        return self._about_searches(coming) or self._about_details(coming)

    def latest_found(self, coming: int) -> Question | None:
        """What EQC knew before; whether it still does tells how it is."""
        if self._about_searches(coming):
            return self._stretches.latest_found()
        return self._stretches.latest_found_detail()

    def take_back(self, coming: int = 0) -> int:
        """Let what is in doubt be asked again, archived or not; how many names.

        Killed anywhere, it is still in doubt, and taken back again.
        """
        returned = 0
        if self._about_searches(coming):
            for query in self._stretches.queries_of_empty_stretch():
                self._eqc.supersede(Endpoint.SEARCH, query)
            returned = self._stretches.requeue_empty_stretch()
        if self._about_details(coming):
            for detail in self._stretches.details_of_empty_stretch():
                self._eqc.supersede(detail.endpoint, detail.company_id)
            self._stretches.requeue_empty_details()
        return returned

    def _about_searches(self, coming: int) -> bool:
        return (
            self._stretches.empties_in_a_row() + coming >= EMPTIES_TO_DOUBT
            and self._stretches.mostly_found_before()
        )

    def _about_details(self, coming: int) -> bool:
        return (
            self._details
            and self._stretches.empties_in_a_row(details=True) + coming >= EMPTIES_TO_DOUBT
            and self._stretches.mostly_found_before(details=True)
        )
