"""The companies of a simulated world: some appear, and some are renamed, from one month to the next."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from eqcbatch.eqc import LIGHT_QUESTION
from eqcbatch.simulate import GeneratedRegistry, Offer, chance
from eqcbatch.simulate.registry import Company, MatchType, describe

OWNER = describe(LIGHT_QUESTION.parameter)
UNKNOWN, APPEARING, RENAMED = 0.10, 0.08, 0.08  # shares of names


class ChangingRegistry:
    """A registry of which the month decides what it answers. month: which it is."""

    def __init__(self, seed: object) -> None:
        self.month = 0
        self._seed = seed
        self._known = GeneratedRegistry(chance.number(seed), unknown=UNKNOWN, exact=0.4, fuzzy=0.56)
        self._offers = cache(self._known.search)  # which draws them anew each time
        self._renamed: dict[str, Company] = {}

    def search(self, key: str) -> list[Offer]:
        """Offer the companies for a name, best first; the registry's owner is there in any month."""
        if key == OWNER.official_name:
            return [Offer(OWNER, MatchType.EXACT, 100.0)]
        offers = self._offers(key)
        luck = chance.fraction(self._seed, "change", key)
        since = chance.number(self._seed, "month of change", key) % 4
        if luck < APPEARING and self.month < since:
            return []
        if APPEARING <= luck < APPEARING + RENAMED and self.month >= since and offers:
            return [self._after_renaming(offers[0].company), *offers[1:]]
        return offers

    def company(self, company_id: str) -> Company | None:
        """Find a company that was offered before."""
        return self._renamed.get(company_id) or self._known.company(company_id)

    def _after_renaming(self, company: Company) -> Offer:
        name = describe(f"新{company.official_name}").official_name
        renamed = replace(
            company, official_name=name, former_names=(*company.former_names, company.official_name)
        )
        self._renamed[company.company_id] = renamed
        return Offer(renamed, MatchType.FUZZY, 90.0)
