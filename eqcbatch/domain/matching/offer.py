"""What EQC offers for a name, as a verdict looks at it: each company once, its name read when it matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from eqcbatch.domain.matching.anatomy import Anatomy, take_form_apart
from eqcbatch.domain.matching.divisions import divisions
from eqcbatch.domain.model import Candidate, Held, Verdict, VerdictRule
from eqcbatch.domain.names import written_form

_ACTIVE = ("存续", "在业", "开业", "在营")


class Offer:
    """A candidate. form: its name in written form."""

    def __init__(self, company: Candidate) -> None:
        self.company = company
        self.form = written_form(company.official_name or "")

    @cached_property
    def name(self) -> Anatomy:
        """Its name taken apart; where that states no place, with the division that registered the company.

        Signs 3 to 8 of a unite_code are that division's (GB 32100).
        """
        name, code = take_form_apart(self.form), (self.company.unite_code or "")[2:8]
        known = not name.places and divisions().is_province(code)
        return replace(name, code=code) if known else name


@dataclass(frozen=True, slots=True)
class Contenders:
    """Who may be meant by a name that means several.

    borne_out: those that nothing contradicts. rivals: those that the name does not bear out, and that keep
    it from meaning one of these. most: what the name lets each be worth at most. per_type: of that of its
    match type. common: whether a name of its kind is borne everywhere, so that a place tells too little.
    """

    borne_out: tuple[Offer, ...]
    rivals: tuple[Offer, ...] = ()
    most: float = 1.0
    per_type: float = 1.0
    common: bool = False


def offers_of(candidates: Sequence[Candidate]) -> list[Offer]:
    """One offer a company, the best-ranked."""
    best = {found.company_id: found for found in reversed(candidates)}
    return [Offer(found) for found in reversed(best.values())]


def one_of(namesakes: Iterable[Offer], confidence: float, how: VerdictRule) -> Verdict:
    """The verdict on companies of one name: the active one; then, if none is gone, that with a unite_code."""
    companies = [offer.company for offer in namesakes]
    companies = [one for one in companies if is_active(one)] or companies
    if not any(one.registered_status and not is_active(one) for one in companies):
        companies = [one for one in companies if one.unite_code] or companies
    if len(companies) > 1:
        return ambiguous(companies[0], confidence)
    return Verdict(companies[0], confidence, how)


def ambiguous(company: Candidate, confidence: float) -> Verdict:
    """The verdict where another company than this one may be meant as well."""
    return Verdict(company, confidence, VerdictRule.AMBIGUOUS, Held.AMBIGUOUS)


def is_active(company: Candidate) -> bool:
    """Whether a company is at work, as far as EQC says."""
    return (company.registered_status or "").startswith(_ACTIVE)
