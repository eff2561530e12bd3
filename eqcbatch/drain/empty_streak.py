"""The empty-answer guard: answers without content that come so suddenly, or so often, that EQC may be ill.

Why: docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Callable

from eqcbatch.domain.model import Endpoint
from eqcbatch.drain.canary import Canary, canary, detail_canary
from eqcbatch.drain.doubt import AMONG_THEM, IN_A_ROW, LATEST, Doubt, Searches, doubt
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Streaks


class EmptyStreak:
    """The empty answers of late, as the ledger has them; those to details count by themselves, if at all.

    official_name: as of `canary`. session_id: the session that is asked about; None before there is one.
    coming: answers that may come before the session's last request is sent. They count as empty ones: none
    would be left to tell by.
    """

    def __init__(
        self,
        streaks: Streaks,
        eqc: Eqc,
        official_name: Callable[[], str | None] = lambda: None,
        *,
        details: bool,
        session_id: int | None = None,
    ) -> None:
        self._streaks = streaks
        self._eqc = eqc
        self._official_name = official_name
        self._details = details
        self._session_id = session_id

    def doubt(self, coming: int = 0, *, ended: bool = False) -> Doubt:
        """Say whether and how they are to be doubted. ended: whether the session has nothing left to ask."""
        found = self._of_searches(coming, ended=ended)
        return Doubt.IN_A_ROW if found is Doubt.NONE and self._of_details(coming) else found

    def canary(self, coming: int, *, ended: bool = False) -> Canary | None:
        """Return what EQC is known to have; whether it finds that tells how it is."""
        if self._of_searches(coming, ended=ended) is not Doubt.NONE:
            return canary(self._streaks, self._official_name)
        return detail_canary(self._streaks)

    def requeue(self, coming: int = 0, *, ended: bool = False) -> int:
        """Let what is to be doubted be asked again, archived or not; how many names.

        Killed anywhere, it is still to be doubted, and requeued again.
        """
        names, found = 0, self._of_searches(coming, ended=ended)
        if found is not Doubt.NONE:
            after = self._first_among() - 1 if found is Doubt.AMONG_OTHERS else None
            for query in self._streaks.queries_of_empties(after):
                self._eqc.supersede(Endpoint.SEARCH, query)
            self._eqc.supersede(Endpoint.FIND_DEPART, *self._streaks.companies_of_empties(after))
            names = self._streaks.requeue_empties(after)
        if self._of_details(coming):
            for detail in self._streaks.details_of_empty_streak():
                self._eqc.supersede(detail.endpoint, detail.company_id)
            self._streaks.requeue_empty_details()
        return names

    def _of_searches(self, coming: int, *, ended: bool) -> Doubt:
        return doubt(self._searches(coming, ended=ended))

    def _searches(self, coming: int, *, ended: bool) -> Searches:
        """How searches came back. With none empty of late nothing else is looked up."""
        streaks, latest = self._streaks, self._streaks.latest_searches(LATEST)
        empties = [search for search in latest if search.empty and search.about]
        in_a_row = streaks.empties_in_a_row()
        if not empties and not in_a_row:
            return Searches()
        first = empties[-1].request_id if empties else 0
        many = len(empties) >= AMONG_THEM  # else nobody asks what was before: it takes reading thousands
        searches_before, empties_before = streaks.searches_before(first) if many else (0, 0)
        ever_found = streaks.ever_found()
        # Before a session there is none to find anything: only what was never found is doubted for that.
        found, proven = (ever_found, True) if self._session_id is None else streaks.found_in(self._session_id)
        return Searches(
            in_a_row + coming if in_a_row else 0,
            in_a_row + coming >= IN_A_ROW and streaks.mostly_found_before(),
            ever_found,
            found,
            proven,
            ended,
            len({search.about for search in empties}),
            sum(
                not search.empty and search.about is not None and search.request_id > first
                for search in latest
            ),
            searches_before,
            empties_before,
        )

    def _first_among(self) -> int:
        """The first of the empties among the latest searches."""
        latest = self._streaks.latest_searches(LATEST)
        return min(search.request_id for search in latest if search.empty and search.about)

    def _of_details(self, coming: int) -> bool:
        return (
            self._details
            and self._streaks.empties_in_a_row(details=True) + coming >= IN_A_ROW
            and self._streaks.mostly_found_before(details=True)
        )
