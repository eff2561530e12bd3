"""A held name with what EQC offered for it: what in each candidate agrees, and what contradicts."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review.agreement import distinct, evidence

MOST_OFFERS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate. chosen: whether it is the one that waits for a review."""

    company: Candidate
    chosen: bool
    agrees: str
    contradicts: str


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """A held name, its first offers, and how many more there are."""

    name: Reviewed
    offers: tuple[Offer, ...]
    more: int


def held_entry(name: Reviewed) -> HeldEntry:
    """The chosen candidate first, then the others as EQC ranks them."""
    asked = Asked(name.lookup_key, name.query, name.variants)
    chosen = name.standing.company_id
    offered = sorted(distinct(name.candidates), key=lambda one: one.company_id != chosen)
    shown = offered[:MOST_OFFERS]
    offers = [Offer(one, one.company_id == chosen, *evidence(asked, one)) for one in shown]
    return HeldEntry(name, tuple(offers), len(offered) - len(shown))
